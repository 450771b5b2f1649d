"""Finding roles near a place: set-based SQL, a page at a time.

Two statements make a page, however many shifts the county has: one narrows,
groups by opportunity, sorts and counts; one loads the few that are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, select
from sqlalchemy.orm import contains_eager, joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.flags import has_any
from app.foundation.places import Place, cells_within, metres_to_miles
from app.groups.models import Group, GroupKind, Site, map_spot
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.volunteers.vocabulary import Activity, DbsLevel, Language, Skill, Training

PAGE: Final = 10
ROLES_OF_A_GROUP: Final = 60
MAP_LIMIT: Final = 250  # more pins hide one another, and weigh on a phone
_LAST_PAGE: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a visitor looks for; what is left out narrows nothing. Distance in metres."""

    near: Place | None = None
    metres: int = 0
    group_id: int | None = None
    before: datetime | None = None  # it begins before then
    kind: GroupKind | None = None
    activity: Activity = field(default=Activity(0))
    times: int = 0
    skill: Skill = field(default=Skill(0))
    under_18: bool = False
    at_once: bool = False  # it asks for nothing that somebody new may lack
    soonest_first: bool = False


@dataclass(frozen=True)
class Found:
    """One opportunity with what it has to offer now."""

    opportunity: Opportunity
    site: Site
    next_id: int
    next_start: datetime
    next_end: datetime
    shifts: int
    places_left: int
    miles: float | None


@dataclass(frozen=True)
class Results:
    found: list[Found]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def search(wish: Wish, page: int = 1) -> Results:
    """The page of opportunities that fit and have a place free, nearest or soonest first."""
    page = min(max(1, page), _LAST_PAGE)
    rows = db.session.execute(_matching(wish).limit(PAGE).offset((page - 1) * PAGE)).all()
    total = rows[0].total if rows else 0
    if not rows and page > 1:
        return search(wish, 1)
    return Results(_load(rows, wish), total, page)


def roles_of(group_id: int) -> list[Found]:
    """A group's roles with a place free, the soonest first: as many as a page of it bears."""
    wish = Wish(group_id=group_id)
    return _load(db.session.execute(_matching(wish).limit(ROLES_OF_A_GROUP)).all(), wish)


@dataclass(frozen=True)
class Pin:
    """One opportunity on the public map, to about a kilometre."""

    opportunity_id: int
    title: str
    group: str
    latitude: float
    longitude: float


def on_map(wish: Wish) -> list[Pin]:
    """What fits, for the map: the first of it, without building a row's object for each."""
    fitting = _matching(wish).limit(MAP_LIMIT).subquery()
    rows = db.session.execute(
        select(Opportunity.id, Opportunity.title, Group.name, Site.latitude, Site.longitude)
        .join(fitting, fitting.c.opportunity_id == Opportunity.id)
        .join(Group, Group.id == Opportunity.group_id)
        .join(Site, Site.id == Opportunity.site_id)
    )
    return [
        Pin(number, title, group, *map_spot(latitude, longitude))
        for number, title, group, latitude, longitude in rows
    ]


