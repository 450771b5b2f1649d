"""What counts as filled, and how long it took: pure.

The rule, as people are told it:
- A shift counts once it is over, unless it was cancelled.
- A place is filled when somebody had it at the end, whether or not they then came.
- A shift is filled in time from when it could first be taken until the last of its
  places was; one that still had a free place was never filled.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Quartiles:
    """A quarter took no longer than `lower`, half than `median`, three quarters than `upper`."""

    count: int
    lower: int
    median: int
    upper: int


def quartiles(times: Mapping[int, int]) -> Quartiles | None:
    """Of values, each with how often it occurred; None where there are none.

    By the nearest rank: each is one of the values that occurred.
    """
    count = sum(times.values())
    if not count:
        return None
    ordered = sorted(times.items())

    def at(share: float) -> int:
        rank, seen = math.ceil(share * count), 0
        for value, often in ordered:
            seen += often
            if seen >= rank:
                return value
        raise AssertionError("The ranks end with the count.")

    return Quartiles(count, at(0.25), at(0.5), at(0.75))


def fill_minutes(
    opened_at: datetime, last_taken_at: datetime | None, places: int, filled: int
) -> int | None:
    """Whole minutes from opening until the last place was taken; None if one stayed free.

    Who was put on a shift before it was open to all has taken their place at once.
    """
    if filled < places or last_taken_at is None:
        return None
    return max(0, int((last_taken_at - opened_at).total_seconds() // 60))


def opened_at(
    shift_made_at: datetime, role_published_at: datetime | None, starts_at: datetime
) -> datetime:
    """From when a shift could be taken: once it was made and its role was published.

    A role that was published again after the shift began says nothing of it.
    """
    if role_published_at is None or role_published_at > starts_at:
        return shift_made_at
    return max(shift_made_at, role_published_at)


def percent(part: int, whole: int) -> int | None:
    """Whole percent, a half upwards; None of nothing.

    It is 100 only when nothing is missing, and 0 only when there is nothing.
    """
    if not whole:
        return None
    share = math.floor(100 * part / whole + 0.5)
    if part < whole:
        share = min(share, 99)
    return max(share, 1) if part else share


@dataclass(frozen=True)
class Filled:
    """Shifts that took place, the places that they asked for, and those that were filled."""

    shifts: int = 0
    places: int = 0
    filled: int = 0
    safe: int = 0  # shifts with at least their minimum

    @property
    def percent(self) -> int | None:
        return percent(self.filled, self.places)


@dataclass(frozen=True)
class At:
    """The places asked for and filled by all shifts that begin and end at the same times."""

    weekday: int  # Monday is 0
    starts: int  # minutes since midnight on the wall
    minutes: int
    places: int
    filled: int


def by_hour(times: Iterable[At]) -> dict[tuple[int, int], Filled]:
    """Places by (weekday, hour): a shift counts in each hour that it reaches into.

    After Sunday night comes Monday morning.
    """
    found: dict[tuple[int, int], Filled] = {}
    for at in times:
        for later, hour in hours_of(at.starts, at.minutes):
            key = ((at.weekday + later) % 7, hour)
            found[key] = _plus(found.get(key, Filled()), at)
    return found


def by_part(times: Iterable[At]) -> dict[tuple[int, str], Filled]:
    """Places by (weekday, part of the day): a shift counts where it begins."""
    found: dict[tuple[int, str], Filled] = {}
    for at in times:
        key = (at.weekday, part_of_day(at.starts // 60))
        found[key] = _plus(found.get(key, Filled()), at)
    return found


def _plus(sums: Filled, at: At) -> Filled:
    return Filled(sums.shifts, sums.places + at.places, sums.filled + at.filled, sums.safe)


def part_of_day(hour: int) -> str:
    """How people call an hour: morning from 5, afternoon from noon, evening from 5pm, night."""
    if 5 <= hour < 12:
        return "morning"
    if 12 <= hour < 17:
        return "afternoon"
    return "evening" if 17 <= hour < 22 else "night"


def hours_of(starts: int, minutes: int) -> Sequence[tuple[int, int]]:
    """(days later, hour of the day) of each hour that a shift reaches into.

    `starts` is in minutes since midnight on the wall. 10:30 to 12:00 is 10 and 11.
    """
    last = starts + max(minutes, 1) - 1
    return [divmod(hour, 24) for hour in range(starts // 60, last // 60 + 1)]
