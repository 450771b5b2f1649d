"""The search of a visitor; its choices live in the address, so that it can be shared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import lazy_gettext
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovSelect, GovTextInput
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import Length

from app.foundation import clock
from app.foundation.places import Place, miles_to_metres
from app.groups.models import GroupKind
from app.opportunities.rules import times_mask
from app.opportunities.search import Wish
from app.volunteers.vocabulary import WEEKDAYS, Activity, DayPart, Skill
from app.web.forms import Form, choices

_PARTS: Final = {
    DayPart.MORNING: lazy_gettext("Morning"),
    DayPart.AFTERNOON: lazy_gettext("Afternoon"),
    DayPart.EVENING: lazy_gettext("Evening"),
}

DISTANCES: Final = {
    "1": lazy_gettext("1 mile"),
    "3": lazy_gettext("3 miles"),
    "5": lazy_gettext("5 miles"),
    "10": lazy_gettext("10 miles"),
    "20": lazy_gettext("20 miles"),
    "": lazy_gettext("Any distance"),
}
WHENS: Final = {
    "": lazy_gettext("Any time"),
    "soon": lazy_gettext("Today or tomorrow"),
    "week": lazy_gettext("The next 7 days"),
}


class SearchForm(Form):
    """What a visitor looks for; read from the address, so that a search can be shared."""

    class Meta:
        csrf = False

    near = StringField(
        lazy_gettext("A town, a village or a postcode"),
        widget=GovTextInput(),
        validators=[Length(max=60, message=lazy_gettext("Enter a town or a postcode."))],
    )
    miles = SelectField(
        lazy_gettext("Within"),
        choices=choices(DISTANCES.items()),
        default="5",
        widget=GovSelect(),
    )
    when = SelectField(
        lazy_gettext("When"), choices=choices(WHENS.items()), default="", widget=GovSelect()
    )
    kind = SelectField(
        lazy_gettext("Kind of group"),
        choices=choices(
            [
                ("", lazy_gettext("Any kind")),
                *((kind.value, lazy_gettext(kind.label)) for kind in GroupKind),
            ]
        ),
        widget=GovSelect(),
        default="",
    )
    activity = SelectField(
        lazy_gettext("Kind of help"),
        choices=choices(
            [
                ("", lazy_gettext("Any help")),
                *((value, lazy_gettext(label)) for value, label in Activity.choices()),
            ]
        ),
        widget=GovSelect(),
        default="",
    )
    skill = SelectField(
        lazy_gettext("Uses the skill"),
        choices=choices(
            [
                ("", lazy_gettext("Any skill")),
                *((value, lazy_gettext(label)) for value, label in Skill.choices()),
            ]
        ),
        widget=GovSelect(),
        default="",
    )
    day = SelectMultipleField(
        lazy_gettext("Days"),
        coerce=int,
        choices=choices((number, lazy_gettext(name)) for number, name in enumerate(WEEKDAYS)),
        widget=GovCheckboxesInput(),
    )
    part = SelectMultipleField(
        lazy_gettext("Time of day"),
        coerce=int,
        choices=choices((part.value, _PARTS[part]) for part in DayPart),
        widget=GovCheckboxesInput(),
    )
    under_18 = SelectMultipleField(
        lazy_gettext("Age"),
        choices=choices([("1", lazy_gettext("Under 18 welcome"))]),
        widget=GovCheckboxesInput(),
    )
    at_once = SelectMultipleField(
        lazy_gettext("Getting a place"),
        choices=choices([("1", lazy_gettext("Begin at once"))]),
        widget=GovCheckboxesInput(),
    )
    sort = SelectField(
        lazy_gettext("Show first"),
        choices=choices(
            [("", lazy_gettext("The nearest")), ("soonest", lazy_gettext("The soonest"))]
        ),
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
            before=_until(said("when")),
            kind=GroupKind(kind) if kind else None,
            activity=Activity(int(said("activity") or 0)),
            skill=Skill(int(said("skill") or 0)),
            times=times_mask(days, parts) if days or parts else 0,
            under_18=bool(said("under_18")),
            at_once=bool(said("at_once")),
            soonest_first=said("sort") == "soonest",
        )

    def chosen(self) -> Iterator[tuple[str, str, str]]:
        """(field, value, words) for each choice that narrows the search, the place aside."""
        for name in ("when", "activity", "kind", "skill", "day", "part", "under_18", "at_once"):
            field = self[name]
            said = field.data if isinstance(field.data, list) else [field.data]
            words = {choice.value: str(choice.label) for choice in field.choices}
            for value in dict.fromkeys(str(one) for one in said if one not in ("", None)):
                if value in words and not field.errors:
                    yield name, value, words[value]


def _until(when: str | None) -> datetime | None:
    """The moment before which a shift must begin, by the site's own calendar."""
    if when == "week":
        return clock.now() + timedelta(days=7)
    if when == "soon":
        zone = current_app.config["TIMEZONE"]
        after = clock.today(zone) + timedelta(days=2)
        return datetime.combine(after, time(), ZoneInfo(zone))
    return None
