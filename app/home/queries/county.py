"""The coordinator's page: what is urgent across the county, and whether we are well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Select, case, cast, exists, func, or_, select
from sqlalchemy.orm import contains_eager

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
SPOTS_SHOWN: Final = 400
LONELY_SHOWN: Final = 8
ELSEWHERE: Final = "Elsewhere"
# Over how many days one looks: today and tomorrow, three days, a week.
DAYS: Final = (2, 3, 7)


@dataclass(frozen=True)
class Wanted:
    """What the page is narrowed to; nothing said means the whole county, today and tomorrow."""

    district: str = ""
    kind: str = ""
    days: int = DAYS[0]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.district or self.kind)


EVERYTHING: Final = Wanted()


@dataclass(frozen=True)
class Desk:
    """What waits for a person."""

    replies: int
    uncertain: int
    reply_since: datetime | None = None  # since when the first of the replies waits


def desk() -> Desk:
    """Counts of what a person must look at, in one statement."""
    waits = Reply.state == ReplyState.WAITING
    replies = select(func.count()).select_from(Reply).where(waits)
    since = select(func.min(Reply.created_at)).where(waits)
    uncertain = select(func.count()).select_from(Message).where(stands(State.UNCERTAIN))
    row = db.session.execute(
        select(
            replies.scalar_subquery(),
            uncertain.scalar_subquery().label("uncertain"),
            since.scalar_subquery().label("since"),
        )
    ).one()
    return Desk(row[0], row[1], row[2])


@dataclass(frozen=True)
class Spot:
    """A site with shifts that are too thin to run: how many, the first of them, and where."""

    site: str
    group: str
    latitude: float
    longitude: float
    shifts: int


def _open(*columns: Any) -> Select[Any]:
    """Of published shifts to come, of roles that are open and groups that are."""
    return (
        select(*columns)
        .select_from(Shift)
        .join(Shift.site)
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Opportunity.stage == Stage.PUBLISHED,
            Group.is_closed.is_(False),
            Shift.starts_at > clock.now(),
        )
    )


def _thin(wanted: Wanted, *columns: Any) -> Select[Any]:
    rows = _open(*columns).where(
        Shift.starts_at < end_of_day(wanted.days - 1), Shift.taken < Shift.minimum
    )
    if wanted.district:
        rows = rows.where(
            Site.district == ("" if wanted.district == ELSEWHERE else wanted.district)
        )
    if wanted.kind:
        rows = rows.where(Group.kind == wanted.kind)
    return rows


def too_thin(wanted: Wanted = EVERYTHING, page: int = 1) -> tuple[Sequence[Shift], int]:
    """A page of the shifts below their minimum, soonest first; and how many there are."""
    rows = db.session.scalars(
        _thin(wanted, Shift)
        .options(
            contains_eager(Shift.opportunity).contains_eager(Opportunity.group),
            contains_eager(Shift.site),
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(SHOWN)
        .offset((page - 1) * SHOWN)
    ).all()
    if page == 1 and len(rows) < SHOWN:
        return rows, len(rows)
    return rows, db.session.scalar(_thin(wanted, func.count())) or 0


def spots(wanted: Wanted = EVERYTHING) -> list[Spot]:
    """Where those shifts are, site by site, the most needy first; one statement."""
    number = func.count().label("number")
    rows = db.session.execute(
        _thin(
            wanted,
            Site.name,
            Group.name.label("group_name"),
            Site.latitude,
            Site.longitude,
            number,
        )
        .group_by(Site.id, Site.name, Group.name, Site.latitude, Site.longitude)
        .order_by(number.desc(), Site.id)
        .limit(SPOTS_SHOWN)
    )
    return [Spot(row.name, row.group_name, row.latitude, row.longitude, row.number) for row in rows]


@dataclass(frozen=True)
class Need:
    """One district's need in the next seven days; outside every district, `ELSEWHERE`."""

    district: str
    shifts: int
    places_free: int
    below_minimum: int


def need_by_district() -> list[Need]:
    """Where people are needed this week, the most alarms first."""
    below = func.sum(case((Shift.taken < Shift.minimum, 1), else_=0))
    free = func.sum(Shift.places - Shift.taken)
    rows: Sequence[Any] = db.session.execute(
        _open(
            Site.district,
            func.count().label("shifts"),
            cast(free, BigInteger).label("free"),
            cast(below, BigInteger).label("below"),
        )
        .where(Shift.starts_at < clock.now() + timedelta(days=7))
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
