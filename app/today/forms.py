"""The forms of the board and of the tablet."""

from __future__ import annotations

from flask_babel import lazy_gettext
from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovRadioInput, GovTextInput
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Length

from app.volunteers.vocabulary import AgeBand
from app.web.forms import Form, choices


class PressForm(Form):
    """Only a button."""


class KnownForm(Form):
    """The button beside a name of the list: the number of the volunteer."""

    volunteer_id = HiddenField()


class NewcomerForm(Form):
    """Somebody at the door whom the group does not know yet."""

    name = StringField(
        "Their full name", widget=GovTextInput(), validators=[DataRequired("Enter their name.")]
    )
    phone = StringField(
        "Their mobile number",
        description="To reach them in an emergency. They get no texts unless they say yes to it.",
        widget=GovTextInput(),
        validators=[DataRequired("Enter their mobile number.")],
    )
    age_band = RadioField(
        "How old are they?",
        widget=GovRadioInput(),
        choices=choices(
            (band.value, band.label) for band in (AgeBand.ADULT, AgeBand.FROM_16, AgeBand.UNDER_16)
        ),
        validators=[DataRequired("Say how old they are.")],
    )


class NotComingForm(Form):
    reason = StringField(
        "What did they say? (optional)",
        description="The group’s managers can read it.",
        widget=GovTextInput(),
        validators=[Length(max=300, message="This can be 300 letters long at most.")],
    )


class DeviceForm(Form):
    name = StringField(
        "What do you call this tablet?",
        description="For example: Front desk",
        widget=GovTextInput(),
        validators=[
            DataRequired("Give the tablet a name."),
            Length(max=60, message="Use 60 letters or fewer."),
        ],
    )


class NewPinForm(Form):
    pin = PasswordField(
        "New PIN",
        description="Six digits or more. Not a birthday, not 123456.",
        widget=GovPasswordInput(),
        validators=[DataRequired("Enter a PIN.")],
    )


class PairForm(Form):
    code = StringField(
        "The code from the manager’s screen",
        widget=GovTextInput(),
        validators=[DataRequired("Enter the code.")],
    )


class PinForm(Form):
    pin = PasswordField(
        "PIN", widget=GovPasswordInput(), validators=[DataRequired("Enter the PIN.")]
    )


class NameForm(Form):
    name = StringField(
        lazy_gettext("Your first and last name"),
        widget=GovTextInput(),
        validators=[
            DataRequired(lazy_gettext("Enter your name.")),
            Length(max=100, message=lazy_gettext("Use 100 letters or fewer.")),
        ],
    )


class DigitsForm(Form):
    digits = StringField(
        lazy_gettext("The last four digits of your mobile number"),
        widget=GovTextInput(),
        validators=[DataRequired(lazy_gettext("Enter four digits."))],
    )
