"""Months, and the days that somebody wants to look at: pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.foundation.errors import Refusal

MONTHS_SHOWN: Final = 12
MOST_YEARS: Final = 10


@dataclass(frozen=True)
class Scope:
    """What is counted together: days, the first and last included, and whose.

    `group_ids` of None are all groups. `district` is where the time was given: the
    district of the site, or of the group where its site says none; empty for all.
    """

    first_day: date
    last_day: date
    group_ids: tuple[int, ...] | None = None
    district: str = ""

    @property
    def months(self) -> list[int]:
        """Every month that has a day of it: 202611."""
        return list(months(self.first_day, self.last_day))


def month_of(day: date) -> int:
    """The month of a day as one number: 202611."""
    return day.year * 100 + day.month


def first_of(month: int) -> date:
    """The first day of a month: 202611 is 1 November 2026."""
    return date(month // 100, month % 100, 1)


def after(month: int) -> int:
    """The month that follows."""
    return month + 1 if month % 100 < 12 else (month // 100 + 1) * 100 + 1


def before(month: int) -> int:
    """The month that was before."""
    return month - 1 if month % 100 > 1 else (month // 100 - 1) * 100 + 12


def last_of(month: int) -> date:
    """The last day of a month."""
    return first_of(after(month)) - timedelta(days=1)


def months(first_day: date, last_day: date) -> Iterator[int]:
    """The months from the one of the first day to the one of the last, both included."""
    month = month_of(first_day)
    while month <= month_of(last_day):
        yield month
        month = after(month)


def usual(today: date) -> tuple[date, date]:
    """The last twelve months: from the first of a month, eleven months ago, until today."""
    month = month_of(today)
    for _ in range(MONTHS_SHOWN - 1):
        month = before(month)
    return first_of(month), today


def bounds(first_day: date, last_day: date, zone: str) -> tuple[datetime, datetime]:
    """The moment at which the first day begins in a zone, and that at which the last ends; UTC.

    The day on which the clocks change has 23 or 25 hours, and is whole all the same.
    """
    there = ZoneInfo(zone)
    begin = datetime.combine(first_day, time(), there)
    end = datetime.combine(last_day + timedelta(days=1), time(), there)
    return begin.astimezone(UTC), end.astimezone(UTC)


def check(first_day: date, last_day: date) -> None:
    """Raise `Refusal` for days that cannot be looked at together."""
    if last_day < first_day:
        raise Refusal("The last day must be on or after the first.", "last")
    if last_day.year - first_day.year > MOST_YEARS:
        raise Refusal(f"Choose {MOST_YEARS} years or fewer.", "last")
    if not 2000 <= first_day.year <= last_day.year <= 2100:
        raise Refusal("Choose dates after the year 2000.", "first")
