"""A manager's page: who comes today, what is thin, who waits, who is new; of own groups only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Site
from app.home.queries.who import Managed
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer

WEEK: Final = timedelta(days=7)
# So many are named; the whole is one click away.
NEW_SHOWN: Final = 5
_PRESENT = (Standing.CONFIRMED, Standing.ATTENDED)


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
    names: list[str] = field(default_factory=list)
    asking: list[str] = field(default_factory=list)

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

    @property
    def alarms(self) -> list[Line]:
        """What cannot run safely as it stands, soonest first."""
        return [line for line in self.thin if line.is_below_minimum]

    @property
    def gaps(self) -> list[Line]:
        """What runs, yet has places free, soonest first."""
        return [line for line in self.thin if not line.is_below_minimum]


def desks(managed: Sequence[Managed]) -> list[Desk]:
    """Each group's desk, by name. Five statements, however many groups and shifts."""
    found = {group.id: Desk(group.id, group.name) for group in managed}
    if not found:
        return []
    _set_up(found)
    lines = _shifts(found)
    _people(lines)
    _approvals(found)
    _newcomers(found)
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
    """Who is due today, in order of arrival on the list."""
    for shift_id, name in db.session.execute(
        select(Signup.shift_id, Volunteer.name)
        .join(Signup.volunteer)
        .where(Signup.shift_id.in_(today), Signup.standing.in_(_PRESENT))
        .order_by(Signup.id)
    ):
        today[shift_id].names.append(name)


def _approvals(desks: dict[int, Desk]) -> None:
    """Who asks for a place where a manager says yes to each person first."""
    lines: dict[int, Line] = {}
    for row in db.session.execute(
        select(Opportunity.group_id, Volunteer.name.label("person"), *_line_columns())
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
        lines[row.id].asking.append(row.person)


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


def shows_people(found: Iterable[Desk]) -> list[int]:
    """The groups on whose desks people are named; that somebody looked goes on record."""
    return [
        desk.id
        for desk in found
        if desk.newcomers or desk.asking or any(line.names for line in desk.today)
    ]
