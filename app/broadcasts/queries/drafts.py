"""What the pages read on which a request is prepared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager

from app.broadcasts import asking, rules
from app.broadcasts.models import Broadcast, BroadcastShift, BroadcastState
from app.broadcasts.queries import planning
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Site
from app.matching.queries import Advice, Audience, audience, shortfall
from app.opportunities.models import Opportunity, Shift, Stage

# Nearer than this, a shift below its minimum comes before all others.
ALARM_WITHIN = timedelta(days=3)
SHOWN = 30


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which of the shifts with room are wanted; nothing said means all."""

    words: str = ""
    kind: str = ""
    day: date | None = None


def askable(search: Search, chosen: Sequence[int] = ()) -> tuple[list[Shift], int]:
    """Published shifts of open groups that have room, those in need first; and how many there are.

    Soon and too thin to run comes first, then what begins soonest. Those
    chosen already stand on top, whatever is searched for.
    """
    found = _narrowed(_with_room(), search)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    soon = clock.now() + ALARM_WITHIN
    alarm = case((and_(Shift.taken < Shift.minimum, Shift.starts_at < soon), 0), else_=1)
    order = (alarm, Shift.starts_at, Shift.id)
    # Thousands are sorted by their numbers alone, and only those shown are read whole.
    shown = found.where(Shift.id.not_in(chosen)).order_by(*order).limit(SHOWN)
    first = _loaded(_with_room().where(Shift.id.in_(_numbers(shown))).order_by(*order))
    kept = _loaded(_with_room().where(Shift.id.in_(chosen)).order_by(*order)) if chosen else []
    return [*kept, *first], total


def _numbers(shifts: Select[Shift]) -> Select[int]:
    numbers = shifts.with_only_columns(Shift.id.label("id")).subquery()
    return select(numbers.c.id)


def _with_room() -> Select[Shift]:
    return (
        select(Shift)
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .join(Shift.site)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Opportunity.stage == Stage.PUBLISHED,
            ~Group.is_closed,
            Shift.starts_at > clock.now(),
            Shift.taken < Shift.places,
        )
    )


def _loaded(query: Select[Shift]) -> list[Shift]:
    role = contains_eager(Shift.opportunity)
    return list(
        db.session.scalars(
            query.options(role, role.contains_eager(Opportunity.group), contains_eager(Shift.site))
        )
    )


def _narrowed(query: Select[Shift], search: Search) -> Select[Shift]:
    named = (Opportunity.title, Group.name, Site.name, Site.district, Site.postcode)
    for word in search.words.split()[:6]:
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in named)))
    if search.kind:
        query = query.where(Group.kind == search.kind)
    if search.day:
        zone = ZoneInfo(current_app.config["TIMEZONE"])
        begin = datetime.combine(search.day, time(0), zone)
        query = query.where(Shift.starts_at >= begin, Shift.starts_at < begin + timedelta(days=1))
    return query


def all_sites() -> list[Any]:
    """Every site of every group that is open, by the group's name: id, name, postcode, group."""
    return list(
        db.session.execute(
            select(Site.id, Site.name, Site.postcode, Group.name.label("group"))
            .join(Group, Group.id == Site.group_id)
            .where(~Group.is_closed)
            .order_by(Group.name, Site.name)
        )
    )


@dataclass(frozen=True)
class Listed:
    """A request in the list of requests."""

    broadcast: Broadcast
    shifts: list[Shift] = field(default_factory=list)

    @property
    def title(self) -> str:
        return title(self.shifts)

    @property
    def places(self) -> int:
        return sum(shift.places for shift in self.shifts)

    @property
    def taken(self) -> int:
        return sum(shift.taken for shift in self.shifts)


def title(shifts: Sequence[Shift]) -> str:
    """A request in a few words: "Food parcel driver", "Food parcel driver and 2 more"."""
    if not shifts:
        return "Shifts that are gone"
    roles = list(dict.fromkeys(shift.opportunity.title for shift in shifts))
    more = f" and {len(roles) - 1} more" if len(roles) > 1 else ""
    return roles[0] + more


def titles(broadcast_ids: Collection[int]) -> dict[int, str]:
    """Requests in a few words, by id."""
    if not broadcast_ids:
        return {}
    listed = _listed(select(Broadcast).where(Broadcast.id.in_(broadcast_ids)))
    return {one.broadcast.id: f"Request {one.broadcast.number}: {one.title}" for one in listed}


def under_way() -> list[Listed]:
    """The requests that ask or pause, the newest first."""
    live = Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED))
    return _listed(select(Broadcast).where(live).order_by(Broadcast.id.desc()))


def drafted(limit: int = 20) -> list[Listed]:
    """The drafts, the newest first."""
    drafts = select(Broadcast).where(Broadcast.state == BroadcastState.DRAFT)
    return _listed(drafts.order_by(Broadcast.id.desc()).limit(limit))


def ended(page: int, per_page: int = 20) -> tuple[list[Listed], int]:
    """A page of the requests that have ended, the newest first; and how many pages there are."""
    over = Broadcast.state == BroadcastState.ENDED
    total = db.session.scalar(select(func.count()).select_from(Broadcast).where(over)) or 0
    rows = select(Broadcast).where(over).order_by(Broadcast.ended_at.desc(), Broadcast.id.desc())
    listed = _listed(rows.limit(per_page).offset((page - 1) * per_page))
    return listed, -(-total // per_page)


def _listed(query: Select[Broadcast]) -> list[Listed]:
    rows = {row.id: Listed(row) for row in db.session.scalars(query)}
    if rows:
        role = contains_eager(Shift.opportunity)
        for broadcast_id, shift in db.session.execute(
            select(BroadcastShift.broadcast_id, Shift)
            .join(Shift, Shift.id == BroadcastShift.shift_id)
            .join(Shift.opportunity)
            .join(Opportunity.group)
            .join(Shift.site)
            .where(BroadcastShift.broadcast_id.in_(rows))
            .options(role, role.contains_eager(Opportunity.group), contains_eager(Shift.site))
            .order_by(BroadcastShift.rank)
        ):
            rows[broadcast_id].shifts.append(shift)
    return list(rows.values())


def audience_of(broadcast: Broadcast, shifts: Sequence[Shift]) -> Audience:
    """Who would be asked as it stands, and how many would not, by reason."""
    return audience(asking.wish_of(broadcast, shifts))


@dataclass(frozen=True)
class Shortfall:
    """Whether fewer fit than are likely needed, and what would help, the best first."""

    warning: str  # in a sentence; empty when enough fit
    advice: list[Advice]

    @property
    def is_short(self) -> bool:
        return bool(self.warning)


def shortfall_of(broadcast: Broadcast, shifts: Sequence[Shift], found: Audience) -> Shortfall:
    """What would help a draft's audience most, when it is short.

    Counted for the first of its shifts.
    """
    if not found.size:
        warning = "Nobody fits as it stands."
    else:
        warning = rules.warning(first_wave(broadcast, shifts, found.size).outlook)
    return Shortfall(warning, shortfall(asking.wish_of(broadcast, shifts)) if warning else [])


def first_wave(broadcast: Broadcast, shifts: Sequence[Shift], size: int) -> rules.NextWave:
    """The first wave if so many were in the audience and each were like the pool."""
    pool, curve = planning.experience()
    return rules.next_wave(
        rules.Progress(
            places_left=sum(shift.places_left for shift in shifts),
            minutes_left=planning.minutes_left(broadcast, shifts),
            more=size,
            more_chance=pool.yes,
            curve=curve,
            says_no=pool.no,
        )
    )
