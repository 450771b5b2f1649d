"""A volunteer's own page: what is next, who asks, what fits, what was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
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
from app.hours import queries as hours
from app.hours import rules
from app.hours.milestones import Milestone, latest, milestones
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups import new_times, plans
from app.signups import queries as signups
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer


@dataclass(frozen=True)
class Coming:
    """The volunteer's next place as they may see it, and what follows."""

    plan: plans.Plan | None
    more: int
    waiting: int
    offered: list[Signup]  # places that are kept until the volunteer answers
    moved: list[Signup]  # places and waits whose new time they have not answered


def coming(volunteer_id: int) -> Coming:
    """What the volunteer is expected at; the address only when signups would show it."""
    live = signups.coming(volunteer_id)
    confirmed = [signup for signup in live if signup.standing == Standing.CONFIRMED]
    return Coming(
        plans.plan_of(confirmed[0]) if confirmed else None,
        max(0, len(confirmed) - 1),
        sum(signup.standing == Standing.WAITING for signup in live),
        [signup for signup in live if signup.standing == Standing.OFFERED],
        [signup for signup in live if new_times.is_unanswered(signup)],
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
    """What a volunteer has given so far, and what of it is worth a word now."""

    minutes: int
    shifts: int
    groups: int
    milestone: Milestone | None


def given(volunteer_id: int, today: date) -> Given:
    """The same time as the page of hours shows, and the milestone that is new on this day."""
    found = hours.given(volunteer_id)
    return Given(
        rules.total(found),
        sum(one.is_shift for one in found),
        len({one.group_id for one in found}),
        latest(milestones(found), today),
    )


def volunteer(volunteer_id: int) -> Volunteer:
    """The profile, read afresh."""
    return db.session.get_one(Volunteer, volunteer_id)
