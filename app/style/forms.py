"""A form that is never sent: each kind of field, as it is and as it is when something is wrong."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovFileInput,
    GovPasswordInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email

from app.web.forms import Form, choices, needed


class SampleForm(Form):
    """One field of each kind."""

    name = StringField(
        "What is your name?",
        description="As people call you",
        widget=GovTextInput(),
        validators=[needed("Give your name.")],
    )
    email = StringField(
        "Email address",
        widget=GovTextInput(),
        validators=[Email("Give an email address like name@example.org.")],
    )
    password = PasswordField(
        "Password", widget=GovPasswordInput(), validators=[needed("Give your password.")]
    )
    about = TextAreaField(
        "What should people know?", widget=GovTextArea(), validators=[needed("Say a few words.")]
    )
    distance = SelectField(
        "How far would you go?",
        widget=GovSelect(),
        choices=choices([("", "Choose"), ("2", "2 miles"), ("5", "5 miles"), ("10", "10 miles")]),
        validators=[needed("Choose how far.")],
    )
    how = RadioField(
        "How should we ask you?",
        widget=GovRadioInput(),
        choices=choices([("sms", "By text"), ("email", "By email"), ("both", "Both")]),
        validators=[needed("Choose how we should ask you.")],
    )
    days = SelectMultipleField(
        "When are you free?",
        widget=GovCheckboxesInput(),
        choices=choices([("mon", "Monday mornings"), ("thu", "Thursday evenings")]),
        validators=[DataRequired("Choose one or more.")],
    )
    agree = BooleanField(
        "I am 18 or older",
        widget=GovCheckboxInput(),
        validators=[DataRequired("Tell us that you are 18 or older.")],
    )
    photograph = FileField(
        "A photograph", widget=GovFileInput(), validators=[needed("Choose a file.")]
    )


def filled_in_wrongly() -> SampleForm:
    """The same form with something wrong in each field; its names differ from the first one's."""
    said = MultiDict({"wrong-email": "asha at example"})
    form = SampleForm(formdata=said, prefix="wrong-", meta={"csrf": False})
    form.validate()
    return form
