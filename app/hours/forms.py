"""The forms about hours."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.web.forms import Clock, Day, Form, WholeNumber, needed

_LONGEST = Length(max=300, message="This can be 300 letters long at most.")


class PressForm(Form):
    """Only a button."""


class AddHoursForm(Form):
    group = SelectField(
        "Which group did you help?",
        widget=GovSelect(),
        validators=[InputRequired("Choose a group.")],
    )
    day = Day("On which day?", validators=[needed("Enter the day.")])
    hours = WholeNumber("Hours", "Enter whole hours, from 0 to 24.", 0, 24, default=1)
    minutes = WholeNumber("Minutes", "Enter minutes, from 0 to 59.", 0, 59, default=0)
    what = StringField(
        "What did you do?",
        description="For example: mended the reading corner",
        widget=GovTextInput(),
        validators=[DataRequired("Say what you did, in a few words."), _LONGEST],
    )


class TimesForm(Form):
    """When somebody came and left, and why that is put right."""

    came = Clock("Came at", validators=[needed("Enter when they came.")])
    left = Clock("Left at", validators=[needed("Enter when they left.")])
    reason = StringField(
        "Why is it put right?",
        description="Kept with the change, for the record.",
        widget=GovTextInput(),
        validators=[DataRequired("Say why, for the record."), _LONGEST],
    )


class OwnTimesForm(TimesForm):
    came = Clock("When did you come?", validators=[needed("Enter when you came.")])
    left = Clock("When did you leave?", validators=[needed("Enter when you left.")])
    reason = StringField(
        "What should the group know?",
        description="For example: I forgot to tap when I left",
        widget=GovTextInput(),
        validators=[DataRequired("Say why, in a few words."), _LONGEST],
    )


class LeftForm(Form):
    left = Clock("When did you leave?", validators=[needed("Enter a time, like 4:30pm.")])


class DecideForm(Form):
    answer = StringField(
        "Why not?",
        description="They are told, with these words.",
        widget=GovTextInput(),
        validators=[_LONGEST],
    )


class StatementForm(Form):
    first_day = Day("From", validators=[needed("Enter the first day.")])
    last_day = Day("To", validators=[needed("Enter the last day.")])


class CodeForm(Form):
    """A search: the code from a statement."""

    class Meta(Form.Meta):
        csrf = False

    code = StringField("The code on the statement", widget=GovTextInput())
