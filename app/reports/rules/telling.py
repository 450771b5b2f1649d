"""How numbers are said in a table, and written in a file: pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from app.reports.rules.periods import first_of
from app.reports.rules.suppression import Hidden

Value = str | int | float | Hidden | None

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Kind(enum.Enum):
    """What the numbers of a column are."""

    WORDS = "words"
    COUNT = "count"
    PERCENT = "percent"
    HOURS = "hours"  # held as minutes
    WAIT = "wait"  # held as minutes
    POUNDS = "pounds"  # held as pence


@dataclass(frozen=True)
class Column:
    """A column: its head on the page, and what is in it."""

    name: str
    kind: Kind = Kind.COUNT

    @property
    def in_file(self) -> str:
        """Its head in the file, where numbers stand without their unit."""
        unit = {
            Kind.PERCENT: "percent",
            Kind.HOURS: "hours",
            Kind.WAIT: "minutes",
            Kind.POUNDS: "pounds",
        }.get(self.kind)
        return f"{self.name} ({unit})" if unit else self.name


def told(kind: Kind, value: Value) -> str:
    """As a person reads it: "1,204", "62%", "3 days", "£0.59", "fewer than 5", "none"."""
    if value is None:
        return "none"
    if isinstance(value, (str, Hidden)):
        return str(value)
    if kind is Kind.PERCENT:
        return f"{value}%"
    if kind is Kind.HOURS:
        return hours(int(value))
    if kind is Kind.WAIT:
        return wait(int(value))
    if kind is Kind.POUNDS:
        return f"£{value / 100:,.2f}"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def written(kind: Kind, value: Value) -> str:
    """As a program reads it: plain numbers in the unit of the column's head; "" for none."""
    if value is None:
        return ""
    if isinstance(value, (str, Hidden)):
        return str(value)
    if kind is Kind.HOURS:
        return f"{value / 60:.2f}"
    if kind is Kind.POUNDS:
        return f"{value / 100:.4f}"
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def hours(minutes: int) -> str:
    """Whole hours of minutes, a half upwards; a little is not nothing: "1,204", "under 1"."""
    whole = (minutes + 30) // 60
    return f"{whole:,}" if whole or not minutes else "under 1"


def wait(minutes: int) -> str:
    """How long something took, roughly: "40 minutes", "5 hours", "3 days", "at once"."""
    for length, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        # Two days and over are said in days, two hours and over in hours.
        if minutes >= 2 * length or (length == 1 and minutes):
            count = (minutes + length // 2) // length
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "at once"


def month(number: int) -> str:
    """ "Nov 2026"."""
    return f"{short_month(number)} {number // 100}"


def short_month(number: int) -> str:
    """ "Nov"."""
    return MONTHS[first_of(number).month - 1]


def hour(number: int) -> str:
    """The hour of a day on a clock: "9am", "noon", "11pm", "midnight"."""
    if number in (0, 12):
        return "midnight" if number == 0 else "noon"
    return f"{number % 12}{'am' if number < 12 else 'pm'}"
