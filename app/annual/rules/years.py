"""The years that a report can be of: a council's, from April to March, or the calendar's. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_APRIL: Final = 4
YEARS_OFFERED: Final = 3


@dataclass(frozen=True)
class Year:
    """Twelve months, the first and the last day included."""

    first_day: date

    @property
    def is_council(self) -> bool:
        return self.first_day.month == _APRIL

    @property
    def last_day(self) -> date:
        return self.first_day.replace(year=self.first_day.year + 1) - timedelta(days=1)

    @property
    def slug(self) -> str:
        """ "2025-26" of a council's year, "2025" of a calendar year: its address."""
        first = self.first_day.year
        return f"{first}-{(first + 1) % 100:02}" if self.is_council else str(first)

    @property
    def short(self) -> str:
        """As it is written in a table's head: "2025–26"."""
        return self.slug.replace("-", "–")

    @property
    def label(self) -> str:
        """ "April 2025 to March 2026"."""
        return f"{spoken_month(self.first_day, True)} to {spoken_month(self.last_day, True)}"

    @property
    def before(self) -> Year:
        return Year(self.first_day.replace(year=self.first_day.year - 1))

    @property
    def months(self) -> list[int]:
        """Its twelve months as one number each: 202504."""
        first = self.first_day.year * 12 + self.first_day.month - 1
        return [each // 12 * 100 + each % 12 + 1 for each in range(first, first + 12)]


def spoken_month(day: date, with_year: bool = False) -> str:
    """The month in which a day lies."""
    name = _MONTHS[day.month - 1]
    return f"{name} {day.year}" if with_year else name


def full_day(day: date) -> str:
    """ "3 October 2025"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def read_full_day(written: str) -> date:
    """The day that `full_day` wrote. Raises ValueError for anything else."""
    day, month, year = written.split()
    return date(int(year), _MONTHS.index(month) + 1, int(day))


def council(first: int) -> Year:
    """The council's year that begins in April of `first`."""
    return Year(date(first, _APRIL, 1))


def calendar(year: int) -> Year:
    return Year(date(year, 1, 1))


def complete(today: date) -> list[Year]:
    """The years that are over and can be chosen, the last council's year first."""
    last_council = today.year - 1 if today >= date(today.year, _APRIL, 1) else today.year - 2
    last_calendar = today.year - 1
    return [
        *(council(last_council - back) for back in range(YEARS_OFFERED)),
        *(calendar(last_calendar - back) for back in range(YEARS_OFFERED)),
    ]


def of_slug(slug: str) -> Year | None:
    """The year of an address, or None where there is no such year."""
    found = re.fullmatch(r"(20\d\d)(?:-(\d\d))?", slug)
    if found is None:
        return None
    first, second = int(found[1]), found[2]
    if second is None:
        return calendar(first)
    return council(first) if int(second) == (first + 1) % 100 else None
