"""What the next wave is chosen by: the waves so far, who comes next, and what came of others.

A handful of statements, none of them per person; only the next few hundred
of the audience are looked at one by one, however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from app.broadcasts import rules
from app.broadcasts.asking import next_in_line
from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastOutcome,
    BroadcastWave,
    Recipient,
)
from app.broadcasts.queries.course import places_left, unasked
from app.broadcasts.rules import chances
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.flags import has_any
from app.messaging.models import ASK, Message, State
from app.opportunities.models import Shift
from app.volunteers.models import GroupVolunteer, Volunteer

# Of those next in order, so many are looked at.
WINDOW: Final = 400
# Of the requests that ended last, so many tell what to expect.
REMEMBERED: Final = 200
# Of one request, so many answers tell how long people take.
TIMED: Final = 5000
# Their text reached nobody, so no answer will come.
LOST: Final = (
    State.FAILED,
    State.UNDELIVERED,
    State.SUPPRESSED,
    State.CANCELLED,
    State.EXPIRED,
)


def progress(broadcast: Broadcast, shifts: Sequence[Shift]) -> rules.Progress:
    """Where a request stands, for the choice of its next wave."""
    now = clock.now()
    pool, curve = experience()
    known = next_chances(broadcast, shifts, pool)
    return rules.Progress(
        places_left=places_left(broadcast.id),
        minutes_left=minutes_left(broadcast, shifts),
        waves=_waves(broadcast, now),
        next_chances=known,
        more=max(0, unasked(broadcast) - len(known)),
        more_chance=rules.chance_of_the_rest(known),
        curve=curve,
        says_no=pool.no,
    )


def minutes_left(broadcast: Broadcast, shifts: Sequence[Shift]) -> float:
    """For how long people can still be asked and answer; nights do not count."""
    now, config = clock.now(), current_app.config
    deadline = broadcast.deadline or max(shift.starts_at for shift in shifts)
    return rules.minutes_between(
        now,
        rules.answer_by(broadcast.started_at or now, deadline),
        config["TIMEZONE"],
        None if broadcast.emergency_reason else config["QUIET_HOURS"],
    )


def experience() -> tuple[rules.Pool, rules.Curve]:
    """What came of the requests before this one, of all groups together, the last ones most."""
    now = clock.now()
    rows = db.session.execute(
        select(
            Broadcast.ended_at,
            BroadcastOutcome.asked,
            BroadcastOutcome.yes,
            BroadcastOutcome.no,
            BroadcastOutcome.answers,
            BroadcastOutcome.log_sum,
            BroadcastOutcome.log_squares,
        )
        .join(Broadcast, Broadcast.id == BroadcastOutcome.broadcast_id)
        .order_by(BroadcastOutcome.id.desc())
        .limit(REMEMBERED)
    ).all()
    weights = [rules.weight_after(now - (row.ended_at or now)) for row in rows]
    pool = rules.pool_of(
        rules.History(asked=weight * row.asked, yes=weight * row.yes, no=weight * row.no)
        for weight, row in zip(weights, rows, strict=True)
    )
    curve = rules.curve_of(
        rules.Timing(row.answers, row.log_sum, row.log_squares, weight)
        for weight, row in zip(weights, rows, strict=True)
    )
    return pool, curve


def _waves(broadcast: Broadcast, now: datetime) -> list[rules.Wave]:
    """The waves so far, each with who is silent and whose text did arrive or may have."""
    silent = and_(
        Recipient.answer == Answer.NONE, or_(Message.id.is_(None), Message.state.not_in(LOST))
    )
    their_text = and_(
        Message.volunteer_id == Recipient.volunteer_id,
        Message.run_id == broadcast.run_id,
        Message.purpose == ASK,
    )
    counted = (
        select(
            Recipient.wave,
            func.count(case((silent, 1))).label("silent"),
            func.count(case((Recipient.answer == Answer.YES, 1))).label("yes"),
            func.count(case((Recipient.answer.in_((Answer.NO, Answer.UNCLEAR)), 1))).label("no"),
        )
        .select_from(Recipient)
        .outerjoin(Message, their_text)
        .where(
            Recipient.broadcast_id == broadcast.id,
            Recipient.excluded == "",
            Recipient.wave.is_not(None),
        )
        .group_by(Recipient.wave)
        .subquery()
    )
    rows = db.session.execute(
        select(
            BroadcastWave.asked_at,
            BroadcastWave.chance,
            counted.c.silent,
            counted.c.yes,
            counted.c.no,
        )
        .join(counted, counted.c.wave == BroadcastWave.wave)
        .where(BroadcastWave.broadcast_id == broadcast.id)
        .order_by(BroadcastWave.wave)
    )
    return [
        rules.Wave(
            minutes_ago=max(0.0, (now - row.asked_at).total_seconds() / 60),
            chance=row.chance,
            silent=row.silent,
            yes=row.yes,
            no=row.no,
        )
        for row in rows
    ]


def next_chances(
    broadcast: Broadcast, shifts: Sequence[Shift], pool: rules.Pool, most: int = WINDOW
) -> list[float]:
    """The chances of those who would be asked next, in that order: numbers without names."""
    now = clock.now()
    first = shifts[0]
    window = next_in_line(broadcast, most).cte("next_people")
    history = _histories(window, now)
    knows = Recipient.volunteer_id.in_(
        select(GroupVolunteer.volunteer_id).where(
            GroupVolunteer.group_id.in_({shift.opportunity.group_id for shift in shifts})
        )
    )
    activity = int(first.opportunity.activity)
    likes: Any = has_any(Volunteer.interests, activity) if activity else literal_column("false")
    rows = db.session.execute(
        select(
            Recipient.metres,
            knows.label("knows"),
            likes.label("likes"),
            history.c.asked,
            history.c.yes,
            history.c.no,
        )
        .join(Volunteer, Volunteer.id == Recipient.volunteer_id)
        .outerjoin(history, history.c.volunteer_id == Recipient.volunteer_id)
        .where(Recipient.id.in_(select(window.c.id)))
        .order_by(Recipient.rank)
    )
    occasion = rules.Occasion(
        hour=now.astimezone(ZoneInfo(first.site.zone)).hour,
        notice_minutes=(first.starts_at - now).total_seconds() / 60,
    )
    return [
        rules.chance(
            rules.Person(
                # PostgreSQL adds such numbers up to decimal ones.
                history=rules.History(*(float(n or 0) for n in (row.asked, row.yes, row.no))),
                metres=row.metres,
                knows_group=bool(row.knows),
                likes_kind=bool(row.likes),
            ),
            occasion,
            pool,
        )
        for row in rows
    ]


def _histories(window: Any, now: datetime) -> Any:
    """What came of earlier asks of these people, by all groups; each half-life counts half."""
    earlier = aliased(Recipient)
    weight = _weight(earlier.asked_at, now)
    nothing: ColumnElement[float] = literal_column("0.0")
    return (
        select(
            earlier.volunteer_id,
            func.sum(weight).label("asked"),
            func.sum(case((earlier.answer == Answer.YES, weight), else_=nothing)).label("yes"),
            func.sum(case((earlier.answer == Answer.NO, weight), else_=nothing)).label("no"),
        )
        .join(Broadcast, Broadcast.id == earlier.broadcast_id)
        .join(
            Message,
            and_(
                Message.volunteer_id == earlier.volunteer_id,
                Message.run_id == Broadcast.run_id,
                Message.purpose == ASK,
                Message.state.not_in(LOST),
            ),
        )
        .where(
            earlier.volunteer_id.in_(select(window.c.volunteer_id)),
            earlier.asked_at > now - chances.FORGOTTEN_AFTER,
        )
        .group_by(earlier.volunteer_id)
        .subquery("histories")
    )


def _weight(asked_at: Any, now: datetime) -> ColumnElement[float]:
    """`chances.weight_after` in steps of half a half-life, as both databases can say it."""
    step = chances.HALF_LIFE / 2
    steps = round(chances.FORGOTTEN_AFTER / step)
    return case(
        *(
            (asked_at > now - step * (n + 1), literal_column(str(rules.weight_after(step * n))))
            for n in range(steps)
        ),
        else_=literal_column("0.0"),
    )


def sums_of(broadcast: Broadcast) -> BroadcastOutcome:
    """What came of a request that has ended: those whose text may have arrived, and when."""
    arrived = and_(
        Message.volunteer_id == Recipient.volunteer_id,
        Message.run_id == broadcast.run_id,
        Message.purpose == ASK,
        Message.state.not_in(LOST),
    )
    asked = and_(Recipient.broadcast_id == broadcast.id, Recipient.wave.is_not(None))
    row = db.session.execute(
        select(
            func.count().label("asked"),
            func.count(case((Recipient.answer == Answer.YES, 1))).label("yes"),
            func.count(case((Recipient.answer == Answer.NO, 1))).label("no"),
        )
        .select_from(Recipient)
        .join(Message, arrived)
        .where(asked)
    ).one()
    answered = db.session.execute(
        select(Recipient.asked_at, Recipient.answered_at)
        .where(asked, Recipient.answered_at.is_not(None), Recipient.asked_at.is_not(None))
        .order_by(Recipient.answered_at)
        .limit(TIMED)
    )
    timing = rules.timing_of(
        (answered_at - asked_at).total_seconds() / 60
        for asked_at, answered_at in answered
        if asked_at and answered_at
    )
    return BroadcastOutcome(
        broadcast_id=broadcast.id,
        asked=row.asked,
        yes=row.yes,
        no=row.no,
        answers=timing.answers,
        log_sum=timing.log_sum,
        log_squares=timing.log_squares,
    )
