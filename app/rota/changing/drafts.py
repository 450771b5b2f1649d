"""The kinds of change, each worked out into what happens to which shift; nothing is written here.

A draft is worked out twice from the same code: for the page that shows it, and
again, under locks, when it is applied.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities import queries, slots
from app.opportunities import rules as shift_rules
from app.opportunities.models import Closure, Opportunity, Pattern, Shift, Stage
from app.opportunities.rules.repeating import (
    Repeat,
    Rule,
    days,
    occurrences,
    sentence,
    span,
)
from app.rota.changing import rules
from app.rota.changing.models import Kind
from app.rota.changing.rules import Act, Face, Made, Step, Why
from app.signups.models import LIVE, Signup
from app.signups.rows import locked
from app.web.filters import spoken_day, spoken_when

# So far beyond the horizon days are looked at: a shift may have moved within its month.
BEYOND = timedelta(days=62)


class Conflict(Refusal):
    """Somebody else has changed the row since the form was opened.

    `now` holds the form's values as the row has them, `version` its version.
    """

    def __init__(self, now: dict[str, object], version: int, subject: Pattern | Shift) -> None:
        super().__init__("Somebody else has changed this since you opened the page.")
        self.now, self.version, self.subject = now, version, subject


@dataclass(kw_only=True)
class Draft:
    """What a change would do, before anybody is told."""

    group_id: int
    kind: Kind
    summary: str
    steps: list[Step]
    shifts: dict[int, Shift]
    opportunity: Opportunity | None = None
    titles: dict[int, str] = field(default_factory=dict)  # of roles, by their patterns
    details: dict[str, Any] = field(default_factory=dict)  # for the kind's own `settle`

    def title_of(self, step: Step) -> str:
        """The role of a step's shift."""
        if step.shift is not None:
            return self.shifts[step.shift.id].opportunity.title
        return self.titles.get(step.pattern_id or 0, "")


class Change(Protocol):
    """A change as a manager asks for it."""

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        """Work it out; with `lock`, under locks that hold until the commit.

        `along` are shifts that would stay by themselves and are taken along.
        Raises `Refusal` for what cannot be, `Conflict` when another was first.
        """


# A single shift.


@dataclass(frozen=True, kw_only=True)
class ShiftValues:
    """What a manager can say of one shift, in local time of its site."""

    day: date
    starts: time
    ends: time
    places: int
    minimum: int


def values_of_shift(shift: Shift) -> ShiftValues:
    """A shift's row as its form has it."""
    zone = ZoneInfo(shift.site.zone)
    start, end = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    return ShiftValues(
        day=start.date(),
        starts=start.time().replace(second=0, microsecond=0),
        ends=end.time().replace(second=0, microsecond=0),
        places=shift.places,
        minimum=shift.minimum,
    )


@dataclass(frozen=True, kw_only=True)
class OneShift:
    """Only this shift: a new time, other places, another minimum.

    `version` is the shift's as the form had it; None asks no questions.
    """

    group_id: int
    shift_id: int
    values: ShiftValues
    version: int | None = None

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        if lock:
            locked([self.shift_id])
        shift = queries.shift_of(self.group_id, self.shift_id)
        if shift.stage == Stage.CANCELLED:
            raise Refusal("This shift was cancelled. Add a new one instead.")
        if shift.starts_at <= clock.now():
            raise Refusal("This shift has begun, so it cannot be changed.")
        if self.version is not None and self.version != shift.version:
            raise Conflict(vars(values_of_shift(shift)).copy(), shift.version, shift)
        after = self._after(shift)
        made = _made([shift], {})[0]
        steps = []
        if after != made.face:
            steps.append(Step(act=Act.CHANGE, shift=made, key=made.key, after=after))
        return Draft(
            group_id=self.group_id,
            kind=Kind.SHIFT,
            summary=_short(f"Changed the shift of {_when(shift)}: {shift.opportunity.title}"),
            steps=steps,
            shifts={shift.id: shift},
            opportunity=shift.opportunity,
        )

    def _after(self, shift: Shift) -> Face:
        said = self.values
        if said.starts == said.ends:
            raise Refusal("The end must be after the start.", "ends")
        if said == values_of_shift(shift):  # seconds that no form can hold stay as they are
            return _face(shift)
        start, end = span(said.day, said.starts, said.ends, shift.site.zone)
        before = values_of_shift(shift)
        if (said.day, said.starts, said.ends) == (before.day, before.starts, before.ends):
            start, end = shift.starts_at, shift.ends_at
        elif start <= clock.now():
            raise Refusal("That time has passed. Choose a later one.", "day")
        shift_rules.check_shift(start, end, said.places, said.minimum)
        if said.places < shift.taken:
            raise Refusal(
                f"{shift.taken} people have a place already. Give at least {shift.taken} places.",
                "places",
            )
        if said.places != shift.places and slots.of_shift(shift.id):
            raise Refusal("This shift has a team: change its places there.", "places")
        return Face(start, end, said.places, said.minimum)


