"""A group's shifts between two days, with who is on them: plain columns, a few statements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Site
from app.opportunities.models import Duty, Opportunity, Shift, Slot, Stage
from app.rota.rules.grid import Health, Post, frees, lacks
from app.signups.models import LIVE, OCCUPYING, Signup, Standing
from app.volunteers.models import Volunteer

# From when on it matters that somebody has not said again that they come.
ASSURED_WITHIN: Final = timedelta(days=7)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a rota is narrowed to; None for all."""

    site_id: int | None = None
    role_id: int | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """An opportunity of the group at its site, for the choice of what to see."""

    id: int
    title: str
    site_id: int
    site: str
    stage: Stage


class _NoDuty(NamedTuple):
    """Stands where a slot does, for people without one on a shift that has some."""

    name: str = ""
    places: int = 0
    minimum: int = 0
    in_charge: bool = False


_NO_DUTY: Final = _NoDuty()


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody on a shift, as the grid tells of them."""

    volunteer_id: int
    name: str
    standing: Standing
    is_sure: bool  # has said "I am coming", or need not yet


@dataclass(slots=True)
class Team:
    """One duty's people on a shift; without duties, all of its people."""

    post: Post
    people: list[Named] = field(default_factory=list)


@dataclass(slots=True)
class Turn:
    """One shift on the grid."""

    id: int
    role_id: int
    title: str
    site_id: int
    site: str
    zone: str
    day: date  # at the site
    starts_at: datetime
    ends_at: datetime
    minimum: int
    health: Health
    teams: list[Team] = field(default_factory=list)
    waiting: int = 0

    @property
    def lacks(self) -> list[str]:
        """What must come before it may run, in words."""
        return lacks([team.post for team in self.teams], self.minimum)

    @property
    def frees(self) -> str:
        return frees([team.post for team in self.teams])

    @property
    def unsure(self) -> list[str]:
        """Who has not confirmed yet, by name."""
        return [
            person.name
            for team in self.teams
            for person in team.people
            if person.standing == Standing.CONFIRMED and not person.is_sure
        ]

    @property
    def coming(self) -> int:
        return sum(team.post.coming for team in self.teams)

    @property
    def asked(self) -> int:
        return sum(team.post.asked for team in self.teams)


def roles_of(group_id: int) -> list[Role]:
    """What the group offers or has offered, by site and title."""
    rows = db.session.execute(
        select(Opportunity.id, Opportunity.title, Site.id, Site.name, Opportunity.stage)
        .join(Site, Site.id == Opportunity.site_id)
        .where(Opportunity.group_id == group_id)
        .order_by(Site.name, Opportunity.title, Opportunity.id)
    )
    return [Role(*row) for row in rows]


def within(group_id: int, first: date, last: date, chosen: Choice) -> list[ColumnElement[bool]]:
    """The conditions of shifts that may begin on these days at their sites, a day to spare.

    Zones differ, so whoever reads the rows looks at the local day again.
    """
    conditions: list[ColumnElement[bool]] = [
        Opportunity.group_id == group_id,
        Shift.starts_at >= datetime.combine(first - _A_DAY, time(0), UTC),
        Shift.starts_at < datetime.combine(last + 2 * _A_DAY, time(0), UTC),
    ]
    if chosen.site_id is not None:
        conditions.append(Shift.site_id == chosen.site_id)
    if chosen.role_id is not None:
        conditions.append(Shift.opportunity_id == chosen.role_id)
    return conditions


def turns(group_id: int, first: date, last: date, chosen: Choice) -> list[Turn]:
    """The shifts that begin from `first` to `last` at their sites, in order, with their people.

    Three statements, however many shifts.
    """
    found = _read(within(group_id, first, last, chosen))
    return [turn for turn in found if first <= turn.day <= last]


def _read(conditions: list[ColumnElement[bool]]) -> list[Turn]:
    slots = _slots(conditions)
    people = _people(conditions)
    now = clock.now()
    return [
        _turn(row, slots.get(row.id, []), people.get(row.id, []), now)
        for row in db.session.execute(_shifts(conditions))
    ]


