"""The forms of signing in, of one's own account, and of the administrator's pages."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import (
    GovPasswordInput,
    GovRadioInput,
    GovSelect,
    GovTextInput,
)
from wtforms import PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.models import CountyRole
from app.accounts.rules import LONGEST_PASSWORD
from app.web.forms import Day, Form, choices

ROLE_LABELS = {
    CountyRole.NONE: "None",
    CountyRole.COORDINATOR: "Coordinator",
    CountyRole.ADMINISTRATOR: "Administrator",
}
_ADDRESS = InputRequired("Enter your email address or mobile number.")
_CODE = InputRequired("Enter the code.")


class SignInForm(Form):
    address = StringField(
        "Email address or mobile number",
        widget=GovTextInput(),
        validators=[_ADDRESS, Length(max=254, message="That is too long for an address.")],
    )
    password = PasswordField("Password", widget=GovPasswordInput())


class AddressForm(Form):
    address = StringField(
        "Email address or mobile number",
        widget=GovTextInput(),
        validators=[_ADDRESS, Length(max=254, message="That is too long for an address.")],
    )


class CodeForm(Form):
    code = StringField("Code", widget=GovTextInput(), validators=[_CODE])


class WhoForm(Form):
    who = RadioField(
        "Who is signing in?",
        widget=GovRadioInput(),
        validators=[InputRequired("Choose who is signing in.")],
    )


class NewPasswordForm(Form):
    password = PasswordField(
        "New password",
        description="10 characters or more. Three random words work well.",
        widget=GovPasswordInput(),
        validators=[
            InputRequired("Enter a new password."),
            Length(max=LONGEST_PASSWORD, message="That password is too long."),
        ],
    )


class ChangePasswordForm(NewPasswordForm):
    field_order = ("current", "password")
    current = PasswordField("Your password now", widget=GovPasswordInput())


class NameForm(Form):
    name = StringField(
        "Your name", widget=GovTextInput(), validators=[InputRequired("Enter your name.")]
    )


class EmailForm(Form):
    email = StringField(
        "New email address",
        widget=GovTextInput(),
        validators=[InputRequired("Enter an email address.")],
    )


class PhoneForm(Form):
    phone = StringField(
        "New mobile number",
        widget=GovTextInput(),
        validators=[InputRequired("Enter a mobile number.")],
    )


class RoleForm(Form):
    role = RadioField(
        "Role across the county",
        widget=GovRadioInput(),
        choices=choices((role.value, label) for role, label in ROLE_LABELS.items()),
        validators=[InputRequired("Choose a role.")],
    )


class PeopleSearch(Form):
    """A search by GET; it changes nothing and so has no token."""

    class Meta:
        csrf = False

    words = StringField("Name or email address", widget=GovTextInput())
    role = SelectField(
        "Show",
        widget=GovSelect(),
        choices=choices(
            [
                ("", "Everybody"),
                ("coordinator", "Coordinators"),
                ("administrator", "Administrators"),
                ("disabled", "Disabled accounts"),
            ]
        ),
    )


class AuditSearch(Form):
    """A search by GET; it changes nothing and so has no token."""

    class Meta:
        csrf = False

    who = StringField("Who: name or email address", widget=GovTextInput())
    action = SelectField("What was done", widget=GovSelect(), validators=[Optional()])
    since = Day("From", validators=[Optional()])
    until = Day("To", validators=[Optional()])
