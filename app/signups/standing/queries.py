"""What the pages about standing places read, in a few statements each."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities import queries as opportunity_queries
from app.opportunities.models import Opportunity, Pattern, Shift, Stage
from app.signups.models import HOLDING, LIVE, Signup, Standing
from app.signups.standing.making import local_days, same_series, stretches
from app.signups.standing.models import (
    GOES_ON,
    Difference,
    StandingDate,
    StandingPlace,
    StandingState,
)
from app.signups.standing.rules import is_away, wants
from app.volunteers.models import GroupVolunteer, Volunteer

DATES_SHOWN: Final = 8
WEEKS_SHOWN: Final = 8
PEOPLE_SHOWN: Final = 20


class On(enum.StrEnum):
    """How a volunteer stands on one date of a standing place."""

    COMING = "coming"
    WAITING = "waiting"
    SKIPPED = "skipped"
    AWAY = "away"
    MISSED = "missed"
    LEFT = "left"  # by another door: left, declined or swapped
    SOON = "soon"  # a worker makes it in a moment
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Date:
    """One date of a standing place."""

    day: date
    shift: Shift
    on: On
    reason: str = ""


@dataclass(frozen=True)
class Seen:
    """A standing place with its next dates."""

    standing: StandingPlace
    dates: list[Date] = field(default_factory=list)

    @property
    def trouble(self) -> list[Date]:
        """The dates on which no place could be made."""
        return [one for one in self.dates if one.on == On.MISSED]


def of_volunteer(volunteer_id: int) -> list[Seen]:
    """Their standing places that go on, with the next dates of each. Five statements."""
    return _seen(
        _loaded()
        .where(StandingPlace.volunteer_id == volunteer_id, StandingPlace.state.in_(GOES_ON))
        .order_by(StandingPlace.id)
    )


def one_of(volunteer_id: int, standing_id: int) -> Seen | None:
    """One of the volunteer's own standing places that goes on, or None."""
    found = _seen(
        _loaded().where(
            StandingPlace.id == standing_id,
            StandingPlace.volunteer_id == volunteer_id,
            StandingPlace.state.in_(GOES_ON),
        )
    )
    return found[0] if found else None


def one_of_group(group_id: int, standing_id: int) -> Seen | None:
    """A standing place of the group that goes on, or None."""
    found = _seen(
        _loaded().where(
            StandingPlace.id == standing_id,
            Opportunity.group_id == group_id,
            StandingPlace.state.in_(GOES_ON),
        )
    )
    return found[0] if found else None


def _loaded() -> Select[StandingPlace]:
    return (
        select(StandingPlace)
        .join(StandingPlace.pattern)
        .join(Pattern.opportunity)
        .join(StandingPlace.volunteer)
        .options(
            contains_eager(StandingPlace.volunteer),
            contains_eager(StandingPlace.pattern)
            .contains_eager(Pattern.opportunity)
            .options(joinedload(Opportunity.group), joinedload(Opportunity.site)),
            joinedload(StandingPlace.duty),
        )
    )


def _seen(query: Select[StandingPlace]) -> list[Seen]:
    standings = db.session.scalars(query).all()
    dates = _dates(standings, DATES_SHOWN)
    return [Seen(standing, dates.get(standing.id, [])) for standing in standings]