# A pattern.


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
            raise Refusal("This opportunity was cancelled, so it cannot be changed.")
        if self.version is not None and self.version != pattern.version:
            raise Conflict(vars(values_of_pattern(pattern)).copy(), pattern.version, pattern)
        zone, now = opportunity.site.zone, clock.now()
        new_rule = Rule.read(said.rule)
        _check(said, zone)
        old = queries.repeat_of(pattern)
        from_day = self.from_day or _next_day(old, zone)
        reach = (now + shift_rules.HORIZON + BEYOND).astimezone(ZoneInfo(zone)).date()
        reach = max(reach, from_day + BEYOND)

        # Both are counted from the week, or the month, in which the change begins.
        anchor = _monday(from_day)
        if new_rule.is_monthly:
            anchor = from_day.replace(day=1)
        new = Repeat(
            rule=new_rule.written(),
            starts=said.starts,
            ends=said.ends,
            first_day=anchor,
            last_day=said.last_day,
            works_on_holidays=said.works_on_holidays,
        )
        # With its last day before the change it ends: nothing becomes anything else.
        ends_it = said.last_day is not None and said.last_day < from_day
        new_days = [] if ends_it else days(new, anchor, reach)
        moves = rules.pairs(
            days(old, min(anchor, _monday(from_day)), reach),
            new_days,
            by_month=new_rule.is_monthly and Rule.read(old.rule).is_monthly,
            from_day=from_day,
        )
        drawn = set(moves.values())
        kept_days = [day for day in new_days if day >= from_day or day in drawn]
        first_day = min([from_day, *drawn])

        keys = _keys(pattern.series)
        mine = _coming_of(pattern.id, from_day, lock)
        others = keys - {shift.occurrence_day for shift in mine}
        skipped = {moves.get(day, day) for day in old.skipped if day >= from_day}
        skipped |= {day for day in new_days if first_day <= day < from_day and day not in drawn}
        # What has begun, or is a shift of its own by now, stands for the day that it would become.
        skipped |= {moves[day] for day in others if moves.get(day, day) != day}
        closed = queries.closed_days(
            opportunity, anchor, reach, works_on_holidays=said.works_on_holidays
        )
        wanted = {
            day: Face(*span(day, said.starts, said.ends, zone), said.places, said.minimum)
            for day in kept_days
            if day not in skipped and day not in closed
        }
        shifts = {shift.id: shift for shift in mine}
        steps = rules.plan(
            _made(mine, {pattern.id: pattern}),
            wanted,
            moves,
            now=now,
            horizon=now + shift_rules.HORIZON,
            others=others,
            along=along,
        )
        return Draft(
            group_id=self.group_id,
            kind=Kind.PATTERN,
            summary=_short(_summary(pattern, said, from_day, zone, ends_it)),
            steps=steps,
            shifts=shifts,
            opportunity=opportunity,
            details={
                "pattern": pattern,
                "from_day": from_day,
                "first_day": first_day,
                "skipped": sorted(day for day in skipped if day >= min(first_day, from_day)),
                "has_past": bool(days(old, old.first_day, from_day - timedelta(days=1))),
                "ends": ends_it,
            },
        )


def _check(said: PatternValues, zone: str) -> None:
    if said.starts == said.ends:
        raise Refusal("The end must be after the start.", "ends")
    start, end = span(clock.today(zone), said.starts, said.ends, zone)
    shift_rules.check_shift(start, end, said.places, said.minimum)


