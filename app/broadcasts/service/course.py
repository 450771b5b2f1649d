"""A request's course: started, then asking in waves or everybody, step by step.

The broadcast's row is locked before anything about its course is decided.
Whoever holds a shift's lock may take it after that; never the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import and_, delete, exists, insert, literal, or_, select, true, update

from app.accounts import audit
from app.broadcasts import asking, narrowing, queries, rules
from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastOutcome,
    BroadcastState,
    BroadcastWave,
    Pace,
    Recipient,
)
from app.broadcasts.queries import planning
from app.broadcasts.service.ending import end, reason_to_end, tell_filled
from app.broadcasts.service.rows import (
    drafted,
    is_quiet,
    locked,
    must_be_askable,
    must_be_the_only_one,
    must_say_enough,
)
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.matching.queries import audience_select, shortfall
from app.messaging import service as messaging
from app.messaging.rules.quiet import next_allowed
from app.opportunities.models import Shift
from app.signups.rows import locked as lock_shifts

ADVANCE: Final = "app.broadcasts.jobs.advance"
NUMBER_RESTS: Final = timedelta(days=7)
DRAFT_KEPT: Final = timedelta(days=7)
# Everybody is asked in steps of so many, so that the first texts leave while others are written.
STEP: Final = 2_000
EVERYBODY_LOOKS: Final = timedelta(minutes=5)
# Late answers still come in; then what came of a request is summed up.
SETTLED_AFTER: Final = timedelta(hours=2)
SETTLED_AT_ONCE: Final = 20


def start(broadcast_id: int, by_user_id: int | None) -> Broadcast:
    """Write every recipient and everybody excluded, and begin to ask.

    Raises `Refusal` when nobody would be asked, when a shift can no longer be
    asked about, when the text is not finished, and in quiet hours unless an
    emergency is stated.
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
        must_say_enough(broadcast, broadcast.text)
        now = clock.now()
        if is_quiet(broadcast, now):
            raise Refusal(
                "People are left in peace at this hour. "
                "If it is an emergency, say what it is and send it all the same.",
                "emergency_reason",
            )
        write_recipients(broadcast, shifts)
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


def write_recipients(broadcast: Broadcast, shifts: Sequence[Shift], *, anew: bool = False) -> None:
    """Everybody's part in the request, in one statement: asked in which order, or why not.

    `anew` leaves out those who have a part already.
    """
    rows = audience_select(asking.wish_of(broadcast, shifts)).subquery()
    have_one = select(Recipient.volunteer_id).where(Recipient.broadcast_id == broadcast.id)
    columns = ["broadcast_id", "volunteer_id", "excluded", "score", "metres", "rank"]
    db.session.execute(
        insert(Recipient).from_select(
            [*columns, "answer", "created_at"],
            select(
                literal(broadcast.id),
                rows.c.volunteer_id,
                rows.c.excluded,
                rows.c.score,
                rows.c.metres,
                rows.c.rank,
                literal(Answer.NONE.value),
                literal(clock.now(), Recipient.created_at.type),
            ).where(rows.c.volunteer_id.not_in(have_one) if anew else true()),
        )
    )
    narrowing.keep_small(broadcast)
    broadcast.audience_size, broadcast.excluded_size = queries.sizes(broadcast.id)


def advance(broadcast_id: int) -> None:
    """Ask the next people if it is time, or end the request if there is reason to.

    It is also time once everybody who was asked has answered: nobody is waited for.
    Harmless at any time and however often: what to do is decided from the rows.
    """
    with transaction():
        broadcast = locked(broadcast_id)
        if broadcast is None or broadcast.state != BroadcastState.RUNNING:
            return
        shifts = queries.shifts_of(broadcast_id)
        reason = reason_to_end(shifts) or _untrue(broadcast, shifts)
        if reason:
            end(broadcast, shifts, reason)
            return
        now = clock.now()
        is_early = broadcast.next_wave_at is None or broadcast.next_wave_at > now
        quiet = is_quiet(broadcast, now)
        if is_early and (quiet or not queries.has_nobody_to_wait_for(broadcast_id, now)):
            return
        if quiet:
            config = current_app.config
            broadcast.next_wave_at = next_allowed(now, config["TIMEZONE"], config["QUIET_HOURS"])
            broadcast.wave_reason = "People are left in peace at this hour: nobody new is asked."
        elif broadcast.pace == Pace.EVERYONE:
            _ask_everybody(broadcast, shifts, now)
        else:
            _ask_next(broadcast, shifts, now)


def _untrue(broadcast: Broadcast, shifts: Sequence[Shift]) -> str:
    """Why nobody new may be asked with the words as they are; empty where they still hold.

    The deadline is the last shift's beginning as it was when the text was written.
    """
    if broadcast.deadline == max(shift.starts_at for shift in shifts):
        return ""
    return "The shift has another time now, which the text does not say."


def _ask_next(broadcast: Broadcast, shifts: Sequence[Shift], now: datetime) -> None:
    """Ask as many as the rules say; those that were looked at are the most."""
    looked_at = planning.WINDOW - _leave_out(broadcast, shifts, planning.WINDOW)
    seen = queries.progress(broadcast, shifts)
    plan = rules.next_wave(seen)
    size = min(plan.size, looked_at)
    broadcast.wave_reason = plan.reason
    broadcast.next_wave_at = now if size < plan.size else now + plan.look_again
    _warn(broadcast, shifts, plan.outlook)
    if size:
        known = seen.next_chances[:size]
        _ask(broadcast, size, sum(known) / len(known) if known else seen.more_chance)


