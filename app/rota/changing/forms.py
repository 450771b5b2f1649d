"""The forms of changes; each remembers what it showed, so that two managers lose nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any, ClassVar

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, StopValidation
from wtforms.widgets import HiddenInput

from app.foundation import clock
from app.foundation.flags import Vocabulary
from app.opportunities.models import Pattern, Shift, Weekday
from app.opportunities.rules.repeating import Rule
from app.opportunities.shift_forms import OFTEN, PatternForm, ShiftForm
from app.rota.changing import rules
from app.rota.changing.drafts import PatternValues, ShiftValues, values_of_pattern, values_of_shift
from app.web.filters import spoken_day, spoken_hours
from app.web.forms import Day, Form, choices, needed

AS_IT_IS = "as-it-is"


class Remembering(Form):
    """A form of a row that others may change meanwhile.

    `version` is the row's when the page was made, `base` its values then.
    """

    # The fields that are compared, by name, as the page calls them.
    COMPARED: ClassVar[dict[str, str]] = {}

    version = IntegerField(widget=HiddenInput())
    base = HiddenField()
    reason = StringField(
        "Why is it cancelled?",
        description="Everyone on a shift that you cancel is told, with these words.",
        widget=GovTextInput(),
        validators=[Length(max=300, message="This can be 300 letters long at most.")],
    )

    def compared(self) -> dict[str, object]:
        """The fields' values as `base` keeps them."""
        return {name: plain(self[name].data) for name in self.COMPARED if name in self}

    def remember(self, version: int, values: Mapping[str, Any]) -> None:
        """Note what the row is now."""
        self.version.data = version
        shown = {name: plain(value) for name, value in values.items() if name in self}
        self.base.data = json.dumps(shown, sort_keys=True)
        for hidden in (self.version, self.base):
            hidden.raw_data = None

    def remembered(self) -> dict[str, object]:
        """What the row was when the page was made; nothing where that cannot be read."""
        try:
            found = json.loads(self.base.data or "{}")
        except ValueError:
            return {}
        if not isinstance(found, dict):
            return {}
        return {name: value for name, value in found.items() if isinstance(value, str)}

    def meet(self, version: int, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Take over what another changed, where one has not typed something else.

        Returns what was changed: the field in words, from what, to what.
        """
        base, mine = self.remembered(), self.compared()
        theirs = {name: plain(value) for name, value in values.items()}
        changed = rules.news(base, theirs, mine)
        for name, value in rules.merged(base, theirs, mine).items():
            if value != mine[name]:
                self[name].data, self[name].raw_data = values[name], None
        self.remember(version, values)
        return [
            (self.COMPARED[name], self.say(name, str(before)), self.say(name, str(after)))
            for name, (before, after) in changed.items()
        ]

    def say(self, name: str, value: str) -> str:
        """A remembered value, for people."""
        if name in ("starts", "ends") and value:
            said = time.fromisoformat(value)
            return spoken_hours(said, said).partition(" to ")[0]
        if name in ("day", "last_day"):
            zone = "UTC"  # for the present year only
            return spoken_day(date.fromisoformat(value), zone) if value else "open"
        return value


def plain(value: Any) -> str:
    """A field's value as text that is the same whenever the value is."""
    if isinstance(value, Vocabulary):
        return str(int(value))
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


class EditShiftForm(Remembering, ShiftForm):
    """One shift."""

    COMPARED: ClassVar[dict[str, str]] = {
        "day": "Date",
        "starts": "Start",
        "ends": "End",
        "places": "Places",
        "minimum": "Minimum",
    }

    def wanted(self, shift: Shift) -> ShiftValues:
        """What was asked for; numbers that are not asked stay as they are."""
        return ShiftValues(
            day=self.day.data,
            starts=self.starts.data,
            ends=self.ends.data,
            places=(self.places.data or 0) if "places" in self else shift.places,
            minimum=self.minimum.data or 0,
        )

    @staticmethod
    def values_of(shift: Shift) -> dict[str, Any]:
        return vars(values_of_shift(shift)).copy()


class EditPatternForm(Remembering, PatternForm):
    """The shifts of a pattern from some day on."""

    COMPARED: ClassVar[dict[str, str]] = {
        "every": "How often",
        "weekdays": "Days",
        "starts": "Start",
        "ends": "End",
        "places": "Places",
        "minimum": "Minimum",
        "last_day": "Until",
        "holidays": "Bank holidays",
    }

    # The change begins where the page says; single dates are left out by deleting their shift.
    first_day = None  # type: ignore[assignment] # so wtforms takes an inherited field away
    skipped = None  # type: ignore[assignment] # the same

    def offer(self, pattern: Pattern) -> None:
        """Fit the form to the pattern: a rule of its own, and no numbers where a team has them."""
        rule = Rule.read(pattern.rule)
        if _often(rule) == AS_IT_IS:
            offered = [(name, label) for name, (label, _, _) in OFTEN.items()]
            self.every.choices = choices([*offered, (AS_IT_IS, f"As it is: {rule.words()}")])
        if pattern.team:
            del self.places
            del self.minimum

    def validate_weekdays(self, field: Any) -> None:
        if not field.data and self.every.data != AS_IT_IS:
            raise StopValidation("Choose at least one day.")

    def validate_last_day(self, field: Any) -> None:
        if field.errors:
            raise StopValidation
        if field.data is not None and (field.data - clock.now().date()).days > 3 * 366:
            raise StopValidation("Choose a date within three years.")

    def wanted(self, pattern: Pattern) -> PatternValues:
        """What was asked for, once the form is valid."""
        has_numbers = "places" in self
        return PatternValues(
            rule=pattern.rule if self.every.data == AS_IT_IS else self.rule(),
            starts=self.starts.data,
            ends=self.ends.data,
            last_day=self.last_day.data,
            works_on_holidays=self.holidays.data == "open",
            places=(self.places.data or 0) if has_numbers else pattern.places,
            minimum=(self.minimum.data or 0) if has_numbers else pattern.minimum,
        )

    @staticmethod
    def values_of(pattern: Pattern) -> dict[str, Any]:
        row, rule = values_of_pattern(pattern), Rule.read(pattern.rule)
        return {
            "every": _often(rule),
            "weekdays": Weekday(sum(1 << day for day in rule.weekdays)),
            "starts": row.starts,
            "ends": row.ends,
            "places": row.places,
            "minimum": row.minimum,
            "last_day": row.last_day,
            "holidays": "open" if row.works_on_holidays else "closed",
        }

    def say(self, name: str, value: str) -> str:
        if name == "every":
            return OFTEN[value][0] if value in OFTEN else "as it is"
        if name == "weekdays":
            return Weekday(int(value)).label if value.isdecimal() else value
        if name == "holidays":
            return {"open": "open as usual", "closed": "closed"}.get(value, value)
        return super().say(name, value)


def _often(rule: Rule) -> str:
    """Which of the form's answers a rule is."""
    for name, (_, every, ordinal) in OFTEN.items():
        if (every, ordinal) == (rule.every, rule.ordinal):
            return name
    return AS_IT_IS


class ClosureForm(Form):
    """Days on which the group, or one of its sites, is closed."""

    name = StringField(
        "What is it?",
        description="For example “Summer break” or “New boiler”. Managers see it.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Say what it is, like “Summer break”."),
            Length(max=80, message="This can be 80 letters long at most."),
        ],
    )
    first_day = Day("First day closed", validators=[needed("Give the first day.")])
    last_day = Day("Last day closed", description="The same for one day")
    site_id = SelectField("Where?", coerce=int, widget=GovSelect())
    reason = StringField(
        "What should people be told?",
        description="Everyone on a shift that you cancel is told, with these words.",
        widget=GovTextInput(),
        validators=[Length(max=300, message="This can be 300 letters long at most.")],
    )

    def validate_last_day(self, field: Any) -> None:
        if field.errors:
            raise StopValidation
        first = self.first_day.data
        if field.data is None:
            field.data = first
        if first is None or field.data is None:
            return
        if field.data < first:
            raise StopValidation("The last day must not be before the first.")
        if (field.data - first).days > 366:
            raise StopValidation("A closure can be a year long at most.")
        if field.data < clock.now().date():
            raise StopValidation("These days are over. Check the year.")

    def validate_first_day(self, field: Any) -> None:
        if field.data and (field.data - clock.now().date()).days > 3 * 366:
            raise StopValidation("Choose a date within three years.")
