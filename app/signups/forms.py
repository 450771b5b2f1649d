"""The forms of taking, leaving and managing places."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovTextArea, GovTextInput
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.web.forms import Form

_LONGEST = Length(max=300, message="This can be 300 letters long at most.")


class ClaimForm(Form):
    """Only the button: that the person means it."""


class WithdrawForm(Form):
    reason = StringField(
        "Would you like to say why? (optional)",
        description="The group’s managers can read it.",
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
