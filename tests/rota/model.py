"""What patterns, changes and closures come to, worked out on a wall calendar.

It shares nothing with the code that it judges: no rule of RFC 5545, no query,
no plan. Days are looked at one by one; a bank holiday is one because the
government's list of that year says so.
"""

from __future__ import annotations

import calendar
import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
AHEAD = timedelta(days=182)
# https://www.gov.uk/bank-holidays, England and Wales; and the day itself where another stands
# in its place: nobody comes on Boxing Day, be it a Saturday.
BANK_HOLIDAYS = {
    *(date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25)),
    *(date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 28)),
    *(date(2027, 1, 1), date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3), date(2027, 5, 31)),
    *(date(2027, 8, 30), date(2027, 12, 25), date(2027, 12, 26), date(2027, 12, 27)),
    *(date(2027, 12, 28), date(2028, 1, 3), date(2028, 4, 14), date(2028, 4, 17)),
    *(date(2028, 5, 1), date(2028, 5, 29), date(2028, 8, 28), date(2028, 12, 25)),
    *(date(2028, 1, 1), date(2028, 12, 26), date(2029, 1, 1), date(2029, 3, 30)),
    *(date(2029, 4, 2), date(2029, 5, 7), date(2029, 5, 28), date(2029, 8, 27)),
    *(date(2029, 12, 25), date(2029, 12, 26)),
}


def utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, LONDON).astimezone(UTC)


