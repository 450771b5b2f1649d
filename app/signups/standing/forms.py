"""The forms of standing places."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovRadioInput,
    GovTextInput,
)
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import Length, Optional, StopValidation

from app.foundation import clock
from app.opportunities.models import Duty, Pattern, Weekday
from app.opportunities.rules.repeating import Rule
from app.signups.standing.service import Wanted
from app.signups.standing.words import weekdays_of
from app.web.forms import Day, Form, choices, needed

_LONGEST = Length(max=300, message=lazy_gettext("This can be 300 letters long at most."))
_ANY = ""


class StandForm(Form):
    """When somebody would like to come again and again, on one pattern."""

    weekdays = SelectMultipleField(
        lazy_gettext("On which days?"), widget=GovCheckboxesInput(), coerce=int
    )
    every_weeks = RadioField(lazy_gettext("How often?"), coerce=int, widget=GovRadioInput())
    duty_id = RadioField(lazy_gettext("What would you like to do?"), widget=GovRadioInput())
    first_day = Day(
        lazy_gettext("From"),
        description=lazy_gettext("The weeks are counted from here."),
        validators=[needed(lazy_gettext("Give the first day."))],
    )
    last_day = Day(
        lazy_gettext("Until (optional)"),
        description=lazy_gettext("Leave it empty to go on until you say."),
    )
    volunteer_id = HiddenField()
    sure = HiddenField()

    def offer(self, pattern: Pattern, duties: list[Duty]) -> None:
        """Ask only what this pattern leaves open."""
        self._pattern = pattern
        bits = Weekday(weekdays_of(pattern))
        rule = Rule.read(pattern.rule)
        self.weekdays.choices = choices([(day.value, day.label) for day in bits])
        often = [(1, lazy_gettext("Every time"))]
        if not rule.is_monthly and rule.every == 1:
            often += [
                (2, lazy_gettext("Every second week")),
                (4, lazy_gettext("Every fourth week")),
            ]
        elif not rule.is_monthly and rule.every == 2:
            often += [(4, lazy_gettext("Every second time, so every fourth week"))]
        self.every_weeks.choices = choices(often)
        self.duty_id.choices = choices(
            [*((duty.id, duty.name) for duty in duties), (_ANY, lazy_gettext("Whatever is needed"))]
        )
        if not self.is_submitted():
            self.weekdays.data = [day.value for day in bits]
            self.every_weeks.data = 1
            self.duty_id.data = _ANY
            zone = pattern.opportunity.site.zone
            self.first_day.data = max(clock.today(zone), pattern.first_day)
        if len(list(bits)) == 1:
            del self.weekdays
        if not duties:
            del self.duty_id

    def validate_weekdays(self, field: Any) -> None:
        if not field.data:
            raise StopValidation(lazy_gettext("Choose at least one day."))

    def wanted(self) -> Wanted:
        """What was asked for, once the form is valid."""
        days = (self.weekdays.data or []) if "weekdays" in self else []
        duty = self.duty_id.data if "duty_id" in self else _ANY
        return Wanted(
            weekdays=sum(set(days)) or weekdays_of(self._pattern),
            every_weeks=self.every_weeks.data,
            first_day=self.first_day.data,
            last_day=self.last_day.data,
            duty_id=int(duty) if duty else None,
        )


class EndForm(Form):
    """When a standing place ends, and what becomes of the places made for later days."""

    last_day = Day(
        lazy_gettext("Last day"), validators=[needed(lazy_gettext("Give the last day."))]
    )
    made = RadioField(
        lazy_gettext("The places already made for later days"),
        choices=choices(
            [
                ("give-up", lazy_gettext("Give them up, so that others can take them")),
                ("keep", lazy_gettext("Keep them: only no new ones are made")),
            ]
        ),
        default="give-up",
        widget=GovRadioInput(),
    )
    reason = StringField(
        lazy_gettext("Would you like to say why? (optional)"),
        widget=GovTextInput(),
        validators=[_LONGEST],
    )


class AnswerForm(Form):
    """A manager says no to who asked."""

    reason = StringField(
        "Why? (optional)",
        description="The person is told kindly, with these words.",
        widget=GovTextInput(),
        validators=[_LONGEST],
    )


class SkipForm(Form):
    """One date on which somebody does not come."""

    day = Day(lazy_gettext("Date"), validators=[needed(lazy_gettext("Give the date."))])
    reason = StringField(
        lazy_gettext("Why? (optional)"), widget=GovTextInput(), validators=[_LONGEST]
    )


class AwayForm(Form):
    """Which places are left on days away; what is ticked is given up."""

    leave = SelectMultipleField(
        lazy_gettext("Give up my place on"),
        coerce=int,
        widget=GovCheckboxesInput(),
        validators=[Optional()],
        # A place that was given back meanwhile, in another window or by the same press, is gone.
        validate_choice=False,
    )
