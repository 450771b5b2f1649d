"""A request's course: started, asking in waves, ended by itself or by a person.

The broadcast's row is locked before anything about its course is decided.
Whoever holds a shift's lock may take it after that; never the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import delete, insert, literal, select, update

from app.accounts import audit
from app.broadcasts import asking, queries, rules
from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastShift,
    BroadcastState,
    Pace,
    Recipient,
)
from app.broadcasts.service.rows import (
    drafted,
    locked,
    must_be_askable,
    must_be_the_only_one,
    under_way,
)
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.matching.queries import audience_select
from app.messaging import service as messaging
from app.messaging.models import RunState
from app.messaging.rules.quiet import in_quiet_hours, next_allowed
from app.opportunities.models import Shift, Stage
from app.signups.rows import locked as lock_shifts

ADVANCE: Final = "app.broadcasts.jobs.advance"
NUMBER_RESTS: Final = timedelta(days=7)
DRAFT_KEPT: Final = timedelta(days=7)


def start(broadcast_id: int, by_user_id: int) -> Broadcast:
    """Write every recipient and everybody excluded, and begin to ask.

    Raises `Refusal` when nobody would be asked, when a shift can no longer be
    asked about, and in quiet hours unless an emergency is stated.
    """
    with transaction():
        # The shifts first, as everybody does: of two drafts for one shift the second waits here.
        lock_shifts([shift.id for shift in queries.shifts_of(broadcast_id)])
        broadcast = drafted(broadcast_id)
        shifts = queries.shifts_of(broadcast_id)
        if not shifts:
            must_be_askable(None)
        for shift in shifts:
            must_be_askable(shift)
        must_be_the_only_one([shift.id for shift in shifts])
        now = clock.now()
        if _is_quiet(broadcast, now):
            raise Refusal(
                "People are left in peace at this hour. "
                "If it is an emergency, say what it is and send it all the same.",
                "emergency_reason",
            )
        wish = asking.wish_of(broadcast, shifts)
        rows = audience_select(wish).subquery()
        columns = ["broadcast_id", "volunteer_id", "excluded", "score", "metres", "rank"]
        db.session.execute(
            insert(Recipient).from_select(
                [*columns, "answer", "created_at"],
                select(
                    literal(broadcast_id),
                    rows.c.volunteer_id,
                    rows.c.excluded,
                    rows.c.score,
                    rows.c.metres,
                    rows.c.rank,
                    literal(Answer.NONE.value),
                    literal(now, Recipient.created_at.type),
                ),
            )
        )
        broadcast.audience_size, broadcast.excluded_size = queries.sizes(broadcast_id)
        if broadcast.audience_size == 0:
            raise Refusal("Nobody fits as it stands. See who does not and why, and widen it.")
        broadcast.deadline = max(shift.starts_at for shift in shifts)
        is_emergency = bool(broadcast.emergency_reason)
        broadcast.run_id = messaging.start_run(broadcast.deadline, is_emergency=is_emergency).id
        broadcast.state = BroadcastState.RUNNING
        broadcast.started_at = broadcast.next_wave_at = now
        audit.record(
            "started urgent request",
            subject=broadcast,
            actor_id=by_user_id,
            audience=broadcast.audience_size,
            emergency=broadcast.emergency_reason or None,
        )
        queue.enqueue(ADVANCE, broadcast_id, queue=queue.URGENT)
        return broadcast


def advance(broadcast_id: int) -> None:
    """Ask the next people if it is time, or end the request if there is reason to.

    Harmless at any time and however often: what to do is decided from the rows.
    """
    with transaction():
        broadcast = locked(broadcast_id)
        if broadcast is None or broadcast.state != BroadcastState.RUNNING:
            return
        shifts = queries.shifts_of(broadcast_id)
        reason = _reason_to_end(shifts)
        if reason:
            _end(broadcast, reason)
            return
        now = clock.now()
        if broadcast.next_wave_at is None or broadcast.next_wave_at > now:
            return
        if _is_quiet(broadcast, now):
            config = current_app.config
            broadcast.next_wave_at = next_allowed(now, config["TIMEZONE"], config["QUIET_HOURS"])
            broadcast.wave_reason = "People are left in peace at this hour: nobody new is asked."
            return
        if asking.leave_out(broadcast, shifts):
            broadcast.audience_size, broadcast.excluded_size = queries.sizes(broadcast_id)
        if broadcast.pace == Pace.EVERYONE:
            size = queries.unasked(broadcast_id)
            broadcast.wave_reason = "Everybody is asked at once, as you chose."
            broadcast.next_wave_at = now + timedelta(minutes=5)
        else:
            wave = rules.next_wave(queries.progress(broadcast, shifts))
            size, broadcast.wave_reason = wave.size, wave.reason
            broadcast.next_wave_at = now + wave.look_again
        if size:
            broadcast.wave += 1
            db.session.flush()
            asking.ask(broadcast, size)


def advance_all() -> None:
    """Advance each running request; the schedule calls it every few seconds.

    Also gives numbers back: of requests long ended, and of drafts left lying.
    """
    due = list(
        db.session.scalars(select(Broadcast.id).where(Broadcast.state == BroadcastState.RUNNING))
    )
    faults: list[Exception] = []
    for broadcast_id in due:
        try:
            advance(broadcast_id)
        except Exception as fault:  # one request's fault must not hold up the others
            faults.append(fault)
    now = clock.now()
    with transaction():
        db.session.execute(
            update(Broadcast)
            .where(
                Broadcast.number_is_live,
                Broadcast.state == BroadcastState.ENDED,
                Broadcast.ended_at < now - NUMBER_RESTS,
            )
            .values(number_is_live=False)
        )
        # A draft holds a number too.
        db.session.execute(
            delete(Broadcast).where(
                Broadcast.state == BroadcastState.DRAFT, Broadcast.created_at < now - DRAFT_KEPT
            )
        )
    if faults:
        raise ExceptionGroup("requests that could not go on", faults)


def ask_everyone(broadcast_id: int, by_user_id: int) -> None:
    """Ask all who have not been asked yet, now. Raises `Refusal` when it is not running."""
    with transaction():
        broadcast = under_way(broadcast_id)
        broadcast.pace = Pace.EVERYONE
        broadcast.next_wave_at = clock.now()
        audit.record("asked everyone at once", subject=broadcast, actor_id=by_user_id)
        queue.enqueue(ADVANCE, broadcast_id, queue=queue.URGENT)


def pause(broadcast_id: int, by_user_id: int) -> None:
    """Ask nobody new, and hold what has not left. Raises `Refusal` when it is not running."""
    with transaction():
        broadcast = under_way(broadcast_id)
        if broadcast.state == BroadcastState.PAUSED:
            return
        broadcast.state = BroadcastState.PAUSED
        if broadcast.run_id:
            messaging.set_run(broadcast.run_id, RunState.PAUSED)
        audit.record("paused urgent request", subject=broadcast, actor_id=by_user_id)


def resume(broadcast_id: int, by_user_id: int) -> None:
    """Go on with a paused request. Raises `Refusal` when it has ended."""
    with transaction():
        broadcast = under_way(broadcast_id)
        if broadcast.state == BroadcastState.RUNNING:
            return
        broadcast.state = BroadcastState.RUNNING
        broadcast.next_wave_at = clock.now()
        if broadcast.run_id:
            messaging.set_run(broadcast.run_id, RunState.RUNNING)
        messaging.nudge(queue.URGENT)
        audit.record("resumed urgent request", subject=broadcast, actor_id=by_user_id)
        queue.enqueue(ADVANCE, broadcast_id, queue=queue.URGENT)


def stop(broadcast_id: int, by_user_id: int) -> int:
    """End a request by hand; returns how many texts were held back.

    Raises `Refusal` when it has ended already.
    """
    with transaction():
        broadcast = under_way(broadcast_id)
        held = _end(broadcast, "A coordinator stopped it.")
        audit.record("stopped urgent request", subject=broadcast, actor_id=by_user_id, held=held)
        return held


def note_answer(broadcast_id: int, volunteer_id: int, answer: Answer) -> None:
    """Keep what a recipient said, last, within the open transaction."""
    with transaction():
        db.session.execute(
            update(Recipient)
            .where(Recipient.broadcast_id == broadcast_id, Recipient.volunteer_id == volunteer_id)
            .values(answer=answer, answered_at=clock.now())
        )


def places_changed(shift_id: int) -> None:
    """A place of the shift was taken or left: end each request that has no place to fill.

    Called in the transaction of the change, which holds the shift's lock.
    """
    running = list(
        db.session.scalars(
            select(Broadcast.id)
            .join(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
            .where(
                BroadcastShift.shift_id == shift_id,
                Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED)),
            )
            .order_by(Broadcast.id)
        )
    )
    for broadcast_id in running:
        if queries.places_left(broadcast_id) > 0:
            continue
        broadcast = locked(broadcast_id)
        if broadcast is not None and broadcast.state != BroadcastState.ENDED:
            reason = _reason_to_end(queries.shifts_of(broadcast_id))
            if reason:
                _end(broadcast, reason)


def _is_quiet(broadcast: Broadcast, now: datetime) -> bool:
    """Whether people are left in peace: no emergency was stated, and the hour is late."""
    config = current_app.config
    return not broadcast.emergency_reason and in_quiet_hours(
        now, config["TIMEZONE"], config["QUIET_HOURS"]
    )


def _reason_to_end(shifts: Sequence[Shift]) -> str:
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
        return "Every place is filled."
    return "The shift has begun."


def _end(broadcast: Broadcast, reason: str) -> int:
    broadcast.state = BroadcastState.ENDED
    broadcast.ended_reason = reason
    broadcast.ended_at = clock.now()
    broadcast.next_wave_at = None
    db.session.flush()
    return messaging.set_run(broadcast.run_id, RunState.STOPPED) if broadcast.run_id else 0
