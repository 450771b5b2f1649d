"""A month or a year of a rota: every shift with its names, read for speed.

Plain columns, each name once, the counting left to the database: a year of a
library is some 900 shifts and 2,000 places, and is read in four statements.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import case, exists, func, select

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Site
from app.matching.queries.conditions import number
from app.opportunities.models import Opportunity, Shift, Slot, Stage
from app.rota.queries.grid import Choice, within
from app.rota.rules.grid import Health, short_names
from app.signups.models import HOLDING, Signup, Standing
from app.volunteers.models import Volunteer

_STAGES: Final = {Stage.CANCELLED: Health.CANCELLED, Stage.DRAFT: Health.DRAFT}


class Entry(NamedTuple):
    """One shift in a long rota. Moments are local to its site."""

    id: int
    role_id: int
    site_id: int
    starts: datetime
    ends: datetime
    health: Health
    short: int  # how many more it needs to run; at least 1 where it is below its minimum
    free: int
    names: list[str]  # who has a place
    asked: list[str]  # for whom one is kept until they answer


@dataclass(frozen=True, slots=True)
class Long:
    """The entries by their day, and whether any of them is below its minimum."""

    days: dict[date, list[Entry]]
    shifts: int
    short: int

    @property
    def weekdays(self) -> list[int]:
        """The days of the week on which anything runs; Monday is 0."""
        return sorted({day.weekday() for day in self.days})


def long_rota(group_id: int, first: date, last: date, chosen: Choice) -> Long:
    """Every shift that begins on these days at its site. Four statements at most."""
    conditions = within(group_id, first, last, chosen)
    places = db.session.execute(
        select(
            Signup.shift_id,
            Signup.volunteer_id,
            case((Signup.standing == Standing.OFFERED, number(1)), else_=number(0)),
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .where(*conditions, Signup.standing.in_(HOLDING))
        .order_by(Signup.id)
    ).all()
    names = _names({place[1] for place in places})
    people: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for shift_id, volunteer_id, is_asked in places:
        people[shift_id][is_asked].append(names[volunteer_id])
    zones = {
        site_id: ZoneInfo(zone)
        for site_id, zone in db.session.execute(
            select(Site.id, Site.zone).where(Site.group_id == group_id)
        )
    }
    offered = (
        select(func.count())
        .where(Signup.slot_id == Slot.id, Signup.standing == Standing.OFFERED)
        .scalar_subquery()
    )
    short_slot = exists().where(Slot.shift_id == Shift.id, Slot.taken - offered < Slot.minimum)
    rows = db.session.execute(
        select(
            Shift.id,
            Shift.opportunity_id,
            Shift.site_id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.places,
            Shift.minimum,
            Shift.taken,
            Shift.stage,
            short_slot,
        )
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .where(*conditions)
        .order_by(Shift.starts_at, Shift.opportunity_id, Shift.id)
    )
    now, days, shifts, below = clock.now(), defaultdict[date, list[Entry]](list), 0, 0
    for (
        shift_id,
        role_id,
        site_id,
        starts_at,
        ends_at,
        all_places,
        minimum,
        taken,
        stage,
        lacks,
    ) in rows:
        zone = zones[site_id]
        starts = starts_at.astimezone(zone)
        day = starts.date()
        if not first <= day <= last:
            continue
        inside, waiting = people.get(shift_id, ((), ()))
        short = max(minimum - (taken - len(waiting)), int(lacks))
        health = _STAGES.get(stage) or (
            Health.OVER
            if ends_at <= now
            else Health.BELOW
            if short > 0
            else Health.FREE
            if taken < all_places
            else Health.FULL
        )
        shifts += 1
        below += health is Health.BELOW
        days[day].append(
            Entry(
                shift_id,
                role_id,
                site_id,
                starts,
                ends_at.astimezone(zone),
                health,
                short,
                all_places - taken,
                list(inside),
                list(waiting),
            )
        )
    return Long(days, shifts, below)


def _names(ids: set[int]) -> dict[int, str]:
    """The shortest name of each that tells them apart."""
    if not ids:
        return {}
    rows = db.session.execute(select(Volunteer.id, Volunteer.name).where(Volunteer.id.in_(ids)))
    return short_names({row.id: row.name for row in rows})
