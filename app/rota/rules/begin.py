"""From a week's opening times to the times that repeat; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

_DAY_MINUTES = 24 * 60
_STEP = 15  # shifts that a day is cut into begin on a quarter of an hour


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One weekday (Monday is 0) on which the role runs; `closes` before `opens`: next day."""

    weekday: int
    opens: time
    closes: time
    people: int
    at_least: int


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A time that repeats on some weekdays with the same people."""

    weekdays: tuple[int, ...]
    starts: time
    ends: time
    people: int
    at_least: int


def cut(opens: time, closes: time, longest_hours: int | None) -> list[tuple[time, time]]:
    """A day's opening time as shifts of about the same length, none longer than asked.

    They begin on a quarter of an hour. None cuts nothing. Opening and closing
    at the same time make nothing.
    """
    begin = opens.hour * 60 + opens.minute
    length = (closes.hour * 60 + closes.minute - begin) % _DAY_MINUTES
    if not length:
        return []
    parts = 1 if longest_hours is None else -(-length // (longest_hours * 60))
    # Cut from the clock's own quarters, so that "9:40 to 5" changes over at 1:15, not at 1:20.
    marks = [begin]
    for number in range(1, parts):
        exact = begin + length * number / parts
        # Down, unless the part before would then be empty.
        marks.append(max(marks[-1] + _STEP, int(exact // _STEP) * _STEP))
    marks.append(begin + length)
    return [(_time(first), _time(last)) for first, last in pairwise(marks)]


def _time(minutes: int) -> time:
    hour, minute = divmod(minutes % _DAY_MINUTES, 60)
    return time(hour, minute)


def stretches(openings: Iterable[Opening], longest_hours: int | None) -> list[Stretch]:
    """What repeats: the same time with the same people on several days is one; by time."""
    found: dict[tuple[time, time, int, int], list[int]] = {}
    for one in openings:
        for starts, ends in cut(one.opens, one.closes, longest_hours):
            found.setdefault((starts, ends, one.people, one.at_least), []).append(one.weekday)
    return [
        Stretch(
            weekdays=tuple(sorted(weekdays)),
            starts=starts,
            ends=ends,
            people=people,
            at_least=at_least,
        )
        for (starts, ends, people, at_least), weekdays in sorted(
            found.items(), key=lambda pair: (min(pair[1]), pair[0])
        )
    ]
