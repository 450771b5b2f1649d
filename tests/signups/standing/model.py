"""The days of a standing place, worked out by `dateutil` and by nothing of the app."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dateutil.rrule import WEEKLY, rrule

from app.signups.standing.rules import Stand

# A Monday from which weeks are counted by hand: `date(1, 1, 1)` was one, too, and
# 738,521 days, 105,503 weeks, later came this one.
MONDAY = date(2023, 1, 2)
assert (MONDAY - date(1, 1, 1)).days == 105_503 * 7
WEEK = 105_503


def days_of(stand: Stand, begin: date, end: date) -> set[date]:
    """Each day of the standing place from `begin` to `end`, both included."""
    first = MONDAY + timedelta(weeks=(stand.phase - WEEK) % stand.every_weeks)
    weekdays = [n for n in range(7) if not stand.weekdays or stand.weekdays & 1 << n]
    rule = rrule(
        WEEKLY,
        dtstart=datetime(first.year, first.month, first.day),  # noqa: DTZ001 - days alone
        interval=stand.every_weeks,
        byweekday=weekdays,
        until=datetime(end.year, end.month, end.day),  # noqa: DTZ001 - days alone
    )
    least = max(begin, stand.first_day)
    most = min(end, stand.last_day or end)
    return {day.date() for day in rule if least <= day.date() <= most}