def thin(group_id: int, days: int, chosen: Choice) -> list[Turn]:
    """The shifts of the coming days that have too few people to run, soonest first.

    Three statements, as `turns`, over those shifts alone that may be short.
    """
    now = clock.now()
    conditions = [
        *within(group_id, now.date(), now.date() + timedelta(days=days), chosen),
        Shift.starts_at > now,
        Shift.stage.in_([Stage.PUBLISHED, Stage.CLOSED]),
        or_(
            Shift.taken < Shift.minimum,
            select(Slot.id)
            .where(Slot.shift_id == Shift.id, Slot.taken < Slot.minimum)
            .correlate(Shift)
            .exists(),
            select(Signup.id)
            .where(Signup.shift_id == Shift.id, Signup.standing == Standing.OFFERED)
            .correlate(Shift)
            .exists(),
        ),
    ]
    return [turn for turn in _read(conditions) if turn.health == Health.BELOW]


def _shifts(conditions: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Shift.id,
            Shift.opportunity_id,
            Opportunity.title,
            Shift.site_id,
            Site.name.label("site"),
            Site.zone,
            Shift.starts_at,
            Shift.ends_at,
            Shift.places,
            Shift.minimum,
            Shift.revision,
            Shift.stage,
        )
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Site, Site.id == Shift.site_id)
        .where(*conditions)
        .order_by(Shift.starts_at, Site.name, Opportunity.title, Shift.id)
    )


def _slots(conditions: list[ColumnElement[bool]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(Slot.shift_id, Slot.id, Duty.name, Duty.in_charge, Slot.places, Slot.minimum)
        .join(Duty, Duty.id == Slot.duty_id)
        .join(Shift, Shift.id == Slot.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .where(*conditions)
        .order_by(Duty.in_charge.desc(), Duty.rank, Duty.id)
    ):
        found[row.shift_id].append(row)
    return found


def _people(conditions: list[ColumnElement[bool]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(
            Signup.shift_id,
            Signup.slot_id,
            Signup.volunteer_id,
            Volunteer.name,
            Signup.standing,
            Signup.assured_at,
            Signup.agreed_revision,
        )
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .where(*conditions, Signup.standing.in_(LIVE))
        .order_by(Signup.id)
    ):
        found[row.shift_id].append(row)
    return found


def _turn(row: Any, slots: list[Any], people: list[Any], now: datetime) -> Turn:
    soon = now < row.ends_at and row.starts_at - now <= ASSURED_WITHIN
    by_slot: dict[int | None, list[Any]] = defaultdict(list)
    for person in people:
        by_slot[person.slot_id if slots else None].append(person)
    teams = [_team(row, slot, by_slot.pop(slot.id, []), soon) for slot in slots]
    if not slots:
        teams = [_team(row, None, by_slot.pop(None, []), soon)]
    elif rest := [person for others in by_slot.values() for person in others]:
        # Came before the duties were made, or lost theirs.
        teams.append(_team(row, _NO_DUTY, rest, soon))
    turn = Turn(
        id=row.id,
        role_id=row.opportunity_id,
        title=row.title,
        site_id=row.site_id,
        site=row.site,
        zone=row.zone,
        day=row.starts_at.astimezone(ZoneInfo(row.zone)).date(),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        minimum=row.minimum,
        health=Health.FULL,
        teams=teams,
        waiting=sum(person.standing == Standing.WAITING for person in people),
    )
    turn.health = _health(row, turn, now)
    return turn


def _team(row: Any, slot: Any, people: list[Any], soon: bool) -> Team:
    coming = sum(person.standing in OCCUPYING for person in people)
    asked = sum(person.standing == Standing.OFFERED for person in people)
    return Team(
        Post(
            slot.name if slot else "",
            slot.places if slot else row.places,
            slot.minimum if slot else row.minimum,
            coming,
            asked,
            slot.in_charge if slot else False,
        ),
        [
            Named(
                person.volunteer_id,
                person.name,
                person.standing,
                # Who is there need not say any more that they come.
                person.standing == Standing.ATTENDED
                or (
                    person.agreed_revision >= row.revision
                    and (not soon or person.assured_at is not None)
                ),
            )
            for person in people
            if person.standing != Standing.WAITING
        ],
    )


def _health(row: Any, turn: Turn, now: datetime) -> Health:
    if row.stage == Stage.CANCELLED:
        return Health.CANCELLED
    if row.ends_at <= now:
        return Health.OVER
    if row.stage == Stage.DRAFT:
        return Health.DRAFT
    if turn.lacks:
        return Health.BELOW
    return Health.FREE if turn.frees else Health.FULL
