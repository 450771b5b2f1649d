"""On which days a standing place is; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import gcd
from typing import Final

from app.foundation.errors import Refusal
from app.foundation.sentences import gettext

# How often somebody can come, in weeks.
EVERY: Final = (1, 2, 4)
LONGEST_YEARS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Stand:
    """When a standing place is: on which days of which weeks, from and until when.

    Bit 0 of `weekdays` is Monday; 0 means each day that the pattern has.
    `phase` is the `week_of` a day that counts, modulo `every_weeks`. Both
    days are included; no `last_day` means until they say.
    """

    weekdays: int
    every_weeks: int
    phase: int
    first_day: date
    last_day: date | None = None


def week_of(day: date) -> int:
    """The number of a day's week. Weeks begin on Monday and never begin anew with a year.

    1 January of the year 1 was a Monday in the calendar that `date` uses.
    """
    return (day.toordinal() - 1) // 7


def wants(stand: Stand, day: date) -> bool:
    """Whether the standing place is on this day of its pattern."""
    if day < stand.first_day or (stand.last_day is not None and day > stand.last_day):
        return False
    if stand.weekdays and not stand.weekdays >> day.weekday() & 1:
        return False
    return week_of(day) % stand.every_weeks == stand.phase


def meets(a: Stand, b: Stand) -> bool:
    """Whether two standing places on one pattern could both be on some day."""
    if a.weekdays and b.weekdays and not a.weekdays & b.weekdays:
        return False
    if (a.last_day and a.last_day < b.first_day) or (b.last_day and b.last_day < a.first_day):
        return False
    return (a.phase - b.phase) % gcd(a.every_weeks, b.every_weeks) == 0


def is_away(first_day: date, last_day: date, away: Sequence[tuple[date, date]]) -> bool:
    """Whether one of the stretches touches the days from the first to the last, all included."""
    return any(first <= last_day and first_day <= last for first, last in away)


def check(stand: Stand, pattern_weekdays: int, today: date) -> None:
    """Raise `Refusal`, naming the field, for what makes no standing place."""
    if stand.every_weeks not in EVERY:
        raise Refusal(gettext("Choose how often."), "every_weeks")
    if stand.weekdays & ~pattern_weekdays:
        raise Refusal(gettext("Choose among the days of this shift."), "weekdays")
    if stand.last_day is None:
        return
    if stand.last_day < stand.first_day:
        raise Refusal(gettext("The last day must be the first day or later."), "last_day")
    if stand.last_day < today:
        raise Refusal(gettext("These days are over already."), "last_day")
    if (stand.last_day - stand.first_day).days > LONGEST_YEARS * 366:
        raise Refusal(
            gettext("Leave the last day empty: then it goes on until you say."), "last_day"
        )