def _next_day(old: Repeat, zone: str) -> date:
    """The first day of the pattern whose time has not begun."""
    today, now = clock.today(zone), clock.now()
    ahead = occurrences(old, zone, first=today, last=today + timedelta(days=800))
    found = next((one.day for one in ahead if one.starts_at > now), None)
    if found is None:
        raise Refusal("This pattern has nothing to come.")
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _keys(series: str) -> set[date]:
    """Every day of the series for which there is a shift."""
    days_made = select(Shift.occurrence_day).where(Shift.series == series)
    return {day for day in db.session.scalars(days_made) if day is not None}


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


def read(ids: Sequence[int], lock: bool) -> list[Shift]:
    """Shifts with all that a draft asks of them; with `lock`, in the order of their ids, held."""
    if not ids:
        return []
    if lock:
        # What has begun or gone between the two statements is read as it is.
        return locked(ids)
    return list(
        db.session.scalars(
            select(Shift)
            .where(Shift.id.in_(list(ids)))
            .order_by(Shift.id)
            .options(
                joinedload(Shift.opportunity).joinedload(Opportunity.group), joinedload(Shift.site)
            )
        )
    )


def _summary(
    pattern: Pattern, said: PatternValues, from_day: date, zone: str, ends_it: bool
) -> str:
    title, since = pattern.opportunity.title, spoken_day(from_day, zone)
    before = sentence(pattern.rule, pattern.starts, pattern.ends)
    after = sentence(said.rule, said.starts, said.ends)
    if ends_it:
        return f"Ended from {since}: {title}, {before}"
    if before != after:
        return f"Changed from {since}: {title}, {before}. Now: {after}"
    return f"Changed from {since}: {title}, {before}"


# Closed days.


@dataclass(frozen=True, kw_only=True)
class Close:
    """A group, or one of its sites, is closed on some days, both included."""

    group_id: int
    site_id: int | None
    name: str
    first_day: date
    last_day: date

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        if self.last_day < self.first_day:
            raise Refusal("The last date must not be before the first.", "last_day")
        if self.site_id is not None and self.site_id not in {
            site.id for site in queries.sites_of(self.group_id)
        }:
            raise Refusal("Choose one of your group’s sites.", "site_id")
        patterns = _patterns_of_group(self.group_id, lock)
        shifts = [
            shift
            for shift in read(self._ids(), lock)
            if shift.starts_at > clock.now()
            and self.first_day <= _local_day(shift) <= self.last_day
        ]
        steps = [
            rules.go(
                made,
                along,
                Why.ONE_OFF if made.key is None else _exception(made),
            )
            for made in _made(shifts, patterns)
            if not made.is_cancelled
        ]
        return Draft(
            group_id=self.group_id,
            kind=Kind.CLOSURE,
            summary=_short(f"Closed {self.words()}: {self.name}"),
            steps=sorted(steps, key=rules.in_time),
            shifts={shift.id: shift for shift in shifts},
        )

    def words(self) -> str:
        """ "on Friday 25 December", "from … to …"."""
        return closed_words(self.first_day, self.last_day)

    def _ids(self) -> list[int]:
        # A day more on each side, whatever the site's zone; the local day decides.
        begin = datetime.combine(self.first_day, time.min, clock.now().tzinfo) - timedelta(days=1)
        end = datetime.combine(self.last_day, time.min, clock.now().tzinfo) + timedelta(days=2)
        query = (
            select(Shift.id)
            .join(Shift.opportunity)
            .where(
                Opportunity.group_id == self.group_id,
                Shift.starts_at > max(begin, clock.now()),
                Shift.starts_at < end,
            )
        )
        if self.site_id is not None:
            query = query.where(Shift.site_id == self.site_id)
        return list(db.session.scalars(query.order_by(Shift.id)))


