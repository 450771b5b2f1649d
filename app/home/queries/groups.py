"""A manager's page: who comes today, what is thin, who waits, who is new; of own groups only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Site
from app.home.queries.who import Managed
from app.hours.models import Attendance, HoursRequest, RequestState
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.signups.models import OCCUPYING, Signup, Standing
from app.signups.swaps.models import Swap, SwapState
from app.today.rules import Face, face_of
from app.volunteers.models import Volunteer

WEEK: Final = timedelta(days=7)
# So many are named; the whole is one click away.
NEW_SHOWN: Final = 5
_PRESENT = (Standing.CONFIRMED, Standing.ATTENDED)


@dataclass(frozen=True)
class Present:
    """Somebody with a place today, and how they stand now."""

    name: str
    face: Face


@dataclass(frozen=True)
class Asking:
    """Somebody who asks for a place, and by when the role promised an answer."""

    signup_id: int
    volunteer_id: int
    name: str
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class Line:
    """One shift of a group, with the people who hold a place or ask for one."""

    id: int
    title: str
    site: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    places: int
    minimum: int
    taken: int
    people: list[Present] = field(default_factory=list)
    asking: list[Asking] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.people]

    @property
    def is_full(self) -> bool:
        return self.taken >= self.places

    @property
    def is_below_minimum(self) -> bool:
        return self.taken < self.minimum


@dataclass(frozen=True)
class Newcomer:
    """Somebody who took or asked for a place lately."""

    name: str
    shift_id: int
    title: str
    zone: str
    starts_at: datetime
    at: datetime


@dataclass
class Desk:
    """One group as its manager finds it this morning."""

    id: int
    name: str
    has_site: bool = False
    has_role: bool = False
    today: list[Line] = field(default_factory=list)
    thin: list[Line] = field(default_factory=list)
    asking: list[Line] = field(default_factory=list)
    newcomers: list[Newcomer] = field(default_factory=list)
    newcomers_in_all: int = 0
    hours_waiting: int = 0
    swaps_waiting: int = 0

    def today_in(self, *faces: Face) -> int:
        """How many of today's people stand so now."""
        return sum(one.face in faces for line in self.today for one in line.people)

    @property
    def free_today(self) -> int:
        """The places of today that nobody has."""
        return sum(line.places - line.taken for line in self.today)

    @property
    def alarms(self) -> list[Line]:
        """What cannot run safely as it stands, soonest first."""
        return [line for line in self.thin if line.is_below_minimum]

    @property
    def gaps(self) -> list[Line]:
        """What runs, yet has places free, soonest first."""
        return [line for line in self.thin if not line.is_below_minimum]


def desks(managed: Sequence[Managed]) -> list[Desk]:
    """Each group's desk, by name. Six statements, however many groups and shifts."""
    found = {group.id: Desk(group.id, group.name) for group in managed}
    if not found:
        return []
    _set_up(found)
    lines = _shifts(found)
    _people(lines)
    _approvals(found)
    _newcomers(found)
    _decisions(found)
    return list(found.values())


def _set_up(desks: dict[int, Desk]) -> None:
    """Whether a group has a site and a role: a new one is led to make them."""
    other = aliased(Opportunity)
    for group_id, has_role in db.session.execute(
        select(Site.group_id, exists().where(other.group_id == Site.group_id))
        .where(Site.group_id.in_(desks))
        .distinct()
    ):
        desks[group_id].has_site, desks[group_id].has_role = True, bool(has_role)


def end_of_day(days_ahead: int = 0) -> datetime:
    """Midnight after today, or so many days later, as the county's clocks have it."""
    zone = current_app.config["TIMEZONE"]
    day = clock.today(zone) + timedelta(days=1 + days_ahead)
    return datetime.combine(day, time(0), ZoneInfo(zone))


def _line_columns() -> tuple[Any, ...]:
    return (
        Shift.id,
        Opportunity.title,
        Site.name.label("site"),
        Site.zone,
        Shift.starts_at,
        Shift.ends_at,
        Shift.places,
        Shift.minimum,
        Shift.taken,
    )


def _line(row: Any) -> Line:
    return Line(
        row.id,
        row.title,
        row.site,
        row.zone,
        row.starts_at,
        row.ends_at,
        row.places,
        row.minimum,
        row.taken,
    )


def _shifts(desks: dict[int, Desk]) -> dict[int, Line]:
    """Put today's shifts and the week's thin ones on the desks; return today's."""
    now, tonight = clock.now(), end_of_day()
    today: dict[int, Line] = {}
    for row in db.session.execute(
        select(Opportunity.group_id, *_line_columns())
        .join(Shift.opportunity)
        .join(Shift.site)
        .where(
            Opportunity.group_id.in_(desks),
            Shift.stage.in_((Stage.PUBLISHED, Stage.CLOSED)),
            # A shift lasts no longer than a day and a night.
            Shift.starts_at > now - timedelta(days=2),
            Shift.starts_at < now + WEEK,
            Shift.ends_at > now,
            or_(Shift.starts_at < tonight, Shift.taken < Shift.places),
        )
        .order_by(Shift.starts_at, Shift.id)
    ):
        desk, line = desks[row.group_id], _line(row)
        if line.starts_at < tonight:
            desk.today.append(line)
            today[line.id] = line
        if line.taken < line.places and line.starts_at > now:
            desk.thin.append(line)
    return today


