"""The coordinator's page: what is urgent across the county, and whether we are well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, case, cast, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.health import WORKER_SILENT_AFTER, WorkerHeartbeat
from app.groups.models import Group, Membership, Part, Site
from app.home.queries.groups import end_of_day
from app.inbox.models import Reply, ReplyState
from app.messaging.models import Message, State
from app.messaging.queries import stands
from app.opportunities.models import Opportunity, Shift, Stage

SHOWN: Final = 12
LONELY_SHOWN: Final = 8
ELSEWHERE: Final = "Elsewhere"


@dataclass(frozen=True)
class Desk:
    """What waits for a person."""

    replies: int
    uncertain: int


def desk() -> Desk:
    """Counts of what a person must look at, in one statement."""
    replies = select(func.count()).select_from(Reply).where(Reply.state == ReplyState.WAITING)
    uncertain = select(func.count()).select_from(Message).where(stands(State.UNCERTAIN))
    row = db.session.execute(
        select(replies.scalar_subquery(), uncertain.scalar_subquery().label("uncertain"))
    ).one()
    return Desk(row[0], row[1])


def too_thin() -> tuple[Sequence[Shift], int]:
    """Today's and tomorrow's shifts below their minimum, soonest first; and how many."""
    thin = (
        select(Shift)
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Opportunity.stage == Stage.PUBLISHED,
            Group.is_closed.is_(False),
            Shift.starts_at > clock.now(),
            Shift.starts_at < end_of_day(1),
            Shift.taken < Shift.minimum,
        )
    )
    rows = db.session.scalars(
        thin.options(
            contains_eager(Shift.opportunity).contains_eager(Opportunity.group),
            joinedload(Shift.site),
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(SHOWN)
    ).all()
    if len(rows) < SHOWN:
        return rows, len(rows)
    return rows, db.session.scalar(select(func.count()).select_from(thin.subquery())) or 0


@dataclass(frozen=True)
class Need:
    """One district's need in the next seven days; outside every district, `ELSEWHERE`."""

    district: str
    shifts: int
    places_free: int
    below_minimum: int

    @property
    def is_district(self) -> bool:
        return self.district != ELSEWHERE


def need_by_district() -> list[Need]:
    """Where people are needed this week, the most alarms first."""
    now = clock.now()
    below = func.sum(case((Shift.taken < Shift.minimum, 1), else_=0))
    free = func.sum(Shift.places - Shift.taken)
    rows: Sequence[Any] = db.session.execute(
        select(
            Site.district,
            func.count().label("shifts"),
            cast(free, BigInteger).label("free"),
            cast(below, BigInteger).label("below"),
        )
        .select_from(Shift)
        .join(Shift.site)
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Opportunity.stage == Stage.PUBLISHED,
            Group.is_closed.is_(False),
            Shift.starts_at > now,
            Shift.starts_at < now + timedelta(days=7),
        )
        .group_by(Site.district)
        .order_by(below.desc(), free.desc(), Site.district)
    ).all()
    return [Need(row.district or ELSEWHERE, row.shifts, row.free, row.below) for row in rows]


@dataclass(frozen=True)
class Health:
    """Whether texts leave: when a worker was last heard of, and what waits."""

    heard_at: datetime | None
    waiting: int
    waiting_since: datetime | None

    @property
    def is_alive(self) -> bool:
        return self.heard_at is not None and self.heard_at > clock.now() - WORKER_SILENT_AFTER


def health() -> Health:
    """One statement; messages that must not leave yet do not count."""
    due = (
        or_(stands(State.QUEUED), stands(State.LEASED)),
        Message.not_before <= clock.now(),
    )
    row = db.session.execute(
        select(
            select(func.max(WorkerHeartbeat.at)).scalar_subquery(),
            select(func.count()).select_from(Message).where(*due).scalar_subquery(),
            select(func.min(Message.not_before)).where(*due).scalar_subquery(),
        )
    ).one()
    return Health(row[0], row[1], row[2])


@dataclass(frozen=True)
class Lonely:
    """Open groups that nobody manages."""

    groups: list[tuple[int, str, str]]  # id, name, district
    total: int


def without_manager() -> Lonely:
    """The first few by name, and how many there are."""
    managed = exists().where(
        Membership.group_id == Group.id,
        Membership.part == Part.MANAGER,
        Membership.user_id == User.id,
        User.is_enabled.is_(True),
    )
    rows = db.session.execute(
        select(Group.id, Group.name, Group.district, func.count().over().label("total"))
        .where(Group.is_closed.is_(False), ~managed)
        .order_by(func.lower(Group.name), Group.id)
        .limit(LONELY_SHOWN)
    ).all()
    return Lonely([(row.id, row.name, row.district) for row in rows], rows[0].total if rows else 0)
