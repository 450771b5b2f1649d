"""The forms of an opportunity's times: one shift, and times that repeat."""

from __future__ import annotations

from datetime import date, time
from typing import Any, Final, TypedDict

from govuk_frontend_wtf.wtforms_widgets import (
    GovRadioInput,
    GovTextArea,
)
from wtforms import (
    RadioField,
    TextAreaField,
)
from wtforms.validators import (
    InputRequired,
    Length,
    Optional,
    StopValidation,
)

from app.foundation import clock
from app.foundation.errors import Refusal
from app.opportunities.models import Weekday
from app.opportunities.rules import MOST_PLACES, Repeat
from app.opportunities.rules.repeating import Rule
from app.web.dates import parse_date
from app.web.forms import Bits, Clock, Day, Form, WholeNumber, choices, needed


class People(TypedDict):
    """How many a shift has room for, and how many it takes at least."""

    places: int
    minimum: int


class _Numbers(Form):
    starts = Clock("Starts at", default=time(10), validators=[needed("Say when it starts.")])
    ends = Clock(
        "Ends at",
        description="Earlier than the start: next day",
        default=time(12),
        validators=[needed("Say when it ends.")],
    )
    places = WholeNumber(
        "How many people?", f"Give a number from 1 to {MOST_PLACES}.", 1, MOST_PLACES, default=2
    )
    minimum = WholeNumber(
        "How many at least?",
        "Give a number, no more than the places.",
        0,
        MOST_PLACES,
        description="You are warned if there are fewer",
        default=1,
    )

    def validate_ends(self, field: Any) -> None:
        if field.data is not None and field.data == self.starts.data:
            raise StopValidation("The end must be after the start.")

    def people(self) -> People:
        """The two numbers, once the form is valid."""
        return People(places=self.places.data or 0, minimum=self.minimum.data or 0)


class ShiftForm(_Numbers):
    """One time."""

    day = Day("Date", validators=[needed("Give a date.")])

    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in ("day", "starts", "ends", "places", "minimum")}


# How often, and what it is in a rule: every n-th week, or the n-th in a month.
OFTEN: Final = {
    "week": ("Every week", 1, None),
    "fortnight": ("Every second week", 2, None),
    "first": ("Once a month: the first", 1, 1),
    "second": ("Once a month: the second", 1, 2),
    "third": ("Once a month: the third", 1, 3),
    "fourth": ("Once a month: the fourth", 1, 4),
    "last": ("Once a month: the last", 1, -1),
}


class PatternForm(_Numbers):
    """Times that repeat, until a date or until the manager says."""

    every = RadioField(
        "How often?",
        description="With Tuesday ticked, “the first” is the first Tuesday of each month.",
        choices=choices([(name, label) for name, (label, _, _) in OFTEN.items()]),
        default="week",
        widget=GovRadioInput(),
        validators=[InputRequired("Say how often.")],
    )
    weekdays = Bits("On which days?", Weekday)
    first_day = Day("From", validators=[needed("Give the first date.")])
    last_day = Day("Until", description="Leave it empty to go on until you say")
    holidays = RadioField(
        "On bank holidays",
        choices=choices([("closed", "Closed"), ("open", "Open as usual")]),
        default="closed",
        widget=GovRadioInput(),
        validators=[InputRequired("Say what happens on bank holidays.")],
    )
    skipped = TextAreaField(
        "Dates to leave out (optional)",
        description="One on each line, like 25 December. For days when only this does not happen.",
        widget=GovTextArea(),
        validators=[
            Optional(),
            Length(max=2000, message="This can be 2,000 letters long at most."),
        ],
    )

    def validate_weekdays(self, field: Any) -> None:
        if not field.data:
            raise StopValidation("Choose at least one day.")

    def validate_last_day(self, field: Any) -> None:
        first = self.first_day.data
        if field.errors:  # there is something, and it is no date
            raise StopValidation
        if field.data is None or first is None:
            return
        if field.data < first:
            raise StopValidation("The last date must not be before the first.")
        if (field.data - first).days > 3 * 366:
            raise StopValidation("Choose a date within three years.")

    def validate_first_day(self, field: Any) -> None:
        if field.data and (clock.now().date() - field.data).days > 366:
            raise StopValidation("Choose a first date from today on.")

    def validate_skipped(self, field: Any) -> None:
        try:
            self.skipped_days()
        except Refusal as refusal:
            raise StopValidation(refusal.sentence) from None

    def skipped_days(self) -> list[date]:
        """The dates that were typed, one on each line. Raises `Refusal` for one unreadable."""
        begin = self.first_day.data or clock.now().date()
        days = []
        for line in (self.skipped.data or "").replace(";", "\n").splitlines():
            if not line.strip():
                continue
            try:
                days.append(parse_date(line, begin))
            except Refusal:
                raise Refusal(
                    f"“{line.strip()[:40]}” is not a date that we can read.", "skipped"
                ) from None
        return days

    def repeat(self) -> Repeat:
        """What was asked for, once the form is valid."""
        return Repeat(
            rule=self.rule(),
            starts=self.starts.data,
            ends=self.ends.data,
            first_day=self.first_day.data,
            last_day=self.last_day.data,
            skipped=self.skipped_days(),
            works_on_holidays=self.holidays.data == "open",
        )

    def rule(self) -> str:
        """The days and how often, as an RRULE's value."""
        _, every, ordinal = OFTEN[self.every.data]
        weekdays = tuple(day for day in range(7) if int(self.weekdays.data) >> day & 1)
        return Rule(weekdays, every, ordinal).written()
