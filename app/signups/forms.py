"""The forms of taking, leaving and managing places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask_babel import lazy_gettext
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea, GovTextInput
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.signups.models import Names
from app.volunteers.forms import NewcomerForm
from app.volunteers.vocabulary import Language, Skill
from app.web.forms import Bits, Form, choices

ANY_DUTY: Final = 0

_LONGEST = Length(max=300, message=lazy_gettext("This can be 300 letters long at most."))


class ClaimForm(Form):
    """The button, and where a shift's places are split among duties, which one is wanted."""

    slot_id = RadioField(
        lazy_gettext("What would you like to do?"),
        coerce=int,
        choices=[],
        default=ANY_DUTY,
        widget=GovRadioInput(),
        validate_choice=False,
    )

    def offer(self, duties: Iterable[tuple[int, str]]) -> None:
        """Give the duties to choose from; none, and there is no question."""
        offered = list(duties)
        if not offered:
            del self.slot_id
            return
        self.slot_id.choices = choices(
            [*offered, (ANY_DUTY, lazy_gettext("I do not mind: where I am needed most"))]
        )
        self.slot_id.validate_choice = True

    @property
    def wanted(self) -> int | None:
        """The slot that was chosen; None where any will do."""
        return (self.slot_id.data or None) if self.slot_id else None


class FirstPlaceForm(NewcomerForm, ClaimForm):
    """Who a newcomer is, and what they would do: all on one page.

    Of skills and languages only those that the shift needs are asked.
    """

    skills = Bits(lazy_gettext("Can you do this?"), Skill)
    languages = Bits(lazy_gettext("Which of these do you speak?"), Language)

    def ask_for(self, skills: Skill, languages: Language) -> None:
        """Offer only these; what else was sent is not taken."""
        self.skills.offer(skills)
        self.languages.offer(languages)


class WithdrawForm(Form):
    reason = StringField(
        lazy_gettext("Would you like to say why? (optional)"),
        description=lazy_gettext("The group’s managers can read it."),
        widget=GovTextInput(),
        validators=[_LONGEST],
    )


class DeclineForm(Form):
    reason = StringField(
        "Why? (optional)",
        description="The person is told kindly, with these words.",
        widget=GovTextInput(),
        validators=[_LONGEST],
    )


class CancelForm(Form):
    reason = TextAreaField(
        "Why is it cancelled?",
        description="Everyone who signed up is told, with these words. Keep it short.",
        widget=GovTextArea(),
        validators=[DataRequired("Say why: everyone who signed up is told."), _LONGEST],
    )


class AddForm(Form):
    """Only the button beside a name: the number of the volunteer."""

    volunteer_id = HiddenField()


class CalendarForm(Form):
    """A new calendar address for a group's manager."""

    site = RadioField("Which shifts?", widget=GovRadioInput(), default="")
    names = RadioField(
        "Who comes: what may it tell?",
        description="Think of who else can look at your calendar.",
        widget=GovRadioInput(),
        choices=choices((kind.value, kind.label) for kind in Names),
        default=Names.FIRST.value,
    )


class OverlapForm(Form):
    reason = StringField(
        "Why is it all right?",
        description="For example “Only looks in from next door”. The other managers see it.",
        widget=GovTextInput(),
        validators=[DataRequired("Say why it is all right. The other managers see it."), _LONGEST],
    )


class ExcuseForm(Form):
    reason = StringField(
        "Why was it all right?",
        description="The other managers see it. Nobody is written to.",
        widget=GovTextInput(),
        validators=[DataRequired("Say why it was all right."), _LONGEST],
    )
