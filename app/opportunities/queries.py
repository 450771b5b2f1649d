"""Reading opportunities and shifts: rows for managers, pages for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload
from werkzeug.exceptions import NotFound

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Membership, Part, Site
from app.opportunities import rules
from app.opportunities.models import Closure, Opportunity, Pattern, Shift, Stage
from app.opportunities.rules import Occurrence, Repeat, closing
from app.opportunities.rules.repeating import days

Row = TypeVar("Row", Opportunity, Pattern, Shift)


def opportunity_of(group_id: int, opportunity_id: int, *, lock: bool = False) -> Opportunity:
    """An opportunity of this group with its site, or 404; with `lock`, held till the commit."""
    query = (
        select(Opportunity)
        .where(Opportunity.id == opportunity_id, Opportunity.group_id == group_id)
        .options(joinedload(Opportunity.site), joinedload(Opportunity.group))
    )
    return _one(query, lock, Opportunity)


def shift_of(group_id: int, shift_id: int, *, lock: bool = False) -> Shift:
    """A shift of this group with its opportunity and site, or 404; with `lock`, held."""
    query = (
        select(Shift)
        .join(Shift.opportunity)
        .where(Shift.id == shift_id, Opportunity.group_id == group_id)
        .options(contains_eager(Shift.opportunity), joinedload(Shift.site))
    )
    return _one(query, lock, Shift)


def pattern_of(group_id: int, pattern_id: int, *, lock: bool = False) -> Pattern:
    """A pattern of this group with its opportunity and site, or 404; with `lock`, held."""
    query = (
        select(Pattern)
        .join(Pattern.opportunity)
        .where(Pattern.id == pattern_id, Opportunity.group_id == group_id)
        .options(contains_eager(Pattern.opportunity).joinedload(Opportunity.site))
    )
    return _one(query, lock, Pattern)


def _one(query: Select[Row], lock: bool, of: type[Row]) -> Row:
    if lock:
        # Not an opportunity's key: a new shift refers to it, and whoever makes one for a
        # pattern holds shifts that publishing and closing wait for.
        query = query.with_for_update(of=of, key_share=of is Opportunity)
        query = query.execution_options(populate_existing=True)
    row = db.session.scalar(query)
    if row is None:
        raise NotFound
    return row


def repeat_of(pattern: Pattern) -> Repeat:
    """A pattern's row as the rules know it."""
    return Repeat(
        rule=pattern.rule,
        starts=pattern.starts,
        ends=pattern.ends,
        first_day=pattern.first_day,
        last_day=pattern.last_day,
        skipped=[date.fromisoformat(day) for day in pattern.skipped_days],
        works_on_holidays=pattern.works_on_holidays,
    )


def closed_days(
    opportunity: Opportunity,
    first: date,
    last: date,
    *,
    works_on_holidays: bool,
    but: int | None = None,
) -> dict[date, str]:
    """The local days from `first` to `last` on which no shift of a pattern is made, and why.

    `but` is the number of a closure that is to be overlooked.
    """
    closed = {} if works_on_holidays else closing.bank_holidays(first, last)
    for closure in db.session.scalars(
        select(Closure)
        .where(
            Closure.group_id == opportunity.group_id,
            or_(Closure.site_id.is_(None), Closure.site_id == opportunity.site_id),
            Closure.first_day <= last,
            Closure.last_day >= first,
            Closure.id != (but or 0),
        )
        .order_by(Closure.first_day, Closure.id)
    ):
        begin = max(closure.first_day, first)
        length = (min(closure.last_day, last) - begin).days + 1
        closed |= {begin + timedelta(days=n): closure.name for n in range(length)}
    return closed


def preview(opportunity: Opportunity, repeat: Repeat) -> list[Occurrence]:
    """What a repeat would make now: what is still to come, up to 26 weeks ahead.

    On closed days there is nothing.
    """
    now = clock.now()
    first, last = _within_reach(opportunity)
    closed = closed_days(opportunity, first, last, works_on_holidays=repeat.works_on_holidays)
    return [
        occurrence
        for occurrence in rules.occurrences(
            repeat, opportunity.site.zone, first=first, last=last, closed=closed
        )
        if now < occurrence.starts_at <= now + rules.HORIZON
    ]


def left_out(opportunity: Opportunity, repeat: Repeat) -> list[tuple[date, str]]:
    """The days within reach on which a repeat would have had a time, had they not been closed."""
    first, last = _within_reach(opportunity)
    closed = closed_days(opportunity, first, last, works_on_holidays=repeat.works_on_holidays)
    found = set(days(repeat, first, last)) - set(repeat.skipped)
    return [(day, closed[day]) for day in sorted(found & closed.keys())]