def _people(today: dict[int, Line]) -> None:
    """Who is due today and who has come, in order of arrival on the list."""
    now = clock.now()
    for row in db.session.execute(
        select(
            Signup.shift_id,
            Volunteer.name,
            Signup.standing,
            Shift.starts_at,
            Attendance.left_at,
        )
        .join(Signup.volunteer)
        .join(Signup.shift)
        .outerjoin(
            Attendance,
            and_(
                Attendance.shift_id == Signup.shift_id,
                Attendance.volunteer_id == Signup.volunteer_id,
            ),
        )
        .where(Signup.shift_id.in_(today), Signup.standing.in_(OCCUPYING))
        .order_by(Signup.id)
    ):
        face = face_of(
            is_there=row.standing == Standing.ATTENDED,
            is_missing=row.standing == Standing.NO_SHOW,
            left_at=row.left_at,
            starts_at=row.starts_at,
            now=now,
        )
        today[row.shift_id].people.append(Present(row.name, face))


def _approvals(desks: dict[int, Desk]) -> None:
    """Who asks for a place where a manager says yes to each person first."""
    lines: dict[int, Line] = {}
    for row in db.session.execute(
        select(
            Opportunity.group_id,
            Signup.id.label("signup_id"),
            Signup.volunteer_id,
            Volunteer.name.label("person"),
            Signup.created_at.label("since"),
            Signup.answer_due_at,
            *_line_columns(),
        )
        .select_from(Signup)
        .join(Signup.volunteer)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .join(Shift.site)
        .where(
            Opportunity.group_id.in_(desks),
            Opportunity.policy == Policy.APPROVAL,
            Shift.starts_at > clock.now(),
            Shift.stage.in_((Stage.PUBLISHED, Stage.CLOSED)),
            Shift.taken < Shift.places,
            Signup.standing == Standing.WAITING,
        )
        .order_by(Shift.starts_at, Signup.id)
    ):
        if row.id not in lines:
            lines[row.id] = _line(row)
            desks[row.group_id].asking.append(lines[row.id])
        lines[row.id].asking.append(
            Asking(row.signup_id, row.volunteer_id, row.person, row.since, row.answer_due_at)
        )


def _newcomers(desks: dict[int, Desk]) -> None:
    """The latest few sign-ups of the last seven days of each group, and how many there were."""
    of_group = Opportunity.group_id
    latest = (Signup.created_at.desc(), Signup.id.desc())
    recent = (
        select(
            of_group,
            Signup.id.label("signup_id"),
            func.row_number().over(partition_by=of_group, order_by=latest).label("nth"),
            func.count().over(partition_by=of_group).label("in_all"),
        )
        .select_from(Signup)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(
            of_group.in_(desks),
            Shift.ends_at > clock.now() - WEEK,
            Signup.created_at > clock.now() - WEEK,
            Signup.standing.in_((*_PRESENT, Standing.WAITING)),
        )
        .subquery()
    )
    for row in db.session.execute(
        select(
            recent.c.group_id,
            recent.c.in_all,
            Volunteer.name,
            Shift.id,
            Opportunity.title,
            Site.zone,
            Shift.starts_at,
            Signup.created_at,
        )
        .join(Signup, Signup.id == recent.c.signup_id)
        .join(Signup.volunteer)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .join(Shift.site)
        .where(recent.c.nth <= NEW_SHOWN)
        .order_by(*latest)
    ):
        desk = desks[row.group_id]
        desk.newcomers_in_all = row.in_all
        desk.newcomers.append(
            Newcomer(row.name, row.id, row.title, row.zone, row.starts_at, row.created_at)
        )


def _decisions(desks: dict[int, Desk]) -> None:
    """How many hours wait to be counted, and how many swaps for a manager's yes."""
    hours = (
        select(HoursRequest.group_id, literal("hours").label("what"), func.count().label("many"))
        .where(HoursRequest.group_id.in_(desks), HoursRequest.state == RequestState.WAITING)
        .group_by(HoursRequest.group_id)
    )
    swaps = (
        select(Opportunity.group_id, literal("swaps"), func.count())
        .select_from(Swap)
        .join(Signup, Signup.id == Swap.signup_id)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id.in_(desks),
            Swap.state == SwapState.ACCEPTED,
            Shift.starts_at > clock.now(),
        )
        .group_by(Opportunity.group_id)
    )
    for row in db.session.execute(union_all(hours, swaps)):
        if row.what == "hours":
            desks[row.group_id].hours_waiting = row.many
        else:
            desks[row.group_id].swaps_waiting = row.many


def shows_people(found: Iterable[Desk]) -> list[int]:
    """The groups on whose desks people are named; that somebody looked goes on record."""
    return [
        desk.id
        for desk in found
        if desk.newcomers or desk.asking or any(line.names for line in desk.today)
    ]