def span(day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    return utc(day, starts), utc(day if ends > starts else day + timedelta(days=1), ends)


def all_days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


@dataclass(frozen=True)
class Beat:
    """Which days: weekdays of every n-th week, or their n-th in every month (-1 is the last)."""

    weekdays: tuple[int, ...]
    every: int = 1
    ordinal: int | None = None

    def has(self, anchor: date, day: date) -> bool:
        if day.weekday() not in self.weekdays:
            return False
        if self.ordinal is None:
            monday = day - timedelta(days=day.weekday())
            first = anchor - timedelta(days=anchor.weekday())
            return ((monday - first).days // 7) % self.every == 0
        months = (day.year - anchor.year) * 12 + day.month - anchor.month
        weeks = calendar.monthcalendar(day.year, day.month)
        column = [week[day.weekday()] for week in weeks if week[day.weekday()]]
        wanted = column[-1] if self.ordinal == -1 else column[self.ordinal - 1]
        return months % self.every == 0 and day.day == wanted

    def rrule(self) -> str:
        codes = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
        number = "" if self.ordinal is None else str(self.ordinal)
        days = ",".join(number + codes[day] for day in self.weekdays)
        interval = f"INTERVAL={self.every};" if self.every > 1 else ""
        return f"FREQ={'MONTHLY' if self.ordinal else 'WEEKLY'};{interval}BYDAY={days}"


@dataclass
class Series:
    """One pattern."""

    name: str
    beat: Beat
    starts: time
    ends: time
    first: date
    last: date | None
    works_on_holidays: bool
    places: int
    minimum: int
    skipped: set[date] = field(default_factory=set)

    def has(self, day: date) -> bool:
        inside = self.first <= day and (self.last is None or day <= self.last)
        return inside and self.beat.has(self.first, day)


@dataclass
class Turn:
    """One shift. `of` is its pattern; without one it has become a shift of its own."""

    of: Series | None
    starts_at: datetime
    ends_at: datetime
    places: int
    minimum: int
    is_cancelled: bool = False
    people: set[int] = field(default_factory=set)
    was_signed_up_to: bool = False

    def as_made(self, key: date) -> bool:
        of = self.of
        assert of is not None
        made = (*span(key, of.starts, of.ends), of.places, of.minimum)
        return made == (self.starts_at, self.ends_at, self.places, self.minimum)


Key = tuple[str, date]


@dataclass
class Model:
    """A role's patterns, closed days and shifts, each shift under its stable key."""

    now: datetime
    patterns: list[Series] = field(default_factory=list)
    closures: dict[int, tuple[date, date]] = field(default_factory=dict)
    turns: dict[Key, Turn] = field(default_factory=dict)
    # Cancelled ones whose day the pattern wants again: they stand under no key any more.
    gave_way: list[Turn] = field(default_factory=list)

    def snapshot(self) -> Model:
        return copy.deepcopy(self)

    def is_closed(self, day: date, works_on_holidays: bool) -> bool:
        if not works_on_holidays and day in BANK_HOLIDAYS:
            return True
        return any(first <= day <= last for first, last in self.closures.values())

    def extend(self) -> None:
        """What the daily task makes."""
        today = self.now.astimezone(LONDON).date()
        for of in self.patterns:
            for day in all_days(today, today + AHEAD + timedelta(days=1)):
                start, end = span(day, of.starts, of.ends)
                if (
                    of.has(day)
                    and day not in of.skipped
                    and not self.is_closed(day, of.works_on_holidays)
                    and self.now < start <= self.now + AHEAD
                    and (of.name, day) not in self.turns
                ):
                    self.turns[of.name, day] = Turn(of, start, end, of.places, of.minimum)

    def next_day(self, of: Series) -> date | None:
        today = self.now.astimezone(LONDON).date()
        for day in all_days(today, today + timedelta(days=800)):
            if of.has(day) and day not in of.skipped and utc(day, of.starts) > self.now:
                return day
        return None

    def drop(self, key: Key, along: bool, needs_a_tick: bool) -> str:
        """A turn that is to go: what becomes of it."""
        turn = self.turns[key]
        if turn.people:
            if not along:
                turn.of = None
                return "kept"
            turn.people, turn.is_cancelled = set(), True
            return "cancelled"
        if needs_a_tick and not along:
            turn.of = None
            return "kept"
        if turn.was_signed_up_to:
            turn.is_cancelled = True
        else:
            del self.turns[key]
        return "gone"

    def change(self, of: Series, since: date | None, along: Collection[Key], **said: Any) -> None:
        """This and later, or all to come, get other days, times or numbers."""
        since = since or self.next_day(of)
        assert since is not None
        beat, was = said["beat"], of.beat
        by_month = bool(beat.ordinal and was.ordinal)
        monday = since - timedelta(days=since.weekday())
        anchor = since.replace(day=1) if beat.ordinal else monday
        last: date | None = said["last"]
        end = max(since, self.now.date() + AHEAD) + timedelta(days=70)

        def period(day: date) -> Any:
            return (day.year, day.month) if by_month else day - timedelta(days=day.weekday())

        before = {day for day in all_days(min(anchor, monday), since) if of.has(day)} - {since}
        old = [day for day in all_days(since, end) if of.has(day)]
        ends_it = last is not None and last < since
        new = [
            day
            for day in all_days(anchor, end)
            if not ends_it
            and beat.has(anchor, day)
            and (last is None or day <= last)
            and day not in before
        ]
        goes_to = {day: day for day in old if day in new}
        for day in old:
            if day in goes_to:
                continue
            free = [
                other
                for other in new
                if period(other) == period(day) and other not in goes_to.values()
            ]
            if free:
                goes_to[day] = free[0]

        mine = {
            key: turn
            for key, turn in self.turns.items()
            if turn.of is of and key[1] >= since and turn.starts_at > self.now
        }
        others = {key[1] for key in self.turns if key[0] == of.name and key not in mine}
        after = Series(
            name=of.name,
            beat=beat,
            starts=said["starts"],
            ends=said["ends"],
            first=min([since, *goes_to.values()]),
            last=last,
            works_on_holidays=said["works_on_holidays"],
            places=said["places"],
            minimum=said["minimum"],
        )
        after.skipped = {goes_to.get(day, day) for day in of.skipped if day >= since}
        after.skipped |= {goes_to[day] for day in others if goes_to.get(day, day) != day}
        # What was before stays as it was, even where the new days would have it too.
        after.skipped |= {
            day
            for day in all_days(after.first, since - timedelta(days=1))
            if not ends_it and beat.has(anchor, day) and day not in goes_to.values()
        }

        def wanted(day: date) -> bool:
            return (
                day in new
                and (day >= since or day in goes_to.values())
                and day not in after.skipped
                and not self.is_closed(day, after.works_on_holidays)
            )

        taken = set(others)
        moved: dict[Key, Turn] = {}
        stays_first = sorted(mine, key=lambda key: (goes_to.get(key[1]) != key[1], key[1]))
        for key in stays_first:
            turn, day = mine[key], goes_to.get(key[1])
            odd = not turn.is_cancelled and not turn.as_made(key[1])
            if day is not None and day not in taken and wanted(day):
                taken.add(day)
                del self.turns[key]
                moved[key[0], day] = turn
                self.meet(turn, day, after, odd and key not in along)
            elif turn.is_cancelled:
                turn.of = None
                if wanted(key[1]):
                    self.gave_way.append(self.turns.pop(key))
            else:
                if self.drop(key, key in along, odd) != "kept" and key in self.turns:
                    turn.of = after if not ends_it else of
        self.turns |= moved
        has_past = any(of.has(day) for day in all_days(of.first, since - timedelta(days=1)))
        if ends_it or has_past:
            of.last = since - timedelta(days=1)
        else:
            self.patterns.remove(of)
        if not ends_it:
            self.patterns.append(after)
        for day in new:
            start, finish = span(day, after.starts, after.ends)
            if wanted(day) and day not in taken and self.now < start <= self.now + AHEAD:
                self.turns[of.name, day] = Turn(after, start, finish, after.places, after.minimum)

    def meet(self, turn: Turn, day: date, after: Series, stays: bool) -> None:
        turn.of = after
        start, end = span(day, after.starts, after.ends)
        if turn.is_cancelled or stays or start <= self.now:
            return
        turn.starts_at, turn.ends_at = start, end
        turn.places, turn.minimum = max(after.places, len(turn.people)), after.minimum

    def close(self, number: int, first: date, last: date, along: Collection[Key]) -> None:
        for key, turn in list(self.turns.items()):
            day = turn.starts_at.astimezone(LONDON).date()
            if turn.is_cancelled or turn.starts_at <= self.now or not first <= day <= last:
                continue
            odd = turn.of is None or not turn.as_made(key[1])
            self.drop(key, key in along, odd)
        self.closures[number] = (first, last)

    def reopen(self, number: int) -> None:
        first, last = self.closures.pop(number)
        for of in self.patterns:
            for day in all_days(first, last):
                start, end = span(day, of.starts, of.ends)
                if (
                    of.has(day)
                    and day not in of.skipped
                    and not self.is_closed(day, of.works_on_holidays)
                    and self.now < start <= self.now + AHEAD
                    and (of.name, day) not in self.turns
                ):
                    self.turns[of.name, day] = Turn(of, start, end, of.places, of.minimum)
