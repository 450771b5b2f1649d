"""Times that come again, by the rules of RFC 5545; pure.

A rule is kept as the value of an RRULE ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH")
and is evaluated on local dates. Of all that the RFC allows, those rules are
taken that the screens can say in plain words: some days of every n-th week,
and the first to fourth or last of some weekdays in every n-th month.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from app.foundation.errors import Refusal
from app.foundation.sentences import N_, gettext
from app.web.filters import spoken_hours

CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAYS: Final = (
    *(N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday")),
    *(N_("Friday"), N_("Saturday"), N_("Sunday")),
)
ORDINALS: Final = {1: N_("first"), 2: N_("second"), 3: N_("third"), 4: N_("fourth"), -1: N_("last")}
MOST_WEEKS: Final = 12
_PART: Final = re.compile(r"[A-Z]+=[A-Z0-9,+-]+")
_DAY: Final = re.compile(r"([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True)
class Rule:
    """A rule in parts: weekdays (Monday is 0) of every n-th week, or of every n-th month.

    `ordinal` is 1 to 4, or -1 for the last, of the month; None means weekly.
    """

    weekdays: tuple[int, ...]
    every: int = 1
    ordinal: int | None = None

    @classmethod
    def read(cls, text: str) -> Rule:
        """The rule that an RRULE's value says. Raises `Refusal` for one that we do not take."""
        refusal = Refusal("This is not a way of repeating that we know.", "every")
        parts = text.strip().upper().removeprefix("RRULE:").split(";")
        if not all(_PART.fullmatch(part) for part in parts):
            raise refusal
        said = dict(part.split("=", 1) for part in parts)
        if len(said) != len(parts) or said.keys() - {"FREQ", "INTERVAL", "BYDAY", "WKST"}:
            raise refusal
        frequency, interval = said.get("FREQ"), said.get("INTERVAL", "1")
        days = [_DAY.fullmatch(day) for day in said.get("BYDAY", "").split(",")]
        if frequency not in ("WEEKLY", "MONTHLY") or said.get("WKST", "MO") != "MO":
            raise refusal
        if not interval.isdecimal() or not 1 <= int(interval) <= MOST_WEEKS or not all(days):
            raise refusal
        found = [day for day in days if day]
        ordinals = {int(day[1]) if day[1] else None for day in found}
        weekdays = tuple(sorted({CODES.index(day[2]) for day in found}))
        ordinal = ordinals.pop()
        if ordinals or (ordinal is None) != (frequency == "WEEKLY"):
            raise refusal
        if ordinal is not None and ordinal not in ORDINALS:
            raise refusal
        return cls(weekdays, int(interval), ordinal)

    @property
    def is_monthly(self) -> bool:
        return self.ordinal is not None

    def written(self) -> str:
        """The rule as an RRULE's value, always in the same form."""
        parts = [f"FREQ={'MONTHLY' if self.is_monthly else 'WEEKLY'}"]
        if self.every > 1:
            parts.append(f"INTERVAL={self.every}")
        number = "" if self.ordinal is None else str(self.ordinal)
        parts.append("BYDAY=" + ",".join(number + CODES[day] for day in sorted(self.weekdays)))
        return ";".join(parts)

    def words(self) -> str:
        """ "Every second Tuesday and Thursday", "The first Tuesday of the month"."""
        days = self._days()
        if self.ordinal is not None:
            which = gettext(ORDINALS[self.ordinal])
            if self.every == 1:
                return gettext("The %(which)s %(days)s of the month", which=which, days=days)
            words = N_("The %(which)s %(days)s of every %(nth)s month")
            return gettext(words, which=which, days=days, nth=_nth(self.every))
        if len(self.weekdays) == 7:
            if self.every == 1:
                return gettext("Every day")
            return gettext("Every day of every %(nth)s week", nth=_nth(self.every))
        if self.every == 1:
            return gettext("Every %(days)s", days=days)
        return gettext("Every %(nth)s %(days)s", nth=_nth(self.every), days=days)

    def _days(self) -> str:
        if self.weekdays == (0, 1, 2, 3, 4) and self.ordinal is None and self.every == 1:
            return gettext("Monday to Friday")
        return joined([gettext(DAYS[day]) for day in sorted(self.weekdays)])


