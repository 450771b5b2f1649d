"""The forms about hours."""

from __future__ import annotations

from flask_babel import lazy_gettext
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.web.forms import Clock, Day, Form, WholeNumber, needed

_LONGEST = Length(max=300, message=lazy_gettext("This can be 300 letters long at most."))


class PressForm(Form):
    """Only a button."""


class AddHoursForm(Form):
    group = SelectField(
        lazy_gettext("Which group did you help?"),
        widget=GovSelect(),
        validators=[InputRequired(lazy_gettext("Choose a group."))],
    )
    day = Day(lazy_gettext("On which day?"), validators=[needed(lazy_gettext("Enter the day."))])
    hours = WholeNumber(
        lazy_gettext("Hours"), lazy_gettext("Enter whole hours, from 0 to 24."), 0, 24, default=1
    )
    minutes = WholeNumber(
        lazy_gettext("Minutes"), lazy_gettext("Enter minutes, from 0 to 59."), 0, 59, default=0
    )
    what = StringField(
        lazy_gettext("What did you do?"),
        description=lazy_gettext("For example: mended the reading corner"),
        widget=GovTextInput(),
        validators=[DataRequired(lazy_gettext("Say what you did, in a few words.")), _LONGEST],
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
    came = Clock(
        lazy_gettext("When did you come?"),
        validators=[needed(lazy_gettext("Enter when you came."))],
    )
    left = Clock(
        lazy_gettext("When did you leave?"),
        validators=[needed(lazy_gettext("Enter when you left."))],
    )
    reason = StringField(
        lazy_gettext("What should the group know?"),
        description=lazy_gettext("For example: I forgot to tap when I left"),
        widget=GovTextInput(),
        validators=[DataRequired(lazy_gettext("Say why, in a few words.")), _LONGEST],
    )


class LeftForm(Form):
    left = Clock(
        lazy_gettext("When did you leave?"),
        validators=[needed(lazy_gettext("Enter a time, like 4:30pm."))],
    )


class DecideForm(Form):
    answer = StringField(
        "Why not?",
        description="They are told, with these words.",
        widget=GovTextInput(),
        validators=[_LONGEST],
    )


class StatementForm(Form):
    first_day = Day(lazy_gettext("From"), validators=[needed(lazy_gettext("Enter the first day."))])
    last_day = Day(lazy_gettext("To"), validators=[needed(lazy_gettext("Enter the last day."))])


class CodeForm(Form):
    """A search: the code from a statement."""

    class Meta(Form.Meta):
        csrf = False

    code = StringField(lazy_gettext("The code on the statement"), widget=GovTextInput())
