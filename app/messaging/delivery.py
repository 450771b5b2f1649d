"""From the ledger to the carrier: leased, `sending`, sent; see the design, a message's life.

A worker may be killed between any two lines here. Before `sending` is
committed nothing has left, so the lease runs out and another sends. After
it the message may have left, so it becomes uncertain and is never sent
again by itself.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy import and_, case, exists, or_, select, update

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import queries, rate, service
from app.messaging.carriers import Carrier, Line, Parcel
from app.messaging.carriers.smtp import SmtpCarrier
from app.messaging.carriers.twilio import TwilioCarrier
from app.messaging.models import Message, Run, RunState, State
from app.messaging.rules.outcomes import Outcome, Verdict, next_try_after
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, OptOut, Volunteer

LEASE: Final = timedelta(seconds=60)
LEASED_AT_ONCE: Final = 60
SENT_AT_ONCE: Final = 20
# Emails go one after another: so few that even slow ones end before the sweep doubts them.
EMAILS_AT_ONCE: Final = 5
SECONDS_PER_JOB: Final = 55.0


def deliver(lane: str, seconds: float = SECONDS_PER_JOB) -> int:
    """Send what is due in a lane until none is left or the time is up; how many went.

    When the time is up the lane is nudged, so that another job goes on.
    """
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    until = time.monotonic() + seconds
    sent = 0
    batch = lease(lane, holder)
    if not batch:
        return 0
    with carrier_of(lane).open() as line:
        while batch:
            for few in _few(batch, EMAILS_AT_ONCE if lane == queue.EMAIL else SENT_AT_ONCE):
                sent += _send_few(line, few, lane, holder)
            if time.monotonic() > until:
                service.nudge(lane)
                break
            batch = lease(lane, holder)
    return sent


def carrier_of(lane: str) -> Carrier:
    """The way out for a lane."""
    return SmtpCarrier() if lane == queue.EMAIL else TwilioCarrier()


def lease(lane: str, holder: str, most: int = LEASED_AT_ONCE) -> list[tuple[int, int]]:
    """Take the next due messages of a lane, oldest first: (id, segments) of each.

    On PostgreSQL workers step over each other's rows; SQLite has one writer
    at a time anyway.
    """
    now = clock.now()
    due = (
        select(Message.id)
        .outerjoin(Run, Run.id == Message.run_id)
        .where(Message.lane == lane, queries.is_due())
        .order_by(Message.not_before, Message.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=Message)
    )
    with transaction():
        ids = list(db.session.scalars(due))
        if not ids:
            return []
        rows = db.session.execute(
            update(Message)
            .where(Message.id.in_(ids), Message.state == State.QUEUED)
            .values(state=State.LEASED, lease_holder=holder, lease_until=now + LEASE)
            .returning(Message.id, Message.segments)
        ).all()
    return sorted((row.id, row.segments) for row in rows)


def _few(batch: Sequence[tuple[int, int]], most: int) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, len(batch), most):
        yield list(batch[start : start + most])


def _send_few(line: Line, few: list[tuple[int, int]], lane: str, holder: str) -> int:
    """Let a few messages go: `sending` is committed before the first byte leaves."""
    if lane != queue.EMAIL:
        segments = sum(size for _, size in few)
        while wait := rate.take(segments, at_once=lane == queue.ANSWERS):
            time.sleep(min(wait, 1.0))
    parcels = begin_sending([message_id for message_id, _ in few], holder)
    if not parcels:
        return 0
    outcomes = line.send(parcels)
    asked_to_wait = any(one.verdict == Verdict.TRY_LATER and one.code for one in outcomes)
    if asked_to_wait and lane != queue.EMAIL:  # the rate is that of the sender of texts
        rate.slow_down(1.0)
    record(list(zip(parcels, outcomes, strict=True)))
    return sum(outcome.verdict == Verdict.ACCEPTED for outcome in outcomes)


def begin_sending(ids: Sequence[int], holder: str) -> list[Parcel]:
    """Commit `sending` for those that may still go; settle those that may not.

    The guard is in the UPDATE itself: an opt-out, a stop or a deadline that
    was committed before it holds the message back.
    """
    now = clock.now()
    mine = and_(Message.id.in_(ids), Message.state == State.LEASED, Message.lease_holder == holder)
    opted_out = and_(
        ~Message.is_service,
        exists().where(OptOut.channel == Message.channel, OptOut.address == Message.to_address),
    )
    # Of what nobody waits for: asks that were written before somebody changed their mind.
    not_allowed = and_(
        Message.run_id.is_not(None),
        exists().where(Volunteer.id == Message.volunteer_id, Volunteer.sms_consent_at.is_(None)),
    )
    stopped = exists().where(Run.id == Message.run_id, Run.state == RunState.STOPPED)
    paused = exists().where(Run.id == Message.run_id, Run.state == RunState.PAUSED)
    too_late = and_(Message.deadline.is_not(None), Message.deadline <= now)
    settled = or_(opted_out, not_allowed, stopped, too_late)
    with transaction():
        db.session.execute(
            update(Message)
            .where(mine, or_(settled, paused))
            .values(
                state=case(
                    (or_(opted_out, not_allowed), State.SUPPRESSED.value),
                    (stopped, State.CANCELLED.value),
                    (too_late, State.EXPIRED.value),
                    else_=State.QUEUED.value,
                ),
                reason=case(
                    (opted_out, "They opted out."),
                    (not_allowed, "They no longer allow texts."),
                    (stopped, "The request had ended."),
                    (too_late, "It was too late to send it."),
                    else_="",
                ),
                lease_holder=None,
                ended_at=case((settled, now), else_=None),
            )
            .execution_options(synchronize_session=False)
        )
        rows = db.session.scalars(
            update(Message)
            .where(mine, ~opted_out, ~not_allowed, ~stopped, ~paused, ~too_late)
            .values(
                state=State.SENDING,
                sending_at=now,
                attempts=Message.attempts + 1,
                carrier=case(
                    (Message.channel == Channel.EMAIL, SmtpCarrier.name),
                    else_=current_app.config["SMS_PROVIDER"],
                ),
            )
            .returning(Message)
            .execution_options(synchronize_session=False, populate_existing=True)
        ).all()
        return [_parcel(row) for row in sorted(rows, key=lambda row: row.id)]


def _parcel(message: Message) -> Parcel:
    unsubscribe_url = None
    if message.channel == Channel.EMAIL and message.volunteer_id and not message.is_service:
        unsubscribe_url = volunteers.unsubscribe_url(message.volunteer_id)
    return Parcel(
        message_id=message.id,
        token=message.token,
        written_at=message.created_at,
        attempts=message.attempts,
        to=message.to_address,
        body=message.body,
        subject=message.subject,
        html=message.html,
        calendar=message.calendar,
        unsubscribe_url=unsubscribe_url,
    )


def record(outcomes: Sequence[tuple[Parcel, Outcome]]) -> None:
    """Commit what the carrier said of each message.

    A receipt may have been faster than the answer that announces it: a
    message that has moved on keeps its state and only learns its carrier's id.
    """
    with transaction():
        for parcel, outcome in outcomes:
            _record_one(parcel, outcome)


def _record_one(parcel: Parcel, outcome: Outcome) -> None:
    now = clock.now()
    values: dict[str, object] = {
        "reason": outcome.reason,
        "error_code": outcome.code,
        "lease_holder": None,
    }
    may_settle: tuple[State, ...] = (State.SENDING,)
    if outcome.carrier_id:
        db.session.execute(
            update(Message)
            .where(Message.id == parcel.message_id, Message.carrier_id.is_(None))
            .values(carrier_id=outcome.carrier_id, accepted_at=now)
        )
    if outcome.verdict == Verdict.ACCEPTED:
        values |= {"state": State.ACCEPTED, "reason": ""}
        # The sweep may have lost patience with a slow carrier; now we know.
        may_settle = (State.SENDING, State.UNCERTAIN)
    elif outcome.verdict == Verdict.TRY_LATER:
        pause = next_try_after(parcel.attempts, now - parcel.written_at)
        if pause is None:
            values |= {"state": State.FAILED, "ended_at": now}
        else:
            values |= {"state": State.QUEUED, "not_before": now + pause}
    elif outcome.verdict == Verdict.UNCERTAIN:
        values |= {"state": State.UNCERTAIN}
    else:
        values |= {"state": State.FAILED, "ended_at": now}
    db.session.execute(
        update(Message)
        .where(Message.id == parcel.message_id, Message.state.in_(may_settle))
        .values(**values)
    )
    if outcome.verdict == Verdict.OPTED_OUT:
        volunteers.opt_out(Channel.SMS, parcel.to, how="the carrier told us")
