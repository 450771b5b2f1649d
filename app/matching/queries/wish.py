"""What a coordinator asks for, and what each of the shifts demands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, select, true

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.months import months_before
from app.groups.models import Group, Site
from app.matching.rules import NO_SKILL, Request
from app.opportunities import slots
from app.opportunities.models import Opportunity, Policy, Shift
from app.signups.facts import adults_on, opening_of
from app.signups.rules import Demand, Opening
from app.volunteers.rules import time_bits
from app.volunteers.vocabulary import Skill

MOST_SHIFTS = 5


@dataclass(frozen=True, kw_only=True)
class Wish:
    """For which shifts help is asked, and the adjustments to the audience.

    `within_metres` narrows the distance that each volunteer travels, and
    never widens it. `group_kinds` keeps to those whom a group of these kinds
    knows. `not_asked_days` leaves out who was asked in so many days.
    `ignores_budget` sets weekly limits aside, but for who said "emergencies
    only"; `is_emergency` sets all of them aside. `refused` selects the ids
    of volunteers of whom a feature above knows that they said no.
    """

    shift_ids: Sequence[int]
    within_metres: int | None = None
    also_needs: Skill = NO_SKILL
    group_kinds: Sequence[str] = ()
    not_asked_days: int = 0
    ignores_budget: bool = False
    is_emergency: bool = False
    refused: Select[int] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= len(set(self.shift_ids)) <= MOST_SHIFTS:
            raise ValueError(f"A wish is about 1 to {MOST_SHIFTS} shifts.")


@dataclass(frozen=True, kw_only=True)
class Need:
    """One shift of a wish: where it is, whose, and what it asks."""

    shift_id: int
    group_id: int
    opportunity_id: int
    site_id: int
    handover: timedelta  # by so much another shift at the same site may overlap
    east: int
    north: int
    request: Request

    @property
    def day(self) -> date:
        """The day on which a training must be valid, counted as `signups.facts` does."""
        return self.request.first_day


def needs(wish: Wish) -> list[Need]:
    """The shifts in the order of the wish. Two queries.

    Raises `LookupError` when one of them does not exist.
    """
    rows = {row.id: row for row in db.session.execute(shift_facts(wish.shift_ids))}
    if missing := set(wish.shift_ids) - rows.keys():
        raise LookupError(f"No such shift: {missing}")
    free = openings(wish.shift_ids)
    return [
        need_of(rows[shift_id], wish, openings=free.get(shift_id, ()))
        for shift_id in dict.fromkeys(wish.shift_ids)
    ]


def openings(shift_ids: Sequence[int]) -> dict[int, list[Opening]]:
    """The slots that people are sought for: those with room, or all where none has. One query."""
    found: dict[int, list[Opening]] = {}
    for shift_id, of_shift in slots.of_shifts(shift_ids).items():
        every = [opening_of(slot) for slot in of_shift]
        found[shift_id] = [one for one in every if one.has_room] or every
    return found


def shift_facts(shift_ids: Sequence[int] | None = None) -> Select[*tuple[Any, ...]]:
    """Plain columns of shifts, with what `need_of` reads; no rows of the ORM."""
    facts = (
        select(
            Shift.id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.opportunity_id,
            Opportunity.group_id,
            Opportunity.activity,
            Opportunity.needs_skills,
            Opportunity.likes_skills,
            Opportunity.needs_languages,
            Opportunity.needs_training,
            Opportunity.minimum_age,
            Opportunity.dbs_level,
            Opportunity.dbs_workforce,
            Opportunity.policy,
            Opportunity.needs_induction,
            # Looked for only where people under 18 are welcome.
            case((Opportunity.minimum_age > 16, true()), else_=adults_on(Shift.id).exists()).label(
                "adult_comes"
            ),
            Group.recheck_months,
            Group.handover_minutes,
            Shift.site_id,
            Site.east,
            Site.north,
            Site.zone,
        )
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Group, Group.id == Opportunity.group_id)
        .join(Site, Site.id == Shift.site_id)
    )
    return facts if shift_ids is None else facts.where(Shift.id.in_(list(shift_ids)))


def need_of(
    row: Any,
    wish: Wish,
    later: timedelta = timedelta(0),
    openings: Collection[Opening] = (),
) -> Need:
    """What a shift asks, or would ask if it began so much later."""
    starts_at: datetime = row.starts_at + later
    ends_at: datetime = row.ends_at + later
    zone = ZoneInfo(row.zone)
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    demand = Demand(
        starts_at=starts_at,
        ends_at=ends_at,
        minimum_age=row.minimum_age,
        skills=row.needs_skills | wish.also_needs,
        languages=row.needs_languages,
        trainings=row.needs_training,
        dbs_level=row.dbs_level,
        dbs_workforce=row.dbs_workforce,
        checks_since=months_before(start.date(), row.recheck_months),
        is_by_invitation=row.policy == Policy.INVITATION,
        is_for_members=row.policy == Policy.MEMBERS,
        openings=openings,
        needs_induction=row.needs_induction,
        adult_comes=bool(row.adult_comes),
    )
    request = Request(
        demand=demand,
        now=clock.now(),
        bits=time_bits(start, end),
        first_day=start.date(),
        # A shift that ends at midnight does not touch the next day.
        last_day=(end - timedelta(microseconds=1)).date(),
        zone=row.zone,
        activity=row.activity,
        likes=row.likes_skills,
        within_metres=wish.within_metres,
        restricts_kinds=bool(wish.group_kinds),
        not_asked_days=wish.not_asked_days,
        ignores_budget=wish.ignores_budget,
        is_emergency=wish.is_emergency,
    )
    return Need(
        shift_id=row.id,
        group_id=row.group_id,
        opportunity_id=row.opportunity_id,
        site_id=row.site_id,
        handover=timedelta(minutes=row.handover_minutes),
        east=row.east,
        north=row.north,
        request=request,
    )
