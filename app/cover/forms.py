"""The forms of cover."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput
from wtforms import RadioField

from app.cover.rules import (
    LONGEST_WAIT_MINUTES,
    MOST_HOURS,
    MOST_PEOPLE,
    Reach,
    Setting,
    Start,
)
from app.web.forms import Form, WholeNumber, choices


class AskForm(Form):
    """How many are asked, and whom."""

    most_people = WholeNumber(
        "How many people do we ask at most?",
        f"Give a number from 1 to {MOST_PEOPLE}.",
        1,
        MOST_PEOPLE,
        description="A few at a time, the best first. It ends by itself when the place is taken.",
    )
    reach = RadioField(
        "Whom do we ask?",
        choices=choices([(one.value, one.words) for one in Reach]),
        widget=GovRadioInput(),
    )


class RuleForm(Form):
    """What happens by itself."""

    start = RadioField(
        "Do we ask for cover by ourselves?",
        choices=choices([(one.value, one.words) for one in Start]),
        widget=GovRadioInput(),
    )
    within_hours = WholeNumber(
        "Only for shifts that begin within so many hours",
        f"Give a number of hours from 1 to {MOST_HOURS}.",
        1,
        MOST_HOURS,
    )
    most_people = WholeNumber(
        "How many people do we ask at most?",
        f"Give a number from 1 to {MOST_PEOPLE}.",
        1,
        MOST_PEOPLE,
    )
    wait_minutes = WholeNumber(
        "How many minutes do you have to stop it first?",
        f"Give a number of minutes from 0 to {LONGEST_WAIT_MINUTES}.",
        0,
        LONGEST_WAIT_MINUTES,
        description="You get an email, and a text if you allow texts in your profile. "
        "0 asks at once. "
        "Close to the shift we ask at once, too.",
    )
    reach = RadioField(
        "Whom do we ask?",
        choices=choices([(one.value, one.words) for one in Reach]),
        widget=GovRadioInput(),
    )

    def setting(self) -> Setting:
        """What was said, once the form is valid."""
        return Setting(
            start=Start(self.start.data),
            within_hours=self.within_hours.data or 0,
            most_people=self.most_people.data or 0,
            wait_minutes=self.wait_minutes.data or 0,
            reach=Reach(self.reach.data),
        )