@dataclass(frozen=True, kw_only=True)
class Reopen:
    """A closure was a mistake or is over sooner: what it kept from being made is made."""

    group_id: int
    closure_id: int

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        closure = closure_of(self.group_id, self.closure_id)
        if closure is None:
            raise Refusal("This closure is gone already.")
        now, steps = clock.now(), []
        titles: dict[int, str] = {}
        for pattern in _patterns_of_group(self.group_id, lock).values():
            role = pattern.opportunity
            if closure.site_id not in (None, role.site_id):
                continue
            if role.stage not in (Stage.DRAFT, Stage.PUBLISHED):
                continue
            first, last = closure.first_day, closure.last_day
            closed = queries.closed_days(
                role,
                first,
                last,
                works_on_holidays=pattern.works_on_holidays,
                but=closure.id,
            )
            titles[pattern.id] = role.title
            taken = _keys(pattern.series)
            repeat = queries.repeat_of(pattern)
            for one in occurrences(repeat, role.site.zone, first=first, last=last, closed=closed):
                if one.day in taken or not now < one.starts_at <= now + shift_rules.HORIZON:
                    continue
                face = Face(one.starts_at, one.ends_at, pattern.places, pattern.minimum)
                steps.append(
                    Step(act=Act.ADD, shift=None, key=one.day, after=face, pattern_id=pattern.id)
                )
        return Draft(
            group_id=self.group_id,
            kind=Kind.CLOSURE,
            summary=_short(
                f"Open again {closed_words(closure.first_day, closure.last_day)}: {closure.name}"
            ),
            steps=sorted(steps, key=rules.in_time),
            shifts={},
            titles=titles,
            details={"closure": closure},
        )


def closure_of(group_id: int, closure_id: int) -> Closure | None:
    """A closure of this group, or None."""
    return db.session.scalar(
        select(Closure).where(Closure.id == closure_id, Closure.group_id == group_id)
    )


def closed_words(first: date, last: date) -> str:
    """ "on Friday 25 December", "from Thursday 24 to …"; with the year where it is another."""
    zone = current_app.config["TIMEZONE"]
    if first == last:
        return f"on {spoken_day(first, zone)}"
    return f"from {spoken_day(first, zone)} to {spoken_day(last, zone)}"


def _patterns_of_group(group_id: int, lock: bool) -> dict[int, Pattern]:
    """The group's patterns; locked, so that the daily task makes nothing meanwhile."""
    query = (
        select(Pattern)
        .join(Pattern.opportunity)
        .where(Opportunity.group_id == group_id)
        .order_by(Pattern.id)
        .options(joinedload(Pattern.opportunity).joinedload(Opportunity.site))
    )
    if lock:
        query = query.with_for_update(of=Pattern).execution_options(populate_existing=True)
    return {pattern.id: pattern for pattern in db.session.scalars(query)}


# What each kind asks of a shift.


def _made(shifts: Sequence[Shift], patterns: dict[int, Pattern]) -> list[Made]:
    """Shifts as the rules know them; of a pattern that is not given none is an exception."""
    ids = [shift.id for shift in shifts]
    live = db.session.execute(
        select(Signup.shift_id, func.count().label("people"))
        .where(Signup.shift_id.in_(ids), Signup.standing.in_(LIVE))
        .group_by(Signup.shift_id)
    )
    people = {row.shift_id: row.people for row in live}
    with_slots = slots.of_shifts(ids)
    return [
        Made(
            id=shift.id,
            key=shift.occurrence_day if shift.pattern_id else None,
            face=_face(shift),
            version=shift.version,
            people=people.get(shift.id, 0),
            taken=shift.taken,
            is_exception=_is_exception(
                shift, patterns.get(shift.pattern_id or 0), shift.id in with_slots
            ),
            is_cancelled=shift.stage == Stage.CANCELLED,
            has_slots=shift.id in with_slots,
        )
        for shift in shifts
    ]


def _face(shift: Shift) -> Face:
    return Face(shift.starts_at, shift.ends_at, shift.places, shift.minimum)


def _is_exception(shift: Shift, pattern: Pattern | None, has_slots: bool) -> bool:
    """Whether a manager has changed it by itself: it is not what its pattern made."""
    if pattern is None or shift.occurrence_day is None:
        return False
    made = span(shift.occurrence_day, pattern.starts, pattern.ends, shift.site.zone)
    if (shift.starts_at, shift.ends_at) != made:
        return True
    # Of a team's places each has its own; they are changed with the team.
    by_duty = has_slots or bool(pattern.team)
    return not by_duty and (shift.places, shift.minimum) != (pattern.places, pattern.minimum)


def _exception(made: Made) -> Why:
    return Why.EXCEPTION if made.is_exception else Why.NONE


def _local_day(shift: Shift) -> date:
    return shift.starts_at.astimezone(ZoneInfo(shift.site.zone)).date()


def _when(shift: Shift) -> str:
    return spoken_when(shift.starts_at, shift.ends_at, shift.site.zone)


def _short(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:299]}…"