def _nth(number: int) -> str:
    named = {2: N_("second"), 3: N_("third"), 4: N_("fourth")}.get(number)
    return gettext(named) if named else gettext("%(number)dth", number=number)


def joined(words: Sequence[str]) -> str:
    """ "Monday, Tuesday and Friday"."""
    if len(words) == 1:
        return words[-1]
    return gettext("%(one)s and %(other)s", one=", ".join(words[:-1]), other=words[-1])


def weekly(weekdays: Collection[int], every: int = 1) -> str:
    """The RRULE's value for some weekdays (Monday is 0) of every n-th week."""
    return Rule(tuple(sorted(set(weekdays))), every).written()


def sentence(rule: str, starts: time, ends: time) -> str:
    """How a pattern reads: "Every second Tuesday and Thursday, 10am to noon"."""
    return f"{Rule.read(rule).words()}, {spoken_hours(starts, ends)}"


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """Times that come again by a rule, as local clocks show them.

    Weeks begin on Monday; every n-th week or month is counted from the one
    that holds `first_day`. `ends` at or before `starts` is on the next day.
    `last_day` is included; without one it goes on until somebody says.
    """

    rule: str
    starts: time
    ends: time
    first_day: date
    last_day: date | None = None
    skipped: Collection[date] = ()
    # Whether a bank holiday is a day like any other.
    works_on_holidays: bool = True


@dataclass(frozen=True)
class Occurrence:
    """One time of a `Repeat`: its local day, and two aware moments in UTC."""

    day: date
    starts_at: datetime
    ends_at: datetime


@lru_cache(maxsize=512)
def _evaluated(rule: str, first_day: date) -> rrule:
    """The rule from a first day on; it keeps what it has found, so that it is found once."""
    start = datetime.combine(first_day, time.min)
    # Said aloud, because the library would take the first day of the week from the process.
    return rrulestr(f"{rule};WKST=MO", dtstart=start, cache=True)


def days(repeat: Repeat, first: date, last: date) -> list[date]:
    """The local days of the repeat from `first` to `last`, those left out too."""
    first = max(first, repeat.first_day)
    last = last if repeat.last_day is None else min(last, repeat.last_day)
    if last < first:
        return []
    found = _evaluated(repeat.rule, repeat.first_day).between(
        datetime.combine(first, time.min), datetime.combine(last, time.min), inc=True
    )
    return [moment.date() for moment in found]


def occurrences(
    repeat: Repeat,
    zone: str,
    *,
    first: date | None = None,
    last: date | None = None,
    closed: Collection[date] = (),
) -> list[Occurrence]:
    """Every time of the repeat, first to last, in a site's zone, but on no closed day.

    Raises `ValueError` for one without an end when no `last` is given.
    """
    end = last or repeat.last_day
    if end is None:
        raise ValueError("A repeat without an end needs a last day here.")
    out = {*repeat.skipped, *closed}
    return [
        Occurrence(day, *span(day, repeat.starts, repeat.ends, zone))
        for day in days(repeat, first or repeat.first_day, end)
        if day not in out
    ]


def span(day: date, starts: time, ends: time, zone: str) -> tuple[datetime, datetime]:
    """Two moments in UTC from a local day and local times; `ends` may be on the next day.

    A time that the clocks skip in spring is moved forward by the hour they
    skip; of a time that comes twice in autumn the first is meant. The end is
    always after the start: where the change of clocks swallowed all of it,
    the length that the clock faces promise is kept.
    """
    last = day if ends > starts else day + timedelta(days=1)
    face_start, face_end = datetime.combine(day, starts), datetime.combine(last, ends)
    # fold=0 does both: before a gap it counts by the old offset, and it is the first of two.
    tz = ZoneInfo(zone)
    start = face_start.replace(tzinfo=tz).astimezone(UTC)
    end = face_end.replace(tzinfo=tz).astimezone(UTC)
    return start, end if end > start else start + (face_end - face_start)
