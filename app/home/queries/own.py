"""A volunteer's own page: what is next, who asks, what fits, what was given."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastShift,
    BroadcastState,
    Recipient,
)
from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups import queries as signups
from app.signups import screens
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer


@dataclass(frozen=True)
class Coming:
    """The volunteer's next place as they may see it, and what follows."""

    place: screens.Place | None
    more: int
    waiting: int
    offered: list[Signup]  # places that are kept until the volunteer answers


def coming(volunteer_id: int) -> Coming:
    """What the volunteer is expected at; the address only when signups would show it."""
    live = signups.coming(volunteer_id)
    confirmed = [signup for signup in live if signup.standing == Standing.CONFIRMED]
    return Coming(
        screens.place_of(confirmed[0]) if confirmed else None,
        max(0, len(confirmed) - 1),
        sum(signup.standing == Standing.WAITING for signup in live),
        [signup for signup in live if signup.standing == Standing.OFFERED],
    )


@dataclass(frozen=True)
class Ask:
    """A request that waits for this volunteer's answer, with its shifts that are still open."""

    broadcast_id: int
    shifts: list[Shift]


def asks(volunteer_id: int) -> list[Ask]:
    """The requests that run, asked this volunteer and have no answer yet; the soonest first.

    Whether anybody asks comes first and by itself: mostly nobody does, and a
    database that is asked everything at once may begin with every shift to come.
    """
    asking = db.session.scalars(
        select(Recipient.broadcast_id)
        .join(Recipient.broadcast)
        .where(
            Recipient.volunteer_id == volunteer_id,
            Recipient.excluded == "",
            Recipient.wave.is_not(None),
            Recipient.answer == Answer.NONE,
            Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED)),
        )
    ).all()
    if not asking:
        return []
    rows = db.session.execute(
        select(BroadcastShift.broadcast_id, Shift)
        .join(BroadcastShift.shift)
        .join(Shift.opportunity)
        .where(
            BroadcastShift.broadcast_id.in_(asking),
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Opportunity.stage == Stage.PUBLISHED,
        )
        .options(
            contains_eager(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Shift.site),
        )
        .order_by(Shift.starts_at, BroadcastShift.rank)
    ).all()
    found: dict[int, Ask] = {}
    for broadcast_id, shift in rows:
        found.setdefault(broadcast_id, Ask(broadcast_id, [])).shifts.append(shift)
    return list(found.values())


@dataclass(frozen=True)
class Given:
    """What a volunteer has given so far."""

    minutes: int
    shifts: int
    groups: int


def given(volunteer_id: int) -> Given:
    """The time, shifts and groups of what was attended."""
    row = db.session.execute(
        select(
            func.coalesce(func.sum(Signup.attended_minutes), 0),
            func.count(),
            func.count(Opportunity.group_id.distinct()),
        )
        .select_from(Signup)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(Signup.volunteer_id == volunteer_id, Signup.standing == Standing.ATTENDED)
    ).one()
    return Given(int(row[0] or 0), row[1], row[2])


def volunteer(volunteer_id: int) -> Volunteer:
    """The profile, read afresh."""
    return db.session.get_one(Volunteer, volunteer_id)
