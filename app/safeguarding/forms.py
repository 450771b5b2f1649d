"""The forms of safety."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovRadioInput, GovTextInput
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.safeguarding.models import Digest
from app.safeguarding.rules.alarms import ALONE_HOURS, FEWEST_HOURS, MOST_HOURS
from app.volunteers.models import TickedBy
from app.web.forms import Form, WholeNumber, choices


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
