"""Quiet hours: when people are left in peace, by the clock on their own wall.

At once, at any hour, leave answers to a text or to the press of a button, codes, and emails,
which wake nobody. An ask of an urgent request waits, unless an emergency was stated, with
why. So does news that nobody waits for at this minute: a place that came free or that a
manager gave, a new time, a cancelled shift, that a request is filled, a reminder; unless
the morning is too late for it (`rest_until`).
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

Quiet = tuple[time, time]


def in_quiet_hours(moment_utc: datetime, zone: str, quiet: Quiet) -> bool:
    """Whether an aware moment falls in the quiet hours of `zone`.

    The start is quiet, the end no longer is. Hours that run past midnight are usual
    (21:00 to 08:00). Where start and end are the same, no hour is quiet.
    """
    _must_be_aware(moment_utc)
    start, end = quiet
    wall = moment_utc.astimezone(ZoneInfo(zone)).time()
    if start <= end:
        return start <= wall < end
    return wall >= start or wall < end


def next_allowed(moment_utc: datetime, zone: str, quiet: Quiet) -> datetime:
    """The first moment, in UTC, at or after an aware one that is outside the quiet hours.

    On the nights when the clocks change the quiet hours may be an hour shorter or longer,
    and an end that the clocks leap over counts as passed when they leap.
    """
    _must_be_aware(moment_utc)
    moment = moment_utc.astimezone(UTC)
    if not in_quiet_hours(moment, zone, quiet):
        return moment
    there = ZoneInfo(zone)
    today = moment.astimezone(there).date()
    ends = [
        datetime.combine(today + timedelta(days=days), quiet[1], there).replace(fold=fold)
        for days in range(3)
        for fold in (0, 1)
    ]
    changes = _clock_change(moment, moment + timedelta(days=2), there)
    candidates = [*(end.astimezone(UTC) for end in ends), *changes]
    return min(
        candidate
        for candidate in candidates
        if candidate > moment and not in_quiet_hours(candidate, zone, quiet)
    )


# So long after the quiet hours there must still be to make use of the news.
TIME_TO_ACT = timedelta(hours=2)


def rest_until(
    moment_utc: datetime, zone: str, quiet: Quiet, needed_by: datetime
) -> datetime | None:
    """Until when news that nobody waits for should rest; None where it should leave now.

    `needed_by` is the aware moment at which it is of no more use, such as a shift's
    beginning: nearer than two hours after the quiet hours' end, people rather wake.
    """
    _must_be_aware(needed_by)
    morning = next_allowed(moment_utc, zone, quiet)
    if morning <= moment_utc or morning + TIME_TO_ACT >= needed_by:
        return None
    return morning


def _clock_change(early: datetime, late: datetime, there: ZoneInfo) -> list[datetime]:
    """The second at which the zone's clocks change between two moments, if they do."""
    early = early.replace(microsecond=0)
    late = late.replace(microsecond=0)
    before = early.astimezone(there).utcoffset()
    if before == late.astimezone(there).utcoffset():
        return []
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early).total_seconds() // 2)
        if middle.astimezone(there).utcoffset() == before:
            early = middle
        else:
            late = middle
    return [late]


def _must_be_aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("Quiet hours need a moment with a time zone.")
