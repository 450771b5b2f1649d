"""How a request ends: by itself or by a person; who is told; and how it goes on once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, or_, select, update

from app.broadcasts import queries, telling
from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastShift,
    BroadcastState,
    Recipient,
)
from app.broadcasts.service.rows import is_quiet, locked
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import service as messaging
from app.messaging.models import RunState
from app.opportunities.models import Shift, Stage

TELL: Final = "app.broadcasts.jobs.tell_filled"
ADVANCE: Final = "app.broadcasts.jobs.advance"
FILLED: Final = "Every place is filled."
# A place that comes free so soon after a request had filled it is asked for again.
REOPENS_WITHIN: Final = timedelta(hours=24)
# So many are told in the transaction that fills it; if there are more, the next so many after.
TOLD_AT_ONCE: Final = 500

_recipient: Any = Recipient.__table__
_ANSWERED: Final = (
    update(_recipient)
    .where(
        _recipient.c.broadcast_id == bindparam("request"),
        _recipient.c.volunteer_id == bindparam("volunteer"),
        _recipient.c.wave.is_not(None),
    )
    .values(
        answer=bindparam("said", type_=_recipient.c.answer.type),
        answered_at=bindparam("moment", type_=_recipient.c.answered_at.type),
    )
)


def note_answer(broadcast_id: int, volunteer_id: int, answer: Answer) -> None:
    """Keep what a recipient said, last, within the open transaction."""
    with transaction():
        db.session.execute(
            _ANSWERED,
            {
                "request": broadcast_id,
                "volunteer": volunteer_id,
                "said": answer,
                "moment": clock.now(),
            },
        )


def places_changed(shift_id: int) -> None:
    """A place of the shift was taken or left.

    A request with no place to fill ends; one that was filled a while ago, and
    has a place to fill again, goes on. Called in the transaction of the
    change, which holds the shift's lock.
    """
    now = clock.now()
    filled_lately = and_(
        Broadcast.state == BroadcastState.ENDED,
        Broadcast.ended_reason == FILLED,
        Broadcast.ended_at > now - REOPENS_WITHIN,
        Broadcast.deadline > now,
    )
    concerned = db.session.execute(
        select(Broadcast.id, Broadcast.state)
        .join(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
        .where(
            BroadcastShift.shift_id == shift_id,
            or_(
                Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED)),
                filled_lately,
            ),
        )
        .order_by(Broadcast.id)
    ).all()
    for broadcast_id, state in concerned:
        has_room = queries.places_left(broadcast_id) > 0
        if has_room == (state != BroadcastState.ENDED):
            continue
        broadcast = locked(broadcast_id)
        if broadcast is None:
            continue
        shifts = queries.shifts_of(broadcast_id)
        reason = reason_to_end(shifts)
        if broadcast.state != BroadcastState.ENDED and reason:
            end(broadcast, shifts, reason)
        elif broadcast.ended_reason == FILLED and not reason:
            _go_on(broadcast, shifts)


def reason_to_end(shifts: Sequence[Shift]) -> str:
    """Why nothing is left to ask for, as a sentence; empty while something is."""
    now = clock.now()
    open_shifts = [
        shift
        for shift in shifts
        if shift.stage == Stage.PUBLISHED
        and shift.opportunity.stage == Stage.PUBLISHED
        and not shift.opportunity.group.is_closed
    ]
    if not open_shifts:
        return "The shift was cancelled or closed."
    # A full shift and one that has begun leave nothing to ask for either.
    if any(not shift.is_full and shift.starts_at > now for shift in open_shifts):
        return ""
    if all(shift.is_full for shift in open_shifts):
        return FILLED
    return "The shift has begun."


def end(broadcast: Broadcast, shifts: Sequence[Shift], reason: str) -> int:
    """End a locked request: nobody else is asked, what has not left is held back; how much.

    Where every place is filled, who was asked lately and has not answered is
    told, unless people are left in peace at this hour.
    """
    broadcast.state = BroadcastState.ENDED
    broadcast.ended_reason = reason
    broadcast.ended_at = clock.now()
    broadcast.next_wave_at = None
    broadcast.warning = broadcast.advice = ""
    db.session.flush()
    held = messaging.set_run(broadcast.run_id, RunState.STOPPED) if broadcast.run_id else 0
    if reason == FILLED and not is_quiet(broadcast, clock.now()):
        _tell(broadcast, shifts)
    return held


def tell_filled(broadcast_id: int) -> None:
    """Tell the next of those who were asked and are silent that every place is filled."""
    with transaction():
        broadcast = locked(broadcast_id)
        if broadcast is None or not broadcast.is_telling:
            return
        if broadcast.ended_reason != FILLED or is_quiet(broadcast, clock.now()):
            broadcast.is_telling = False
            return
        _tell(broadcast, queries.shifts_of(broadcast_id))


def _tell(broadcast: Broadcast, shifts: Sequence[Shift]) -> None:
    told = telling.tell_filled(broadcast, shifts, TOLD_AT_ONCE)
    broadcast.is_telling = told == TOLD_AT_ONCE
    if broadcast.is_telling:
        queue.enqueue(TELL, broadcast.id, queue=queue.URGENT)


def _go_on(broadcast: Broadcast, shifts: Sequence[Shift]) -> None:
    """Somebody dropped out and nobody waits: the request asks again, unless another does."""
    asks_too = (
        select(Broadcast.id)
        .join(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
        .where(
            BroadcastShift.shift_id.in_([shift.id for shift in shifts]),
            Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED)),
        )
        .limit(1)
    )
    if db.session.scalar(asks_too) is not None:
        return
    broadcast.state = BroadcastState.RUNNING
    broadcast.ended_reason = ""
    broadcast.ended_at = None
    broadcast.is_telling = False
    broadcast.next_wave_at = clock.now()
    broadcast.wave_reason = "Somebody dropped out, so a place is free again."
    db.session.flush()
    if broadcast.run_id:
        messaging.set_run(broadcast.run_id, RunState.RUNNING)
        telling.let_go_again(broadcast, shifts)
    queue.enqueue(ADVANCE, broadcast.id, queue=queue.URGENT)
