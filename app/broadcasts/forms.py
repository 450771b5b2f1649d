"""The forms of the three steps to an urgent request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length

from app.broadcasts.models import Broadcast, Pace
from app.broadcasts.on_the_spot import Hurried
from app.broadcasts.queries.drafts import Search
from app.foundation import clock
from app.foundation.places import miles_to_metres
from app.groups.models import GroupKind
from app.matching.queries import Advice
from app.opportunities.rules import MOST_PLACES
from app.signups.rules import Exclusion
from app.volunteers.vocabulary import Activity, Skill
from app.web.forms import Bits, Clock, Day, Form, WholeNumber, choices, needed, row_number

ANY: Final = ""
_MILES: Final = ("1", "2", "3", "5", "8", "12")
_DAYS: Final = ((1, "the last day"), (3, "the last 3 days"), (7, "the last 7 days"))


class ChooseForm(Form):
    """Which shifts need people, and the search for them, in one form so that ticks are kept."""

    words = StringField("Group, role or place", widget=GovTextInput())
    kind = SelectField(
        "Kind of group",
        choices=choices([(ANY, "Every kind"), *((kind.value, kind.label) for kind in GroupKind)]),
        default=ANY,
        widget=GovSelect(),
    )
    day = Day("Day")
    shifts = SelectMultipleField("Shifts", coerce=row_number, validate_choice=False)

    def search(self) -> Search:
        """What is searched for; a day that cannot be read narrows nothing."""
        return Search(
            words=(self.words.data or "").strip(), kind=self.kind.data or "", day=self.day.data
        )


def _soon() -> datetime:
    """The next whole hour but one, on the clocks of the county."""
    from_now = clock.now() + timedelta(hours=2)
    here = from_now.astimezone(ZoneInfo(current_app.config["TIMEZONE"]))
    return here.replace(minute=0, second=0, microsecond=0)


class SpotForm(Form):
    """A shift made on the spot; seven answers are enough."""

    title = StringField(
        "What is the role called?",
        description="For example “Food parcel driver”.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Give the role a name, like “Food parcel driver”."),
            Length(max=120, message="The name can be 120 letters long at most."),
        ],
    )
    summary = StringField(
        "In one sentence, what will people do? (optional)",
        widget=GovTextInput(),
        validators=[Length(max=200, message="The sentence can be 200 letters long at most.")],
    )
    site_id = SelectField(
        "Which group, and where?",
        widget=GovSelect(),
        validators=[InputRequired("Choose the group and where it is.")],
    )
    activity = Bits("What kind of help is it? (optional)", Activity)
    needs_skills = Bits("What must people be able to do? (optional)", Skill)
    day = Day("Date", validators=[needed("Give a date.")])
    starts = Clock("Starts at", validators=[needed("Say when it starts.")])
    ends = Clock("Ends at", validators=[needed("Say when it ends.")])
    places = WholeNumber(
        "How many people?", f"Give a number from 1 to {MOST_PLACES}.", 1, MOST_PLACES, default=3
    )
    minimum = WholeNumber(
        "How many at least, to be safe?",
        "Give a number, no more than the places.",
        0,
        MOST_PLACES,
        default=1,
    )

    @staticmethod
    def beginning() -> dict[str, Any]:
        """What the form proposes: two hours, beginning within two hours from now."""
        start = _soon()
        return {
            "day": start.date(),
            "starts": start.time(),
            "ends": (start + timedelta(hours=2)).time(),
        }

    def hurried(self) -> Hurried:
        """What the service takes, once the form is valid."""
        return Hurried(
            site_id=int(self.site_id.data),
            title=(self.title.data or "").strip(),
            summary=(self.summary.data or "").strip(),
            activity=self.activity.data,
            needs_skills=self.needs_skills.data,
            day=self.day.data,
            starts=self.starts.data,
            ends=self.ends.data,
            places=self.places.data or 0,
            minimum=self.minimum.data or 0,
        )


class AudienceForm(Form):
    """What narrows the audience, beside what each person and role say."""

    within = SelectField(
        "How far away at most?",
        choices=choices(
            [
                (ANY, "As far as each travels"),
                *((miles, f"Within {miles} mile{'' if miles == '1' else 's'}") for miles in _MILES),
            ]
        ),
        widget=GovSelect(),
    )
    not_asked_days = SelectField(
        "Leave out who was asked in",
        choices=choices([("0", "Leave nobody out"), *((days, words) for days, words in _DAYS)]),
        widget=GovSelect(),
    )
    group_kinds = SelectMultipleField(
        "Only people who help these kinds of group",
        description="Choose none to ask people of every kind.",
        choices=choices((kind.value, kind.label) for kind in GroupKind),
        widget=GovCheckboxesInput(),
    )
    also_needs = Bits("They must also be able to do", Skill)

    def narrows(self) -> bool:
        """Whether one of the folded choices is made or wrong."""
        return bool(
            self.group_kinds.data
            or self.also_needs.data
            or self.group_kinds.errors
            or self.also_needs.errors
        )

    def adjustments(self) -> dict[str, Any]:
        """What the service takes, once the form is valid."""
        return {
            "within_metres": miles_to_metres(int(self.within.data)) if self.within.data else None,
            "also_needs": self.also_needs.data,
            "group_kinds": self.group_kinds.data or [],
            "not_asked_days": int(self.not_asked_days.data or 0),
        }

    @staticmethod
    def values_of(broadcast: Broadcast) -> dict[str, Any]:
        """A draft's row as this form's values."""
        in_metres = {miles_to_metres(int(miles)): miles for miles in _MILES}
        return {
            "within": in_metres.get(broadcast.within_metres or 0, ANY),
            "not_asked_days": str(broadcast.not_asked_days),
            "group_kinds": broadcast.group_kinds,
            "also_needs": broadcast.also_needs,
        }


class MessageForm(Form):
    """The words, the pace, and the emergency that lets them out at night."""

    text = TextAreaField("The text", widget=GovTextArea())
    pace = RadioField(
        "How should people be asked?",
        choices=choices(
            [
                (Pace.WAVES.value, "A few at a time, the nearest and likeliest first"),
                (Pace.EVERYONE.value, "Everyone at once"),
            ]
        ),
        default=Pace.WAVES.value,
        widget=GovRadioInput(),
        validators=[InputRequired("Choose how people are asked.")],
    )
    emergency_reason = StringField(
        "Is it an emergency? Say what it is (optional)",
        description=(
            "An emergency also goes out at night, and to people who have been asked as often "
            "as they like. Leave this empty for everything else."
        ),
        widget=GovTextInput(),
        validators=[Length(max=200, message="Say it in 200 letters at most.")],
    )

    def worded(self) -> dict[str, Any]:
        """What the service takes, valid or not."""
        pace = self.pace.data
        return {
            "text": (self.text.data or "").replace("\r\n", "\n"),
            "pace": Pace(pace) if pace in set(Pace) else Pace.WAVES,
            "emergency_reason": self.emergency_reason.data or "",
        }


class WidenForm(Form):
    """What a coordinator sets aside while a request runs; the choices are those that help."""

    aside = SelectMultipleField(
        "What may be set aside?",
        description="Choose all that you want. It counts for this request only.",
        widget=GovCheckboxesInput(),
    )

    def offer(self, found: Sequence[Advice]) -> None:
        """Let these changes be chosen, each with how many more would fit by it alone."""
        self.aside.choices = choices((_widening(advice), advice.sentence) for advice in found)

    def widenings(self) -> dict[str, Any]:
        """What the service takes, once the form is valid."""
        chosen = [value.partition(":") for value in self.aside.data or []]
        metres = [int(more) for _, _, more in chosen if more]
        return {
            "aside": {Exclusion(reason) for reason, _, _ in chosen},
            "within_metres": max(metres, default=None),
        }


def _widening(advice: Advice) -> str:
    if advice.within_metres is None:
        return advice.reason.value
    return f"{advice.reason.value}:{advice.within_metres}"
