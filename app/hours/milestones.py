"""What somebody can look back on: the first shift, round numbers, a year with a group; pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.hours.rules import Given

SHIFTS: Final = (10, 50, 100, 250, 500)
HOURS: Final = (10, 25, 50, 100, 250, 500, 1000)
# A first page tells of the latest for so long, and then no more.
TOLD_FOR: Final = timedelta(days=14)


class Kind(enum.IntEnum):
    """What was reached; of several on one day the last of these is told."""

    FIRST_SHIFT = 1
    SHIFTS = 2
    HOURS = 3
    YEARS = 4


@dataclass(frozen=True, order=True)
class Milestone:
    """Something that was reached on a day: `number` shifts, hours, or years with `group`."""

    day: date
    kind: Kind
    number: int
    group: str = ""


def milestones(given: Iterable[Given]) -> list[Milestone]:
    """All that was reached, the latest first.

    A year with a group counts from the first day that they gave it time, and
    is reached when they next do so a year later or more: who left is not
    told that they stayed. Time that was added beside shifts counts as hours
    and years, not as shifts.
    """
    in_order = sorted(given, key=lambda one: one.day)
    return sorted([*_shifts(in_order), *_hours(in_order), *_years(in_order)], reverse=True)


def latest(found: Iterable[Milestone], today: date) -> Milestone | None:
    """The one that is told now; None when the last was more than two weeks ago."""
    near = [one for one in found if today - TOLD_FOR < one.day <= today]
    return max(near, default=None)


def _shifts(in_order: Iterable[Given]) -> Iterable[Milestone]:
    days = [one.day for one in in_order if one.is_shift]
    if days:
        yield Milestone(days[0], Kind.FIRST_SHIFT, 1)
    for number in SHIFTS:
        if len(days) >= number:
            yield Milestone(days[number - 1], Kind.SHIFTS, number)


def _hours(in_order: Iterable[Given]) -> Iterable[Milestone]:
    left = list(HOURS)
    minutes = 0
    for one in in_order:
        minutes += one.minutes
        while left and minutes >= left[0] * 60:
            yield Milestone(one.day, Kind.HOURS, left.pop(0))


def _years(in_order: Iterable[Given]) -> Iterable[Milestone]:
    began: dict[int, date] = {}
    told: dict[int, int] = {}
    for one in in_order:
        first = began.setdefault(one.group_id, one.day)
        years = (
            one.day.year - first.year - ((one.day.month, one.day.day) < (first.month, first.day))
        )
        if years > told.get(one.group_id, 0):
            told[one.group_id] = years
            yield Milestone(one.day, Kind.YEARS, years, one.group)
