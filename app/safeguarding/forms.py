"""The forms of safety."""

from __future__ import annotations

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovRadioInput,
    GovTextInput,
)
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.safeguarding.models import Digest, Verdict
from app.safeguarding.rules.alarms import ALONE_HOURS, FEWEST_HOURS, MOST_HOURS
from app.volunteers.models import TickedBy
from app.web.forms import Day, Form, WholeNumber, choices


class StepForm(Form):
    """One step of the induction."""

    name = StringField(
        "What is to be done?",
        description="For example “Fire exits and alarm shown” or “Read our house rules”.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Say what is to be done, like “Fire exits shown”."),
            Length(max=120, message="Use 120 letters or fewer."),
        ],
    )
    ticked_by = RadioField(
        "Who ticks it?",
        choices=choices((each.value, each.label) for each in TickedBy),
        default=TickedBy.MANAGER.value,
        widget=GovRadioInput(),
        validators=[InputRequired("Choose who ticks it.")],
    )
    needed_first = BooleanField(
        "It must be done before the first shift", default=True, widget=GovCheckboxInput()
    )


class SettingsForm(Form):
    """When the group is warned."""

    alone_hours = WholeNumber(
        "How many hours before a shift do we warn you that too few people are coming?",
        f"Give a number of hours from {FEWEST_HOURS} to {MOST_HOURS}.",
        FEWEST_HOURS,
        MOST_HOURS,
        description="When somebody leaves and two become one, we tell you at once.",
        default=ALONE_HOURS,
    )
    digest = RadioField(
        "How often do we email you what falls due?",
        description="Checks and training that run out, and people who need your decision.",
        choices=choices((each.value, each.label) for each in Digest),
        default=Digest.WEEKLY.value,
        widget=GovRadioInput(),
        validators=[InputRequired("Choose how often.")],
    )


class DecisionForm(Form):
    """Keep somebody, with a reason and until when, or let them go kindly."""

    shifts = SelectMultipleField(
        "Which shifts is it about?",
        widget=GovCheckboxesInput(),
        validators=[InputRequired("Choose at least one shift.")],
    )
    verdict = RadioField(
        "What do you decide?",
        choices=[],
        widget=GovRadioInput(),
        validators=[InputRequired("Choose what you decide.")],
    )
    words = StringField(
        "Why?",
        widget=GovTextInput(),
        validators=[Length(max=300, message="This can be 300 letters long at most.")],
    )
    until = Day("If they stay: until which day?")

    def offer(self, shifts: list[Any], *, chosen: list[str], may_keep: bool, kindly: str) -> None:
        """Give the shifts and the decisions to choose from; `kindly` is told if nothing else is."""
        stays = "If they stay, this is kept with your name. " if may_keep else ""
        self.words.description = (
            f"{stays}If you let them go, we tell them this. Leave it empty, and we say: “{kindly}.”"
        )
        self.shifts.choices = shifts
        if not self.is_submitted():
            self.shifts.data = chosen
        keep = [(Verdict.KEEP.value, "They stay, for now")] if may_keep else []
        self.verdict.choices = choices(
            [*keep, (Verdict.RELEASE.value, "Let them go, and tell them kindly")]
        )
