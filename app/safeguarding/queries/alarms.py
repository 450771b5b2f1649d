"""Who comes to a shift, and the alarms that are open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Site
from app.opportunities.models import Opportunity, Shift, Stage
from app.safeguarding.models import SafetySettings, ShiftAlarm
from app.safeguarding.rules import alarms as rules
from app.safeguarding.rules.alarms import ALONE_HOURS, Crew, Danger
from app.signups.models import PRESENT, Signup, SignupEvent, Standing
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import AgeBand

RUNS: Final = (Stage.PUBLISHED, Stage.CLOSED)
UNDER_18: Final = (AgeBand.FROM_16, AgeBand.UNDER_16)
LEFT: Final = (Standing.WITHDRAWN, Standing.DECLINED, Standing.EXCUSED)
# A place left so lately was left just now: the transaction that says so is still open.
JUST_NOW: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class Watched:
    """A shift with who comes to it, and what its group has set."""

    id: int
    group_id: int
    group: str
    title: str
    zone: str
    site: str
    crew: Crew
    watch: timedelta


def crews(where: ColumnElement[bool]) -> list[Watched]:
    """The shifts that meet a condition, soonest first, each with its people counted."""
    lost = exists().where(
        SignupEvent.signup_id == Signup.id,
        Signup.shift_id == Shift.id,
        SignupEvent.before.in_(PRESENT),
        SignupEvent.after.in_(LEFT),
        SignupEvent.created_at > clock.now() - JUST_NOW,
    )
    counted: Select[*tuple[Any, ...]] = (
        select(
            Shift.id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.minimum,
            Shift.places,
            Shift.stage,
            Opportunity.group_id,
            Opportunity.title,
            Opportunity.never_alone,
            Group.name.label("group"),
            Site.name.label("site"),
            Site.zone,
            SafetySettings.alone_hours,
            lost.correlate(Shift).label("has_lost_one"),
            func.count(Volunteer.id).label("coming"),
            _sum(Volunteer.age_band == AgeBand.ADULT).label("adults"),
            _sum(Volunteer.age_band.in_(UNDER_18)).label("under_18"),
        )
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Group, Group.id == Opportunity.group_id)
        .join(Site, Site.id == Shift.site_id)
        .outerjoin(SafetySettings, SafetySettings.group_id == Opportunity.group_id)
        .outerjoin(Signup, and_(Signup.shift_id == Shift.id, Signup.standing.in_(PRESENT)))
        .outerjoin(Volunteer, Volunteer.id == Signup.volunteer_id)
        .where(where)
        .group_by(Shift.id, Opportunity.id, Group.id, Site.id, SafetySettings.id)
        .order_by(Shift.starts_at, Shift.id)
    )
    return [
        Watched(
            id=row.id,
            group_id=row.group_id,
            group=row.group,
            title=row.title,
            zone=row.zone,
            site=row.site,
            crew=Crew(
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                minimum=row.minimum,
                places=row.places,
                never_alone=row.never_alone,
                coming=row.coming,
                adults=row.adults or 0,
                under_18=row.under_18 or 0,
                runs=row.stage in RUNS,
                has_lost_one=bool(row.has_lost_one),
            ),
            watch=timedelta(hours=row.alone_hours or ALONE_HOURS),
        )
        for row in db.session.execute(counted)
    ]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def to_watch() -> list[Watched]:
    """Every shift that may be an alarm, or has one: what the sweep looks at."""
    now = clock.now()
    furthest = select(func.max(SafetySettings.alone_hours)).scalar_subquery()
    hours = max(db.session.scalar(select(furthest)) or 0, ALONE_HOURS)
    with_young = (
        select(Signup.shift_id)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .where(Signup.standing.in_(PRESENT), Volunteer.age_band.in_(UNDER_18))
    )
    near = and_(
        Shift.starts_at < now + timedelta(hours=hours),
        # No shift is longer than two days: the index on the start finds them.
        Shift.starts_at > now - timedelta(days=2),
        or_(Shift.minimum > 0, Opportunity.never_alone),
    )
    coming = and_(
        Shift.stage.in_(RUNS),
        Shift.ends_at > now,
        or_(near, and_(Shift.starts_at > now, Shift.id.in_(with_young))),
    )
    return crews(or_(coming, Shift.id.in_(open_shift_ids())))


def open_shift_ids() -> Select[int]:
    return select(ShiftAlarm.shift_id).where(ShiftAlarm.solved_at.is_(None))


def open_of(shift_ids: Collection[int]) -> Sequence[ShiftAlarm]:
    """The open alarms about some shifts, in the order in which they were raised."""
    return db.session.scalars(
        select(ShiftAlarm)
        .where(ShiftAlarm.shift_id.in_(list(shift_ids)), ShiftAlarm.solved_at.is_(None))
        .order_by(ShiftAlarm.id)
    ).all()


def all_open() -> Sequence[ShiftAlarm]:
    """Every open alarm, in the order in which they were raised."""
    return db.session.scalars(
        select(ShiftAlarm).where(ShiftAlarm.solved_at.is_(None)).order_by(ShiftAlarm.id)
    ).all()


@dataclass(frozen=True)
class Shown:
    """A shift with the open alarms about it that are still true, as a manager reads them."""

    watched: Watched
    alarms: list[ShiftAlarm]  # the gravest first
    people: list[tuple[str, str]]  # (name, "16 or 17" or nothing)

    @property
    def sentences(self) -> list[str]:
        """What is wrong, the gravest first; that one is alone says that it is too few as well."""
        return [
            rules.sentence(alarm.danger, self.watched.crew)
            for alarm in self.alarms
            if alarm.danger != Danger.BELOW_MINIMUM or len(self.alarms) == 1
        ]

    @property
    def unseen(self) -> list[ShiftAlarm]:
        """Those that no manager has seen yet."""
        return [alarm for alarm in self.alarms if alarm.seen_at is None]

    @property
    def is_only_thin(self) -> bool:
        """Whether too few people is all that is wrong."""
        return all(alarm.danger == Danger.BELOW_MINIMUM for alarm in self.alarms)


def shown(group_ids: Collection[int], *, with_people: bool = False) -> list[Shown]:
    """The groups' shifts with open alarms that are still true now, the soonest first.

    Two statements, and one more for the names of those who come.
    """
    if not group_ids:
        return []
    alarms = db.session.scalars(
        select(ShiftAlarm)
        .where(ShiftAlarm.group_id.in_(list(group_ids)), ShiftAlarm.solved_at.is_(None))
        .options(joinedload(ShiftAlarm.seen_by))
        .order_by(ShiftAlarm.id)
    ).all()
    if not alarms:
        return []
    now, order = clock.now(), list(Danger)
    by_shift = crews(Shift.id.in_([alarm.shift_id for alarm in alarms]))
    names = _names([one.id for one in by_shift]) if with_people else {}
    found = []
    for one in by_shift:
        about = [
            alarm
            for alarm in alarms
            if alarm.shift_id == one.id and rules.still_holds(alarm.danger, one.crew, now)
        ]
        about.sort(key=lambda alarm: order.index(alarm.danger))
        if about:
            found.append(Shown(one, about, names.get(one.id, [])))
    return found


def _names(shift_ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for shift_id, name, band in db.session.execute(
        select(Signup.shift_id, Volunteer.name, Volunteer.age_band)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .where(Signup.shift_id.in_(list(shift_ids)), Signup.standing.in_(PRESENT))
        .order_by(Signup.id)
    ):
        found.setdefault(shift_id, []).append((name, band.label if band in UNDER_18 else ""))
    return found


def is_watched(group_id: int, shift_id: int) -> bool:
    """Whether an alarm about this shift of the group is open."""
    found = select(ShiftAlarm.id).where(
        ShiftAlarm.group_id == group_id,
        ShiftAlarm.shift_id == shift_id,
        ShiftAlarm.solved_at.is_(None),
    )
    return bool(db.session.scalar(select(found.exists())))


def last_solved(group_id: int, since: datetime) -> Sequence[ShiftAlarm]:
    """The group's alarms that ended since a moment, the latest first."""
    return db.session.scalars(
        select(ShiftAlarm)
        .where(ShiftAlarm.group_id == group_id, ShiftAlarm.solved_at > since)
        .options(
            joinedload(ShiftAlarm.shift).joinedload(Shift.opportunity),
            joinedload(ShiftAlarm.shift).joinedload(Shift.site),
        )
        .order_by(ShiftAlarm.solved_at.desc())
        .limit(20)
    ).all()
