"""A time zone as calendars want it told: VTIMEZONE (RFC 5545, section 3.6.5).

Written out here from the zone's own changes. The onset of each is told in the wall time
that was kept before it (TZOFFSETFROM), as the standard has it; and by a yearly rule where
there is one, which older calendar programs need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class _Change:
    """The wall time, by the clock as it was, at which a zone's clocks change; and how."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


@lru_cache(maxsize=64)
def time_zone(zone: str, first_year: int, last_year: int) -> Timezone:
    """The zone as it is from the beginning of one year to the end of another.

    Shared by all who ask for the same: not to be changed.
    """
    there = ZoneInfo(zone)
    told = Timezone()
    told.add("tzid", zone)
    begins = datetime(first_year, 1, 1, tzinfo=there)
    offset = begins.utcoffset() or timedelta()
    _add(told, [_Change(begins.replace(tzinfo=None), offset, offset, *_named(begins))])
    groups: dict[tuple[object, ...], list[_Change]] = {}
    for change in _changes(there, first_year, last_year):
        key = (change.before, change.after, change.name, change.is_summer)
        groups.setdefault(key, []).append(change)
    for changes in groups.values():
        _add(told, changes)
    return told


def is_told_apart(moment: datetime, zone: str) -> bool:
    """Whether the wall time of an aware moment says which moment it is.

    In the hour that comes twice in autumn it does not: programs differ in which they take.
    """
    wall = moment.astimezone(ZoneInfo(zone))
    return wall.replace(fold=0).utcoffset() == wall.replace(fold=1).utcoffset()


def _named(moment: datetime) -> tuple[str, bool]:
    return moment.tzname() or "", bool(moment.dst())


def _changes(there: ZoneInfo, first_year: int, last_year: int) -> Sequence[_Change]:
    found = []
    at = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        following = at + timedelta(days=1)
        before = at.astimezone(there).utcoffset() or timedelta()
        after = following.astimezone(there).utcoffset() or timedelta()
        if before != after:
            moment = _when(at, following, there)
            found.append(
                _Change(
                    (moment + before).replace(tzinfo=None),
                    before,
                    after,
                    *_named(moment.astimezone(there)),
                )
            )
        at = following
    return found


def _when(early: datetime, late: datetime, there: ZoneInfo) -> datetime:
    """The second at which the clocks change, between two moments of whole seconds."""
    before = early.astimezone(there).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early).total_seconds() // 2)
        if middle.astimezone(there).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def _add(told: Timezone, changes: Sequence[_Change]) -> None:
    first = changes[0]
    part = TimezoneDaylight() if first.is_summer else TimezoneStandard()
    part.add("dtstart", first.wall)
    part.add("tzoffsetfrom", first.before)
    part.add("tzoffsetto", first.after)
    part.add("tzname", first.name)
    if len(changes) > 1:
        rule = _yearly(changes)
        if rule:
            part.add("rrule", rule)
        else:
            for change in changes[1:]:
                part.add("rdate", change.wall)
    told.add_component(part)


def _yearly(changes: Sequence[_Change]) -> dict[str, object] | None:
    """The rule by which all of these come each year, at the same time of the same Sunday."""
    first = changes[0]
    years = [change.wall.year for change in changes]
    same = {(change.wall.month, change.wall.weekday(), change.wall.time()) for change in changes}
    if len(same) > 1 or years != list(range(years[0], years[0] + len(years))):
        return None
    weekday = _WEEKDAYS[first.wall.weekday()]
    if all(_is_last(change.wall) for change in changes):
        which = f"-1{weekday}"
    else:
        numbers = {(change.wall.day - 1) // 7 + 1 for change in changes}
        if len(numbers) > 1:
            return None
        which = f"{numbers.pop()}{weekday}"
    return {"freq": "yearly", "bymonth": first.wall.month, "byday": which}


def _is_last(wall: datetime) -> bool:
    return (wall + timedelta(days=7)).month != wall.month