def _within_reach(opportunity: Opportunity) -> tuple[date, date]:
    """The first and last local day on which a shift to be made now can begin."""
    zone = ZoneInfo(opportunity.site.zone)
    now = clock.now()
    return now.astimezone(zone).date(), (now + rules.HORIZON).astimezone(zone).date()


def reaches_beyond(repeat: Repeat) -> bool:
    """Whether a repeat goes on after what is made now."""
    return repeat.last_day is None or repeat.last_day > (clock.now() + rules.HORIZON).date()


def managed_groups(user_id: int) -> Sequence[Group]:
    """The groups that a user manages, by name."""
    return db.session.scalars(
        select(Group)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.user_id == user_id, Membership.part == Part.MANAGER)
        .order_by(Group.name)
    ).all()


def sites_of(group_id: int) -> Sequence[Site]:
    """Where a group works, by name."""
    return db.session.scalars(
        select(Site).where(Site.group_id == group_id).order_by(Site.name)
    ).all()


@dataclass(frozen=True)
class Listed:
    """An opportunity in its managers' list, with what is coming."""

    opportunity: Opportunity
    shifts: int
    places: int
    taken: int
    below_minimum: int
    next_at: datetime | None


def for_managers(group_id: int) -> list[Listed]:
    """Every opportunity of a group: the published ones first, then by name."""
    coming = (
        select(
            Shift.opportunity_id,
            func.count().label("shifts"),
            func.sum(Shift.places).label("places"),
            func.sum(Shift.taken).label("taken"),
            func.count().filter(Shift.taken < Shift.minimum).label("below_minimum"),
            func.min(Shift.starts_at).label("next_at"),
        )
        .join(Opportunity)
        .where(
            Opportunity.group_id == group_id,
            Shift.starts_at > clock.now(),
            Shift.stage != Stage.CANCELLED,
        )
        .group_by(Shift.opportunity_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Opportunity, coming)
        .outerjoin(coming, coming.c.opportunity_id == Opportunity.id)
        .where(Opportunity.group_id == group_id)
        .options(joinedload(Opportunity.site))
    ).all()
    order = [Stage.PUBLISHED, Stage.DRAFT, Stage.CLOSED, Stage.CANCELLED]
    listed = [
        Listed(
            row[0],
            row.shifts or 0,
            int(row.places or 0),
            int(row.taken or 0),
            row.below_minimum or 0,
            row.next_at,
        )
        for row in rows
    ]
    return sorted(
        listed,
        key=lambda one: (order.index(one.opportunity.stage), one.opportunity.title.lower()),
    )


def shifts_of(opportunity_id: int, *, past: bool = False, limit: int = 200) -> Sequence[Shift]:
    """An opportunity's coming shifts in order, or its past ones, the latest first."""
    now = clock.now()
    query = (
        select(Shift)
        .where(Shift.opportunity_id == opportunity_id)
        .options(joinedload(Shift.site))
        .limit(limit)
    )
    if past:
        query = query.where(Shift.ends_at <= now).order_by(Shift.starts_at.desc())
    else:
        query = query.where(Shift.ends_at > now).order_by(Shift.starts_at, Shift.id)
    return db.session.scalars(query).all()


def goes_on() -> ColumnElement[bool]:
    """In a WHERE: the pattern has not run out."""
    return or_(Pattern.last_day.is_(None), Pattern.last_day >= clock.now().date())


def patterns_of(opportunity_id: int) -> Sequence[Pattern]:
    """An opportunity's patterns that have not run out."""
    return db.session.scalars(
        select(Pattern)
        .where(Pattern.opportunity_id == opportunity_id, goes_on())
        .order_by(Pattern.first_day)
    ).all()


def shown(opportunity_id: int) -> Opportunity | None:
    """An opportunity with its group and site for its public page, or None."""
    return db.session.scalar(
        select(Opportunity)
        .where(Opportunity.id == opportunity_id)
        .options(joinedload(Opportunity.group), joinedload(Opportunity.site))
    )


def open_shifts(opportunity_id: int, limit: int = 12) -> Sequence[Shift]:
    """The next published shifts of an opportunity that have not begun, full ones too."""
    return db.session.scalars(
        select(Shift)
        .where(
            Shift.opportunity_id == opportunity_id,
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
        )
        .options(joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.id)
        .limit(limit)
    ).all()
