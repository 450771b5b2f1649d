"""The form that makes a token."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovTextInput
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.api.rules import Scope
from app.foundation import clock
from app.web.forms import Day, Form, choices, needed

_USUAL_DAYS = 90


class TokenForm(Form):
    """What a token is for, what it may do, and until when."""

    name = StringField(
        "What is it for?",
        description="For example “Our website” or “Payroll hours”.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Say what it is for, like “Our website”."),
            Length(max=80, message="This can be 80 letters long at most."),
        ],
    )
    scopes = SelectMultipleField(
        "What may it do?",
        description="Tick as little as will do. You can always make another.",
        choices=choices([(scope.value, scope.label) for scope in Scope]),
        widget=GovCheckboxesInput(),
        validators=[InputRequired("Choose at least one thing that it may do.")],
    )
    ends_on = Day(
        "Until when does it work?",
        description="At most a year. It stops at the end of that day.",
        validators=[needed("Give the day on which it ends.")],
    )

    def chosen(self) -> list[Scope]:
        return [Scope(value) for value in self.scopes.data or []]

    def ends_at(self) -> datetime:
        """The last moment of the chosen day, where the county lives."""
        zone = ZoneInfo(current_app.config["TIMEZONE"])
        last = datetime.combine(self.ends_on.data, time(23, 59, 59), tzinfo=zone)
        latest = clock.now() + timedelta(days=365)
        # A year from today is within a year, whatever the hour is now.
        return min(last, latest) if last - latest < timedelta(days=1) else last


def usual_end() -> object:
    """The day that is offered: three months from now."""
    return clock.today(current_app.config["TIMEZONE"]) + timedelta(days=_USUAL_DAYS)
