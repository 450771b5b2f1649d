"""One more shift, as much like the last one as can be: so that it takes a few seconds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import queries, rules, service, slots
from app.opportunities.models import Opportunity, Pattern, Shift, Stage
from app.opportunities.rules import Repeat
from app.opportunities.rules.repeating import Rule, weekly
from app.opportunities.slots import Numbers, Team

_A_DAY: Final = timedelta(days=1)
_WEEKS_AHEAD: Final = 8
# What a role that never had a shift begins with.
_USUAL: Final = (time(10), time(12), 2, 1)


@dataclass(frozen=True)
class Begun:
    """What the form of a new shift begins with. Day and times are local to the role's site."""

    day: date
    starts: time
    ends: time
    places: int
    minimum: int
    # Where people of a shift do different things: as the last one had it.
    team: Team = field(default_factory=dict)


@dataclass(frozen=True)
class Posted:
    """What came of it: how many shifts, the first of them, and the days that had one already."""

    opportunity: Opportunity
    made: int
    first_day: date
    had_one: Sequence[date] = ()


def roles(group_id: int) -> Sequence[Opportunity]:
    """The roles that may get a shift, the one for which one was made last first. One statement.

    What a pattern makes by itself, week by week, is not counted as use of its role.
    """
    shift = (
        select(func.max(Shift.created_at))
        .where(Shift.opportunity_id == Opportunity.id, Shift.pattern_id.is_(None))
        .scalar_subquery()
    )
    pattern = (
        select(func.max(Pattern.created_at))
        .where(Pattern.opportunity_id == Opportunity.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Opportunity, shift, pattern)
        .where(
            Opportunity.group_id == group_id,
            Opportunity.stage.in_([Stage.DRAFT, Stage.PUBLISHED]),
        )
        .options(joinedload(Opportunity.site))
        .order_by(Opportunity.title, Opportunity.id)
    ).all()
    used = {
        role.id: max([moment for moment in moments if moment], default=None)
        for role, *moments in rows
    }
    long_ago = min([role.created_at for role, *_ in rows], default=clock.now())
    return sorted(
        (role for role, *_ in rows), key=lambda role: used[role.id] or long_ago, reverse=True
    )


def begin(role: Opportunity, day: date | None = None) -> Begun:
    """A new shift of this role like its last one, on `day` or its next free day.

    That is the same day of the week within eight weeks, where the role has
    nothing at that time yet and the group is not closed; else the first such
    day from tomorrow on.
    """
    last = _last_shift(role)
    pattern = db.session.scalar(
        select(Pattern)
        .where(Pattern.opportunity_id == role.id)
        .order_by(Pattern.created_at.desc(), Pattern.id.desc())
        .limit(1)
    )
    weekday: int | None
    if pattern is not None and (last is None or pattern.created_at >= last.created_at):
        weekday = min(Rule.read(pattern.rule).weekdays)
        begun = (pattern.starts, pattern.ends, pattern.places, pattern.minimum)
        team: dict[int, Numbers] = slots.team_of(pattern)
    elif last is not None:
        start, end = rules.faces(last.starts_at, last.ends_at, role.site.zone)
        weekday = start.weekday()
        begun = (start.time(), end.time(), last.places, last.minimum)
        team = {
            slot.duty_id: Numbers(slot.places, slot.minimum) for slot in slots.of_shift(last.id)
        }
    else:
        weekday, begun, team = None, _USUAL, {}
    known = {duty.id for duty in slots.duties_of(role.id)} if team else set()
    if set(team) - known:
        team = {}
    return Begun(day or _free_day(role, weekday, begun[0]), *begun, team=team)


def _last_shift(role: Opportunity) -> Shift | None:
    return db.session.scalar(
        select(Shift)
        .where(Shift.opportunity_id == role.id, Shift.pattern_id.is_(None))
        .order_by(Shift.created_at.desc(), Shift.id.desc())
        .limit(1)
    )


def _free_day(role: Opportunity, weekday: int | None, starts: time) -> date:
    today = clock.today(role.site.zone)
    last = today + timedelta(weeks=_WEEKS_AHEAD)
    taken = _begin_at(role, today, last, starts)
    taken |= queries.closed_days(role, today, last, works_on_holidays=False).keys()
    coming = [today + number * _A_DAY for number in range(1, 7 * _WEEKS_AHEAD + 1)]
    free = [day for day in coming if day not in taken]
    same = [day for day in free if weekday is None or day.weekday() == weekday]
    return next(iter([*same, *free, *coming]))


def _begin_at(role: Opportunity, first: date, last: date, starts: time) -> set[date]:
    """The local days on which the role has a shift that begins at this time."""
    zone = ZoneInfo(role.site.zone)
    found = db.session.scalars(
        select(Shift.starts_at).where(
            Shift.opportunity_id == role.id,
            Shift.stage != Stage.CANCELLED,
            Shift.starts_at >= datetime.combine(first - _A_DAY, time(0), zone),
            Shift.starts_at < datetime.combine(last + 2 * _A_DAY, time(0), zone),
        )
    )
    faces = (moment.astimezone(zone) for moment in found)
    return {face.date() for face in faces if face.time().replace(second=0) == starts}


def post(
    group_id: int,
    opportunity_id: int,
    *,
    day: date,
    starts: time,
    ends: time,
    places: int,
    minimum: int,
    every_week: bool,
    team: Team | None = None,
) -> Posted:
    """Make the shift, or one each week from that day until somebody says.

    Weekly ones leave out bank holidays, the group's closed days and days on
    which the role has a shift at that time. Raises `Refusal` where the one
    shift that was asked for is there already: posted twice is posted once.
    """
    with transaction():
        role = queries.opportunity_of(group_id, opportunity_id, lock=True)
        if not every_week:
            if day in _begin_at(role, day, day, starts):
                raise Refusal(
                    "This role has a shift at that time already. "
                    "For more people, change how many that one has.",
                    "day",
                )
            service.add_shift(
                group_id,
                role.id,
                day=day,
                starts=starts,
                ends=ends,
                places=places,
                minimum=minimum,
                team=team,
            )
            return Posted(role, 1, day)
        repeat = _weekly(day, starts, ends)
        there = _days_of(role, repeat)
        _, made = service.add_pattern(
            group_id,
            role.id,
            _weekly(day, starts, ends, there),
            places=places,
            minimum=minimum,
            team=team,
        )
        return Posted(role, made, day, there)


def _weekly(day: date, starts: time, ends: time, skipped: Collection[date] = ()) -> Repeat:
    return Repeat(
        rule=weekly([day.weekday()]),
        starts=starts,
        ends=ends,
        first_day=day,
        skipped=sorted(skipped),
        works_on_holidays=False,
    )


def _days_of(role: Opportunity, repeat: Repeat) -> list[date]:
    """The days of a repeat on which the role has a shift at that time. Raises when all have."""
    days = [occurrence.day for occurrence in queries.preview(role, repeat)]
    if not days:
        raise Refusal("No such day comes within the next 26 weeks. Choose an earlier date.", "day")
    there = _begin_at(role, days[0], days[-1], repeat.starts) & set(days)
    if len(there) == len(days):
        raise Refusal("This role has a shift at that time every week already.", "day")
    return sorted(there)
