"""The form that sets up a week: a role, where it is, and a row for each day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Any, Final

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
    GovTextInput,
)
from wtforms import BooleanField, Field, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation

from app.opportunities.rules import MOST_PLACES
from app.rota.rules.begin import Opening
from app.volunteers.vocabulary import WEEKDAYS
from app.web.forms import Clock, Day, Form, WholeNumber, choices, needed

LONGEST: Final = (
    ("", "As long as it is open"),
    ("4", "4 hours"),
    ("3", "3 hours"),
    ("2", "2 hours"),
)
MOST_DAYS: Final = 3 * 366


class BeginForm(Form):
    """What a group needs to say once; each day has the fields that are added below."""

    title = StringField(
        "What is the role called?",
        description="For example “Library desk helper” or “Food sorting”.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Give the role a name, like “Library desk helper”."),
            Length(max=120, message="The name can be 120 letters long at most."),
        ],
    )
    summary = StringField(
        "In one sentence, what will people do?",
        widget=GovTextInput(),
        validators=[
            DataRequired("Say in one sentence what people will do."),
            Length(max=200, message="The sentence can be 200 letters long at most."),
        ],
    )
    site_id = SelectField(
        "Where is it?",
        coerce=int,
        widget=GovSelect(),
        validators=[InputRequired("Choose where it is.")],
    )
    minimum_age = RadioField(
        "Who can take part?",
        coerce=int,
        choices=choices([(18, "Adults only"), (16, "16 and over, with a guardian’s consent")]),
        default=18,
        widget=GovRadioInput(),
    )
    longest = RadioField(
        "How long is one shift at most?",
        description="A longer day is cut into shifts of the same length.",
        choices=choices(LONGEST),
        default="4",
        widget=GovRadioInput(),
    )
    first_day = Day("From", validators=[needed("Give the first date.")])
    last_day = Day(
        "Until", description="You can go on later", validators=[needed("Give the last date.")]
    )

    def days(self) -> Iterator[tuple[str, Field, Field, Field, Field, Field]]:
        """Of each weekday: its name, whether it runs, from, to, people, at least."""
        for weekday, name in enumerate(WEEKDAYS):
            fields = (self[f"{part}_{weekday}"] for part in PARTS)
            yield name, *fields

    def validate_last_day(self, field: Any) -> None:
        first = self.first_day.data
        if field.data is None or first is None:
            return
        if field.data < first:
            raise StopValidation("The last date must not be before the first.")
        if (field.data - first).days > MOST_DAYS:
            raise StopValidation("Choose a date within three years.")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Also that a day that runs opens before it closes, and at least one day runs."""
        super().validate(*args, **kwargs)
        runs = False
        for name, is_open, opens, closes, people, least in self.days():
            if not is_open.data:
                # What a closed day says does not matter.
                for field in (opens, closes, people, least):
                    field.errors = []
                continue
            runs = True
            if opens.data is None and not opens.errors:
                opens.errors = [f"{name}: say when it opens."]
            if closes.data is None and not closes.errors:
                closes.errors = [f"{name}: say when it closes."]
            elif opens.data is not None and opens.data == closes.data:
                closes.errors = [f"{name}: it must close after it opens."]
            if not people.errors and not least.errors and least.data > people.data:
                least.errors = [f"{name}: no more than the people there."]
        if not runs:
            self["open_0"].errors = ["Choose at least one day on which it runs."]
        return not any(field.errors for field in self)

    def openings(self) -> tuple[Opening, ...]:
        """The days that run, once the form is valid."""
        return tuple(
            Opening(
                weekday=weekday,
                opens=opens.data,
                closes=closes.data,
                people=people.data,
                at_least=least.data,
            )
            for weekday, (_, is_open, opens, closes, people, least) in enumerate(self.days())
            if is_open.data
        )


PARTS: Final = ("open", "from", "to", "people", "least")
# What most small libraries and food banks would type: open on working days and Saturday morning.
_USUAL_CLOSE: Final = {5: time(13)}


def _add_day(weekday: int, name: str) -> None:
    fields = {
        "open": BooleanField(name, default=weekday < 6, widget=GovCheckboxInput()),
        "from": Clock(
            "From",
            default=time(10),
            validators=[Optional()],
        ),
        "to": Clock(
            "To",
            default=_USUAL_CLOSE.get(weekday, time(17)),
            validators=[Optional()],
        ),
        "people": WholeNumber(
            "People", f"{name}: give a number from 1 to {MOST_PLACES}.", 1, MOST_PLACES, default=2
        ),
        "least": WholeNumber(
            "At least", f"{name}: give a number from 0.", 0, MOST_PLACES, default=1
        ),
    }
    for part, field in fields.items():
        setattr(BeginForm, f"{part}_{weekday}", field)


for _weekday, _name in enumerate(WEEKDAYS):
    _add_day(_weekday, _name)