def _dates(standings: Sequence[StandingPlace], most: int) -> dict[int, list[Date]]:
    """The next dates of each standing place, soonest first."""
    if not standings:
        return {}
    ids = [standing.id for standing in standings]
    people = {standing.volunteer_id for standing in standings}
    by_id = {standing.id: standing for standing in standings}
    rows = db.session.execute(
        select(StandingPlace.id, Shift)
        .join(Pattern, Pattern.id == StandingPlace.pattern_id)
        .join(Shift, same_series())
        .where(
            StandingPlace.id.in_(ids),
            Shift.ends_at > clock.now(),
            Shift.stage.in_([Stage.PUBLISHED, Stage.CANCELLED]),
            Shift.occurrence_day.is_not(None),
        )
        .options(joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    chosen: dict[int, list[Shift]] = {}
    for standing_id, shift in rows:
        mine = chosen.setdefault(standing_id, [])
        day = shift.occurrence_day
        if day and len(mine) < most and wants(by_id[standing_id].stand, day):
            mine.append(shift)
    shift_ids = {shift.id for shifts in chosen.values() for shift in shifts}
    signups: dict[tuple[int, int], Signup] = {}
    for signup in db.session.scalars(
        select(Signup)
        .where(Signup.volunteer_id.in_(people), Signup.shift_id.in_(shift_ids))
        .order_by(Signup.id)
    ):
        key = (signup.shift_id, signup.volunteer_id)
        # The live one, else the latest.
        if key not in signups or signups[key].standing not in LIVE:
            signups[key] = signup
    differences = {
        (one.standing_place_id, one.day): one
        for one in db.session.scalars(
            select(StandingDate).where(StandingDate.standing_place_id.in_(ids))
        )
    }
    away = stretches(people)
    return {
        standing_id: [
            _date(by_id[standing_id], shift, signups, differences, away) for shift in shifts
        ]
        for standing_id, shifts in chosen.items()
    }


def _date(
    standing: StandingPlace,
    shift: Shift,
    signups: dict[tuple[int, int], Signup],
    differences: dict[tuple[int, date], StandingDate],
    away: dict[int, list[tuple[date, date]]],
) -> Date:
    assert shift.occurrence_day is not None
    day = shift.occurrence_day
    signup = signups.get((shift.id, standing.volunteer_id))
    different = differences.get((standing.id, day))
    days = local_days(shift.starts_at, shift.ends_at, shift.site.zone)
    if shift.stage == Stage.CANCELLED:
        return Date(day, shift, On.CANCELLED, shift.cancel_reason)
    if signup is not None and signup.standing in HOLDING:
        return Date(day, shift, On.COMING)
    if signup is not None and signup.standing == Standing.WAITING:
        return Date(day, shift, On.WAITING)
    if different is not None and different.kind == Difference.SKIPPED:
        return Date(day, shift, On.SKIPPED, different.reason)
    if is_away(*days, away.get(standing.volunteer_id, [])):
        return Date(day, shift, On.AWAY)
    if different is not None:
        return Date(day, shift, On.MISSED, different.reason)
    if signup is not None:
        return Date(day, shift, On.LEFT, signup.reason)
    return Date(day, shift, On.SOON)


@dataclass(frozen=True)
class Gap:
    """A coming shift of a pattern with a place that nobody has."""

    shift: Shift

    @property
    def is_short(self) -> bool:
        return self.shift.taken < self.shift.minimum


@dataclass(frozen=True)
class Regular:
    """A pattern with who stands when, and what is still open in the next weeks."""

    pattern: Pattern
    standings: list[Seen]
    gaps: list[Gap]
    shifts: int

    @property
    def asked(self) -> list[Seen]:
        return [one for one in self.standings if one.standing.state == StandingState.ASKED]

    @property
    def active(self) -> list[Seen]:
        return [one for one in self.standings if one.standing.state == StandingState.ACTIVE]


def of_group(group_id: int) -> list[Regular]:
    """Each pattern of the group that goes on, by its role. Seven statements, however many."""
    patterns = db.session.scalars(
        select(Pattern)
        .join(Pattern.opportunity)
        .where(
            Opportunity.group_id == group_id,
            Opportunity.stage != Stage.CANCELLED,
            opportunity_queries.goes_on(),
        )
        .options(
            contains_eager(Pattern.opportunity).options(
                joinedload(Opportunity.site), joinedload(Opportunity.group)
            )
        )
        .order_by(func.lower(Opportunity.title), Pattern.starts, Pattern.id)
    ).all()
    seen = _seen(
        _loaded()
        .where(Opportunity.group_id == group_id, StandingPlace.state.in_(GOES_ON))
        .order_by(func.lower(Volunteer.name), StandingPlace.id)
    )
    coming: dict[str | None, list[Shift]] = {}
    for shift in db.session.scalars(
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id == group_id,
            Shift.series.is_not(None),
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Shift.starts_at < clock.now() + timedelta(weeks=WEEKS_SHOWN),
        )
        .options(joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.id)
    ):
        coming.setdefault(shift.series, []).append(shift)
    return [
        Regular(
            pattern=pattern,
            standings=[one for one in seen if one.standing.pattern_id == pattern.id],
            gaps=[Gap(shift) for shift in coming.get(pattern.series, []) if not shift.is_full],
            shifts=len(coming.get(pattern.series, [])),
        )
        for pattern in patterns
    ]


def patterns_to_stand_on(opportunity_id: int) -> Sequence[Pattern]:
    """The patterns of a published role that go on, in the order of the week."""
    return db.session.scalars(
        select(Pattern)
        .join(Pattern.opportunity)
        .where(
            Pattern.opportunity_id == opportunity_id,
            Opportunity.stage == Stage.PUBLISHED,
            opportunity_queries.goes_on(),
        )
        .order_by(Pattern.starts, Pattern.id)
    ).all()


def next_shift(pattern_id: int) -> Shift | None:
    """The next published shift of a pattern, with all that judging a person needs."""
    return db.session.scalar(
        select(Shift)
        .join(Pattern, same_series())
        .where(
            Pattern.id == pattern_id,
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
        )
        .options(
            joinedload(Shift.opportunity).joinedload(Opportunity.group), joinedload(Shift.site)
        )
        .order_by(Shift.starts_at)
        .limit(1)
    )


@dataclass(frozen=True)
class People:
    """Those of a group's own volunteers whom a manager can choose."""

    people: Sequence[tuple[int, str]]  # (id, name) of the first, by name
    total: int


def people_of(group_id: int, name: str = "") -> People:
    """The group's own volunteers by name; with `name`, those called so."""
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name, func.count().over().label("total"))
        .join(GroupVolunteer, GroupVolunteer.volunteer_id == Volunteer.id)
        .where(
            GroupVolunteer.group_id == group_id,
            Volunteer.erased_at.is_(None),
            *(Volunteer.name.icontains(word, autoescape=True) for word in name.split()[:5]),
        )
        .order_by(func.lower(Volunteer.name), Volunteer.id)
        .limit(PEOPLE_SHOWN)
    ).all()
    return People([(row.id, row.name) for row in rows], rows[0].total if rows else 0)
