"""Where a request stands: what its next wave, its end and its live page are told by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, select
from sqlalchemy.orm import joinedload

from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastShift,
    BroadcastState,
    Recipient,
)
from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.models import State
from app.messaging.queries import counts_of_run
from app.opportunities.models import Opportunity, Shift, Stage

# The schedule looks every few seconds; this bears that it is late.
ANSWERED_LATELY: Final = timedelta(minutes=2)


def shifts_of(broadcast_id: int) -> list[Shift]:
    """The shifts asked about, the first to fill coming first, read afresh."""
    return list(
        db.session.scalars(
            select(Shift)
            .join(BroadcastShift, BroadcastShift.shift_id == Shift.id)
            .where(BroadcastShift.broadcast_id == broadcast_id)
            .options(
                joinedload(Shift.opportunity).joinedload(Opportunity.group),
                joinedload(Shift.site),
            )
            .order_by(BroadcastShift.rank)
            .execution_options(populate_existing=True)
        )
    )


def sizes(broadcast_id: int) -> tuple[int, int]:
    """How many are in the audience, and how many excluded."""
    audience, excluded = db.session.execute(
        select(
            func.count(case((Recipient.excluded == "", 1))),
            func.count(case((Recipient.excluded != "", 1))),
        ).where(Recipient.broadcast_id == broadcast_id)
    ).one()
    return audience, excluded


def all_asked_have_answered(now: datetime) -> ColumnElement[bool]:
    """Of a request: the last of those asked has said yes or no a moment ago, and others fit.

    Only a moment ago, so that a look which asks nobody is not taken again and again.
    An answer that nobody understood may still become a yes: it is waited for.
    """
    of_it = Recipient.broadcast_id == Broadcast.id
    was_asked = Recipient.wave.is_not(None)
    return and_(
        exists().where(of_it, Recipient.answered_at > now - ANSWERED_LATELY),
        ~exists().where(of_it, was_asked, Recipient.answer.in_((Answer.NONE, Answer.UNCLEAR))),
        exists().where(of_it, Recipient.excluded == "", Recipient.wave.is_(None)),
    )


def has_nobody_to_wait_for(broadcast_id: int, now: datetime) -> bool:
    """Whether the request may look early, because all who were asked have just answered."""
    found = select(Broadcast.id).where(Broadcast.id == broadcast_id, all_asked_have_answered(now))
    return db.session.scalar(found) is not None


def unasked(broadcast: Broadcast) -> int:
    """How many of the audience have not been asked yet; counts only those who have."""
    asked = db.session.scalar(
        select(func.count()).where(
            Recipient.broadcast_id == broadcast.id,
            Recipient.excluded == "",
            Recipient.wave.is_not(None),
        )
    )
    return max(0, broadcast.audience_size - (asked or 0))


def places_left(broadcast_id: int) -> int:
    """The free places of the request's published shifts that have not begun."""
    left = db.session.scalar(
        select(func.sum(Shift.places - Shift.taken))
        .join(BroadcastShift, BroadcastShift.shift_id == Shift.id)
        .where(
            BroadcastShift.broadcast_id == broadcast_id,
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
        )
    )
    # PostgreSQL adds whole numbers up to a decimal one.
    return int(left or 0)


@dataclass(frozen=True)
class Tally:
    """A request in numbers: its people, their messages, their answers."""

    audience: int
    excluded: int
    asked: int
    messages: dict[State, int]
    answers: dict[Answer, int]
    places: int
    taken: int

    @property
    def adds_up(self) -> bool:
        """Conservation: each person asked is one message, in exactly one state."""
        return self.asked == sum(self.messages.values())


def tally(broadcast: Broadcast, shifts: Sequence[Shift]) -> Tally:
    """The numbers of the live page, in two queries."""
    rows = db.session.execute(
        select(Recipient.answer, func.count())
        .where(Recipient.broadcast_id == broadcast.id, Recipient.wave.is_not(None))
        .group_by(Recipient.answer)
    )
    answers: dict[Answer, int] = {row[0]: row[1] for row in rows}
    return Tally(
        audience=broadcast.audience_size,
        excluded=broadcast.excluded_size,
        asked=sum(answers.values()),
        messages=counts_of_run(broadcast.run_id) if broadcast.run_id else {},
        answers={answer: answers.get(answer, 0) for answer in Answer},
        places=sum(shift.places for shift in shifts),
        taken=sum(shift.taken for shift in shifts),
    )


@dataclass(frozen=True)
class Open:
    """A request that somebody was asked about and can still answer."""

    broadcast_id: int
    number: int
    volunteer_id: int
    is_running: bool
    answer: Answer
    asked_at: datetime
    shift_ids: tuple[int, ...]  # the first to fill coming first


_OPEN: Final = (
    select(
        Broadcast.id,
        Broadcast.number,
        Recipient.volunteer_id,
        Broadcast.state,
        Recipient.answer,
        Recipient.asked_at,
        BroadcastShift.shift_id,
    )
    .join(Recipient, Recipient.broadcast_id == Broadcast.id)
    .outerjoin(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
    .where(
        Recipient.volunteer_id.in_(bindparam("these", expanding=True)),
        Recipient.wave.is_not(None),
        Broadcast.number_is_live,
    )
    .order_by(Broadcast.id.desc(), Recipient.id, BroadcastShift.rank)
)


def open_to(volunteer_ids: Sequence[int]) -> list[Open]:
    """The requests that these volunteers were asked about whose number still lives.

    Newest first. Those that have ended are there too: whoever answers late is
    thanked and told.
    """
    rows = db.session.execute(_OPEN, {"these": list(volunteer_ids)})
    # One row for each shift that the request is about.
    parts = groupby(rows, key=lambda row: (row.id, row.volunteer_id))
    return [
        Open(
            broadcast_id=first.id,
            number=first.number,
            volunteer_id=first.volunteer_id,
            is_running=first.state in (BroadcastState.RUNNING, BroadcastState.PAUSED),
            answer=first.answer,
            asked_at=first.asked_at,
            shift_ids=tuple(row.shift_id for row in (first, *others) if row.shift_id is not None),
        )
        for _, (first, *others) in parts
    ]
