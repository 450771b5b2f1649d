"""A year counted from the shifts, hours and requests themselves, month by month.

What counts is said in one place for the charts and for the report: `reports.counting.sources`.
A month is a few set-based reads, so that its maker can say how far it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import current_app
from sqlalchemy import func, select

from app.annual.rules.years import Year
from app.foundation.extensions import db
from app.groups.models import Group
from app.reports.counting import sources
from app.reports.rules import periods
from app.volunteers.models import Volunteer


@dataclass
class Count:
    """Who gave time, and how much in minutes."""

    people: set[int] = field(default_factory=set)
    minutes: int = 0

    def add(self, volunteer_id: int, minutes: int) -> None:
        self.people.add(volunteer_id)
        self.minutes += minutes


@dataclass(frozen=True)
class Request:
    """An urgent request: how many were asked, how many places it filled, and after how many
    minutes the first."""

    asked: int
    taken: int
    first_minutes: int | None


@dataclass
class Counted:
    """What one year came to."""

    total: Count = field(default_factory=Count)
    groups: defaultdict[int, Count] = field(default_factory=lambda: defaultdict(Count))
    months: defaultdict[int, Count] = field(default_factory=lambda: defaultdict(Count))
    shifts: int = 0  # that somebody was on
    first: date | None = None  # the first day on which anybody gave time
    newcomers: int = 0
    requests: list[Request] = field(default_factory=list)

    def add(self, day: date, volunteer_id: int, group_id: int, minutes: int) -> None:
        """Take in some time that was given."""
        if minutes <= 0:
            return
        self.total.add(volunteer_id, minutes)
        self.groups[group_id].add(volunteer_id, minutes)
        self.months[day.year * 100 + day.month].add(volunteer_id, minutes)
        self.first = min(self.first, day) if self.first else day


def count(year: Year, tell: Callable[[int], None]) -> Counted:
    """Everything of a year; `tell` hears of each month that is to be counted next."""
    found = Counted()
    for month in year.months:
        tell(month)
        for row in sources.given(month):
            found.add(row["day"], row["volunteer_id"], row["group_id"], row["minutes"])
        found.shifts += sum(1 for row in sources.shifts(month) if row["filled"])
        found.requests += [
            Request(row["asked"], row["taken"], row["first_minutes"])
            for row in sources.requests(month)
        ]
    begin, end = bounds(year)
    found.newcomers = (
        db.session.scalar(
            select(func.count())
            .select_from(Volunteer)
            .where(Volunteer.created_at >= begin, Volunteer.created_at < end)
        )
        or 0
    )
    return found


def bounds(year: Year) -> tuple[datetime, datetime]:
    """The moments in UTC between which the county lives through a year."""
    return periods.bounds(year.first_day, year.last_day, current_app.config["TIMEZONE"])


def groups() -> dict[int, Group]:
    """Every group by its number."""
    return {one.id: one for one in db.session.scalars(select(Group))}
