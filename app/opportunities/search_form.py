"""The search of a visitor; its choices live in the address, so that it can be shared."""

from __future__ import annotations

from typing import Any, Final

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovSelect, GovTextInput
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import Length

from app.foundation.places import Place, miles_to_metres
from app.groups.models import GroupKind
from app.opportunities.rules import times_mask
from app.opportunities.search import Wish
from app.volunteers.vocabulary import WEEKDAYS, Activity, DayPart, Skill
from app.web.forms import Form, choices

DISTANCES: Final = ("1", "3", "5", "10", "20")


class SearchForm(Form):
    """What a visitor looks for; read from the address, so that a search can be shared."""

    class Meta:
        csrf = False

    near = StringField(
        "Near",
        description="A town, a village or a postcode",
        widget=GovTextInput(),
        validators=[Length(max=60, message="Enter a town or a postcode.")],
    )
    miles = SelectField(
        "Within",
        choices=choices(
            [
                *((n, f"{n} mile" if n == "1" else f"{n} miles") for n in DISTANCES),
                ("", "Any distance"),
            ]
        ),
        default="5",
        widget=GovSelect(),
    )
    kind = SelectField(
        "Kind of group",
        choices=choices([("", "Any kind"), *((kind.value, kind.label) for kind in GroupKind)]),
        widget=GovSelect(),
        default="",
    )
    activity = SelectField(
        "Kind of help",
        choices=choices([("", "Any help"), *Activity.choices()]),
        widget=GovSelect(),
        default="",
    )
    skill = SelectField(
        "Uses the skill",
        choices=choices([("", "Any skill"), *Skill.choices()]),
        widget=GovSelect(),
        default="",
    )
    day = SelectMultipleField(
        "Days",
        coerce=int,
        choices=choices(enumerate(WEEKDAYS)),
        widget=GovCheckboxesInput(),
    )
    part = SelectMultipleField(
        "Time of day",
        coerce=int,
        choices=choices((part.value, part.label.capitalize()) for part in DayPart),
        widget=GovCheckboxesInput(),
    )
    under_18 = SelectMultipleField(
        "Age", choices=choices([("1", "Under 18 welcome")]), widget=GovCheckboxesInput()
    )
    sort = SelectField(
        "Show first",
        choices=choices([("", "The nearest"), ("soonest", "The soonest")]),
        widget=GovSelect(),
        default="",
    )

    def wish(self, near: Place | None) -> Wish:
        """What to search for. A choice that is not on our lists narrows nothing."""
        self.validate()

        def said(name: str) -> Any:
            return None if self[name].errors else self[name].data or None

        miles, kind = said("miles"), said("kind")
        days, parts = said("day") or (), said("part") or ()
        return Wish(
            near=near,
            metres=miles_to_metres(float(miles)) if near and miles else 0,
            kind=GroupKind(kind) if kind else None,
            activity=Activity(int(said("activity") or 0)),
            skill=Skill(int(said("skill") or 0)),
            times=times_mask(days, parts) if days or parts else 0,
            under_18=bool(said("under_18")),
            soonest_first=said("sort") == "soonest",
        )

    def is_narrowed(self) -> bool:
        """Whether the folded part of the search holds a choice."""
        folded = ("kind", "skill", "day", "part", "under_18", "sort")
        return any(self[name].data for name in folded)
