"""This shift and the later ones of its pattern, or all that are still to come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities import queries
from app.opportunities import rules as shift_rules
from app.opportunities.models import Pattern, Shift, Stage
from app.opportunities.rules import Repeat, occurrences, span
from app.opportunities.rules.repeating import Rule, days, sentence
from app.rota.changing import rules
from app.rota.changing.drafts.shapes import Conflict, Draft, keys_of, made_of, read, short
from app.rota.changing.models import Kind
from app.rota.changing.rules import Face
from app.web.filters import spoken_day

# So far beyond the horizon days are looked at: a shift may have moved within its month.
BEYOND = timedelta(days=62)


@dataclass(frozen=True, kw_only=True)
class PatternValues:
    """What a manager can say of a pattern; `rule` is the value of an RRULE."""

    rule: str
    starts: time
    ends: time
    last_day: date | None
    works_on_holidays: bool
    places: int
    minimum: int


def values_of_pattern(pattern: Pattern) -> PatternValues:
    """A pattern's row as its form has it."""
    return PatternValues(
        rule=pattern.rule,
        starts=pattern.starts,
        ends=pattern.ends,
        last_day=pattern.last_day,
        works_on_holidays=pattern.works_on_holidays,
        places=pattern.places,
        minimum=pattern.minimum,
    )


@dataclass(frozen=True, kw_only=True)
class ThisAndLater:
    """The shifts of a pattern from one occurrence on; without `from_day`, all still to come.

    What was before stays as it was: the pattern ends there, and another of the
    same series goes on from it.
    """

    group_id: int
    pattern_id: int
    values: PatternValues
    from_day: date | None = None
    version: int | None = None

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        pattern = queries.pattern_of(self.group_id, self.pattern_id, lock=lock)
        opportunity, said = pattern.opportunity, self.values
        if opportunity.stage == Stage.CANCELLED:
            raise Refusal("This role was cancelled, so it cannot be changed.")
        if self.version is not None and self.version != pattern.version:
            raise Conflict(vars(values_of_pattern(pattern)).copy(), pattern.version, pattern)
        zone, now = opportunity.site.zone, clock.now()
        _check(said, zone)
        old = queries.repeat_of(pattern)
        from_day = self.from_day or _next_day(old, zone)
        course = _course(old, said, from_day, now.date() + shift_rules.HORIZON)

        mine = _coming_of(pattern.id, from_day, lock)
        others = keys_of([pattern.series])[pattern.series] - {
            shift.occurrence_day for shift in mine
        }
        skipped = course.skipped(old.skipped, others)
        closed = queries.closed_days(
            opportunity,
            course.first_day,
            course.reach,
            works_on_holidays=said.works_on_holidays,
        )
        wanted = {
            day: Face(*span(day, said.starts, said.ends, zone), said.places, said.minimum)
            for day in course.days
            if day not in skipped and day not in closed
        }
        steps = rules.plan(
            made_of(mine, {pattern.id: pattern}),
            wanted,
            course.moves,
            now=now,
            horizon=now + shift_rules.HORIZON,
            others=others,
            along=along,
        )
        return Draft(
            group_id=self.group_id,
            kind=Kind.PATTERN,
            summary=short(_summary(pattern, said, from_day, zone, course.ends)),
            steps=steps,
            shifts={shift.id: shift for shift in mine},
            opportunity=opportunity,
            details={
                "pattern": pattern,
                "from_day": from_day,
                "first_day": course.first_day,
                "skipped": sorted(day for day in skipped if day >= course.first_day),
                "has_past": bool(days(old, old.first_day, from_day - timedelta(days=1))),
                "ends": course.ends,
            },
        )


@dataclass(frozen=True)
class _Course:
    """The days of a pattern from its change on, and which day each old one becomes."""

    from_day: date
    reach: date
    ends: bool  # nothing comes after
    days: list[date]
    dropped: list[date]  # days of the rule that fall before the change begins
    moves: dict[date, date]

    @property
    def first_day(self) -> date:
        """Where the changed pattern begins: a day may move to an earlier one of its week."""
        return min([self.from_day, *self.moves.values()])

    def skipped(self, before: Collection[date], others: Collection[date]) -> set[date]:
        """The days on which it makes nothing: left out by a manager, or taken.

        What has begun, or is a shift of its own by now (`others`), stands for
        the day that it would become.
        """
        left_out = {self.moves.get(day, day) for day in before if day >= self.from_day}
        taken = {self.moves[day] for day in others if self.moves.get(day, day) != day}
        return left_out | taken | {day for day in self.dropped if day >= self.first_day}


def _course(old: Repeat, said: PatternValues, from_day: date, horizon: date) -> _Course:
    rule = Rule.read(said.rule)
    reach = max(horizon, from_day) + BEYOND
    # Both are counted from the week, or the month, in which the change begins.
    monday = from_day - timedelta(days=from_day.weekday())
    anchor = from_day.replace(day=1) if rule.is_monthly else monday
    new = Repeat(
        rule=rule.written(),
        starts=said.starts,
        ends=said.ends,
        first_day=anchor,
        last_day=said.last_day,
    )
    # With its last day before the change it ends: nothing becomes anything else.
    ends = said.last_day is not None and said.last_day < from_day
    new_days = [] if ends else days(new, anchor, reach)
    moves = rules.pairs(
        days(old, min(anchor, monday), reach),
        new_days,
        by_month=rule.is_monthly and Rule.read(old.rule).is_monthly,
        from_day=from_day,
    )
    drawn = set(moves.values())
    return _Course(
        from_day=from_day,
        reach=reach,
        ends=ends,
        days=[day for day in new_days if day >= from_day or day in drawn],
        dropped=[day for day in new_days if day < from_day and day not in drawn],
        moves=moves,
    )


def _check(said: PatternValues, zone: str) -> None:
    if said.starts == said.ends:
        raise Refusal("The end must be after the start.", "ends")
    start, end = span(clock.today(zone), said.starts, said.ends, zone)
    shift_rules.check_shift(start, end, said.places, said.minimum, zone=zone)


def _next_day(old: Repeat, zone: str) -> date:
    """The first day of the pattern whose time has not begun."""
    today, now = clock.today(zone), clock.now()
    ahead = occurrences(old, zone, first=today, last=today + timedelta(days=800))
    found = next((one.day for one in ahead if one.starts_at > now), None)
    if found is None:
        raise Refusal("This pattern has nothing to come.")
    return found


def _coming_of(pattern_id: int, from_day: date, lock: bool) -> list[Shift]:
    query = (
        select(Shift.id)
        .where(
            Shift.pattern_id == pattern_id,
            Shift.occurrence_day >= from_day,
            Shift.starts_at > clock.now(),
        )
        .order_by(Shift.id)
    )
    return read(list(db.session.scalars(query)), lock)


def _summary(
    pattern: Pattern, said: PatternValues, from_day: date, zone: str, ends_it: bool
) -> str:
    title, since = pattern.opportunity.title, spoken_day(from_day, zone)
    before, after = (
        words[0].lower() + words[1:]
        for words in (
            sentence(pattern.rule, pattern.starts, pattern.ends),
            sentence(said.rule, said.starts, said.ends),
        )
    )
    if ends_it:
        return f"Ended from {since}: {title}, {before}"
    if before != after:
        return f"Changed from {since}: {title}, {before}. Now: {after}"
    return f"Changed from {since}: {title}, {before}"
