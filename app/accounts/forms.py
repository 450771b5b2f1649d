"""The forms of signing in, of one's own account, and of the administrator's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext
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
_ADDRESS = InputRequired(lazy_gettext("Enter your email address or mobile number."))
_CODE = InputRequired(lazy_gettext("Enter the code."))


class SignInForm(Form):
    address = StringField(
        lazy_gettext("Email address or mobile number"),
        widget=GovTextInput(),
        validators=[
            _ADDRESS,
            Length(max=254, message=lazy_gettext("That is too long for an address.")),
        ],
    )
    password = PasswordField(lazy_gettext("Password"), widget=GovPasswordInput())


class AddressForm(Form):
    address = StringField(
        lazy_gettext("Email address or mobile number"),
        widget=GovTextInput(),
        validators=[
            _ADDRESS,
            Length(max=254, message=lazy_gettext("That is too long for an address.")),
        ],
    )


class CodeForm(Form):
    code = StringField(lazy_gettext("Code"), widget=GovTextInput(), validators=[_CODE])


class WhoForm(Form):
    who = RadioField(
        lazy_gettext("Who is signing in?"),
        widget=GovRadioInput(),
        validators=[InputRequired(lazy_gettext("Choose who is signing in."))],
    )


class NewPasswordForm(Form):
    password = PasswordField(
        lazy_gettext("New password"),
        description=lazy_gettext("10 characters or more. Three random words work well."),
        widget=GovPasswordInput(),
        validators=[
            InputRequired(lazy_gettext("Enter a new password.")),
            Length(max=LONGEST_PASSWORD, message=lazy_gettext("That password is too long.")),
        ],
    )


class ChangePasswordForm(NewPasswordForm):
    field_order = ("current", "password")
    current = PasswordField(lazy_gettext("Your password now"), widget=GovPasswordInput())


class NameForm(Form):
    name = StringField(
        lazy_gettext("Your name"),
        widget=GovTextInput(),
        validators=[InputRequired(lazy_gettext("Enter your name."))],
    )


class EmailForm(Form):
    email = StringField(
        lazy_gettext("New email address"),
        widget=GovTextInput(),
        validators=[InputRequired(lazy_gettext("Enter an email address."))],
    )


class PhoneForm(Form):
    phone = StringField(
        lazy_gettext("New mobile number"),
        widget=GovTextInput(),
        validators=[InputRequired(lazy_gettext("Enter a mobile number."))],
    )


class RoleForm(Form):
    role = RadioField(
        lazy_gettext("Role across the county"),
        widget=GovRadioInput(),
        choices=choices((role.value, label) for role, label in ROLE_LABELS.items()),
        validators=[InputRequired(lazy_gettext("Choose a role."))],
    )


class PeopleSearch(Form):
    """A search by GET; it changes nothing and so has no token."""

    class Meta:
        csrf = False

    words = StringField(lazy_gettext("Name or email address"), widget=GovTextInput())
    role = SelectField(
        lazy_gettext("Show"),
        widget=GovSelect(),
        choices=choices(
            [
                ("", lazy_gettext("Everybody")),
                ("coordinator", lazy_gettext("Coordinators")),
                ("administrator", lazy_gettext("Administrators")),
                ("disabled", lazy_gettext("Disabled accounts")),
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
