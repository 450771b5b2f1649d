"""The forms of duties, and of how many of each a shift has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovRadioInput, GovTextInput
from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from app.foundation.errors import Refusal
from app.opportunities.models import Duty
from app.opportunities.rules import MOST_PLACES
from app.opportunities.slots import DutyDetails, Numbers
from app.volunteers.vocabulary import Language, Skill, Training
from app.web.forms import Bits, Form, WholeNumber, choices, show_refusal

NEEDS: Final = ("needs_skills", "needs_training", "needs_languages")


class DutyForm(Form):
    """What some of a shift's people do, and what it takes."""

    name = StringField(
        "What is it called?",
        description="One or two words, like “Driver”, “Sorter” or “In charge”.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Give it a name, like “Driver”."),
            Length(max=60, message="The name can be 60 letters long at most."),
        ],
    )
    in_charge = BooleanField(
        "This person is in charge of the shift",
        description="Whoever is in charge is always 18 or over.",
        widget=GovCheckboxInput(),
    )
    minimum_age = RadioField(
        "How old must they be?",
        coerce=int,
        choices=choices(
            [(0, "As for the whole role"), (16, "16 or over"), (18, "18 or over")],
        ),
        default=0,
        widget=GovRadioInput(),
        validators=[InputRequired("Choose how old they must be.")],
    )
    needs_skills = Bits("Skills that they must have", Skill)
    needs_training = Bits("Training that they must have done", Training)
    needs_languages = Bits("Languages that they must speak", Language)

    def details(self) -> DutyDetails:
        """What the service takes."""
        return DutyDetails(
            name=(self.name.data or "").strip(),
            in_charge=bool(self.in_charge.data),
            needs_skills=self.needs_skills.data,
            needs_languages=self.needs_languages.data,
            needs_training=self.needs_training.data,
            minimum_age=self.minimum_age.data,
        )

    @property
    def asks_more(self) -> bool:
        """Whether something in the folded part of the form is said or wrong."""
        return any(self[name].data or self[name].errors for name in NEEDS)


class TeamForm(Form):
    """How many of each duty; made by `team_form` with two boxes for each of them."""

    duties: tuple[Duty, ...] = ()
    # The row's version when the page was made, so that two managers lose nothing.
    version = IntegerField(widget=HiddenInput())
    minimum = WholeNumber(
        "How many people at least, of all together?",
        "Give a number, no more than the places in all.",
        0,
        MOST_PLACES,
        description="With fewer the shift does not run. You are warned.",
        default=1,
    )

    def look_again(self, version: int) -> None:
        """Take the row as it is by now: saving once more is meant."""
        self.version.data, self.version.raw_data = version, None

    def boxes(self) -> list[tuple[Duty, Any, Any]]:
        """Each duty with its two boxes: how many, and how many at least."""
        return [(duty, self[f"places_{duty.id}"], self[f"least_{duty.id}"]) for duty in self.duties]

    def team(self) -> dict[int, Numbers]:
        """What was chosen: the duties that have places."""
        return {
            duty.id: Numbers(places.data, least.data)
            for duty, places, least in self.boxes()
            if places.data
        }

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        if not super().validate(*args, **kwargs):
            return False
        for duty, places, least in self.boxes():
            if (least.data or 0) > (places.data or 0):
                sentence = f"{duty.name}: the least number cannot be more than the places."
                show_refusal(self, Refusal(sentence, least.name))
        in_all = sum(numbers.places for numbers in self.team().values())
        if in_all and (self.minimum.data or 0) > in_all:
            sentence = f"There are {in_all} places in all: it cannot need more."
            show_refusal(self, Refusal(sentence, "minimum"))
        return not self.errors


def team_form(
    duties: Iterable[Duty], team: Mapping[int, Numbers], minimum: int, version: int
) -> TeamForm:
    """A form with what the team is now."""
    duties = tuple(duties)
    nothing = Numbers(0, 0)
    fields: dict[str, Any] = {"duties": duties}
    values: dict[str, Any] = {"minimum": minimum, "version": version}
    for duty in duties:
        now = team.get(duty.id, nothing)
        fields[f"places_{duty.id}"] = WholeNumber(
            f"{duty.name}: how many?", f"{duty.name}: give a number from 0.", 0, MOST_PLACES
        )
        fields[f"least_{duty.id}"] = WholeNumber(
            f"{duty.name}: at least", f"{duty.name}: give a number from 0.", 0, MOST_PLACES
        )
        values |= {f"places_{duty.id}": now.places, f"least_{duty.id}": now.minimum}
    form: TeamForm = type("ThisTeam", (TeamForm,), fields)(data=values)
    return form