def _ask_everybody(broadcast: Broadcast, shifts: Sequence[Shift], now: datetime) -> None:
    """Ask the next step of everybody, and come back at once for the others."""
    size = STEP - _leave_out(broadcast, shifts, STEP)
    left = queries.unasked(broadcast)
    broadcast.wave_reason = "Everybody is asked at once, as you chose."
    broadcast.next_wave_at = now if left > size else now + EVERYBODY_LOOKS
    if left == 0:
        _warn(broadcast, shifts, rules.next_wave(queries.progress(broadcast, shifts)).outlook)
        return
    if size:
        _ask(broadcast, min(size, left), planning.experience()[0].yes)
    if left > size:
        queue.enqueue(ADVANCE, broadcast.id, queue=queue.URGENT)


def _leave_out(broadcast: Broadcast, shifts: Sequence[Shift], most: int) -> int:
    left_out = asking.leave_out(broadcast, shifts, most)
    broadcast.audience_size -= left_out
    broadcast.excluded_size += left_out
    return left_out


def _ask(broadcast: Broadcast, size: int, chance: float) -> None:
    broadcast.wave += 1
    db.session.add(
        BroadcastWave(
            broadcast_id=broadcast.id,
            wave=broadcast.wave,
            asked_at=clock.now(),
            size=size,
            chance=chance,
            reason=broadcast.wave_reason,
        )
    )
    db.session.flush()
    asking.ask(broadcast, size)


def _warn(broadcast: Broadcast, shifts: Sequence[Shift], outlook: rules.Outlook) -> None:
    """Say early that too few fit, and which change would help most; or that all is well again."""
    before, broadcast.warning = broadcast.warning, rules.warning(outlook)
    if not broadcast.warning:
        broadcast.advice = ""
    elif not before:
        found = shortfall(asking.wish_of(broadcast, shifts))
        broadcast.advice = found[0].sentence if found else ""


def advance_all() -> None:
    """Advance each request whose time has come; the schedule calls it every few seconds.

    Also gives numbers back (of requests long ended, and of drafts left lying),
    goes on telling people that a request is filled, and sums up what came of
    those that ended. Where there is nothing to do it only reads.
    """
    now = clock.now()
    begun = Broadcast.deadline <= now
    due = db.session.scalars(
        select(Broadcast.id)
        .where(
            Broadcast.state == BroadcastState.RUNNING,
            or_(
                Broadcast.next_wave_at.is_(None),
                Broadcast.next_wave_at <= now,
                begun,
                queries.all_asked_have_answered(now),
            ),
        )
        .order_by(Broadcast.next_wave_at)
    ).all()
    works = [(advance, one) for one in due]
    works += [(tell_filled, one) for one in _to_tell()]
    works += [(settle, one) for one in _to_settle(now)]
    faults: list[Exception] = []
    for work, broadcast_id in works:
        try:
            work(broadcast_id)
        except Exception as fault:  # one request's fault must not hold up the others
            faults.append(fault)
    _give_numbers_back(now)
    if faults:
        raise ExceptionGroup("requests that could not go on", faults)


def _to_tell() -> Sequence[int]:
    return db.session.scalars(select(Broadcast.id).where(Broadcast.is_telling)).all()


def _to_settle(now: datetime) -> Sequence[int]:
    summed_up = exists().where(BroadcastOutcome.broadcast_id == Broadcast.id)
    return db.session.scalars(
        select(Broadcast.id)
        .where(
            Broadcast.state == BroadcastState.ENDED,
            Broadcast.started_at.is_not(None),
            Broadcast.ended_at < now - SETTLED_AFTER,
            ~summed_up,
        )
        .order_by(Broadcast.id)
        .limit(SETTLED_AT_ONCE)
    ).all()


def settle(broadcast_id: int) -> None:
    """Sum up what came of a request that has ended, for the estimates of those to come."""
    with transaction():
        broadcast = locked(broadcast_id)
        if broadcast is None or broadcast.state != BroadcastState.ENDED:
            return
        known = exists().where(BroadcastOutcome.broadcast_id == broadcast_id)
        if not db.session.scalar(select(known)):
            db.session.add(planning.sums_of(broadcast))


def _give_numbers_back(now: datetime) -> None:
    rested = and_(
        Broadcast.number_is_live,
        Broadcast.state == BroadcastState.ENDED,
        Broadcast.ended_at < now - NUMBER_RESTS,
    )
    # A draft holds a number too.
    left_lying = and_(
        Broadcast.state == BroadcastState.DRAFT, Broadcast.created_at < now - DRAFT_KEPT
    )
    found = db.session.scalar(select(Broadcast.id).where(or_(rested, left_lying)).limit(1))
    if found is None:
        return
    with transaction():
        db.session.execute(update(Broadcast).where(rested).values(number_is_live=False))
        db.session.execute(delete(Broadcast).where(left_lying))