def _matching(wish: Wish) -> Select[*tuple[Any, ...]]:
    """Opportunity, its next open shift, how many, places left, squared metres, total."""
    square: ColumnElement[int] = literal(0)
    if wish.near:
        east, north = Site.east - wish.near.east, Site.north - wish.near.north
        square = east * east + north * north
    nearest = func.min(square).label("square")
    next_at = func.min(Shift.starts_at).label("next_at")
    query = (
        select(
            Shift.opportunity_id,
            next_at,
            func.count().label("shifts"),
            cast(func.sum(Shift.places - Shift.taken), BigInteger).label("places_left"),
            nearest,
            func.count().over().label("total"),
        )
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Group, Group.id == Opportunity.group_id)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Shift.taken < Shift.places,
            Opportunity.stage == Stage.PUBLISHED,
            # Whoever finds a role by looking must be able to take it, or to ask for it.
            Opportunity.policy != Policy.INVITATION,
            Group.is_closed.is_(False),
        )
        .group_by(Shift.opportunity_id)
    )
    if wish.near and wish.metres:
        cells = cells_within(wish.near.east, wish.near.north, wish.metres)
        query = query.where(Site.cell.in_(cells), square <= wish.metres**2)
    if wish.group_id is not None:
        query = query.where(Opportunity.group_id == wish.group_id)
    if wish.before:
        query = query.where(Shift.starts_at < wish.before)
    if wish.kind:
        query = query.where(Group.kind == wish.kind)
    if wish.activity:
        query = query.where(has_any(Opportunity.activity, wish.activity))
    if wish.times:
        query = query.where(has_any(Shift.times, wish.times))
    if wish.skill:
        either = Opportunity.needs_skills.bitwise_or(Opportunity.likes_skills)
        query = query.where(has_any(either, wish.skill))
    if wish.under_18:
        query = query.where(Opportunity.minimum_age < 18)
    if wish.at_once:
        query = query.where(
            Opportunity.policy == Policy.OPEN,
            Opportunity.dbs_level == DbsLevel.NONE,
            Opportunity.needs_skills == Skill(0),
            Opportunity.needs_languages == Language(0),
            Opportunity.needs_training == Training(0),
            Opportunity.needs_induction.is_(False),
        )
    if wish.near and not wish.soonest_first:
        return query.order_by(nearest, next_at, Shift.opportunity_id)
    return query.order_by(next_at, nearest, Shift.opportunity_id)


def _load(rows: Sequence[Any], wish: Wish) -> list[Found]:
    """The opportunities of the rows, in their order, with the shift that comes next."""
    if not rows:
        return []
    next_shifts = db.session.scalars(
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Shift.opportunity_id.in_([row.opportunity_id for row in rows]),
            Shift.starts_at.in_({row.next_at for row in rows}),
            Shift.stage == Stage.PUBLISHED,
            Shift.taken < Shift.places,
        )
        .options(
            contains_eager(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Shift.site),
        )
    )
    by_key = {(shift.opportunity_id, shift.starts_at): shift for shift in next_shifts}
    found = []
    for row in rows:
        shift = by_key.get((row.opportunity_id, row.next_at))
        if shift is None:  # taken since the other statement
            continue
        miles = metres_to_miles(row.square**0.5) if wish.near else None
        found.append(
            Found(
                shift.opportunity,
                shift.site,
                shift.id,
                shift.starts_at,
                shift.ends_at,
                row.shifts,
                row.places_left,
                miles,
            )
        )
    return found


def upcoming(
    *, group_id: int | None = None, near: Place | None = None, metres: int = 0, limit: int = 6
) -> list[tuple[Shift, float | None]]:
    """The next shifts with a place free, and how many miles away each is.

    Of one group or of all; with `near` and `metres`, only those within reach.
    The soonest come first.
    """
    query = (
        select(Shift)
        .join(Shift.opportunity)
        .join(Shift.site)
        .join(Opportunity.group)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Shift.taken < Shift.places,
            Opportunity.stage == Stage.PUBLISHED,
            Opportunity.policy != Policy.INVITATION,
            Group.is_closed.is_(False),
        )
        .options(
            contains_eager(Shift.opportunity).contains_eager(Opportunity.group),
            contains_eager(Shift.site),
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(limit)
    )
    if group_id is not None:
        query = query.where(Opportunity.group_id == group_id)
    if near and metres:
        east, north = Site.east - near.east, Site.north - near.north
        query = query.where(
            Site.cell.in_(cells_within(near.east, near.north, metres)),
            east * east + north * north <= metres**2,
        )
    return [(shift, _miles(shift.site, near)) for shift in db.session.scalars(query)]


def _miles(site: Site, near: Place | None) -> float | None:
    if near is None:
        return None
    return metres_to_miles(((site.east - near.east) ** 2 + (site.north - near.north) ** 2) ** 0.5)
