"""The steps of a message's life that workers take, each a few set-based statements.

queued → leased → sending → what came of it; see the design, a message's
life. A worker may be killed between any two of them. Before `sending` is
committed nothing has left, so the lease runs out and another sends. After it
the message may have left, so it becomes uncertain and is not sent again
until the carrier, or a person, says that it was never taken.

No step waits for a row that somebody else holds while it holds rows itself:
rows are locked in the order of their ids, or stepped over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, bindparam, case, exists, func, literal, or_, select, update

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import queries
from app.messaging.carriers import Parcel
from app.messaging.holding import is_held
from app.messaging.models import Message, Run, RunState, State
from app.messaging.rules.outcomes import Outcome, Verdict, next_try_after
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, OptOut, Volunteer

# Longer than a worker holds what it leases, unless it was killed or stopped.
LEASE: Final = timedelta(seconds=30)
LEASED_AT_ONCE: Final = 200

_message: Any = Message.__table__


class Leased(NamedTuple):
    """A message that a worker may send, for as long as its lease lasts."""

    id: int
    segments: int


def lease(lane: str, holder: str, most: int = LEASED_AT_ONCE) -> list[Leased]:
    """Take the next due messages of a lane, those due longest first.

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
            update(_message)
            .where(_message.c.id.in_(ids), _message.c.state == State.QUEUED)
            .values(state=State.LEASED, lease_holder=holder, lease_until=now + LEASE)
            .returning(_message.c.id, _message.c.segments)
        ).all()
    taken = {row.id: row.segments for row in rows}
    return [Leased(each, taken[each]) for each in ids if each in taken]


def renew(ids: Sequence[int], holder: str) -> set[int]:
    """Hold on to what was leased and waits for the sender's rate; what is still ours.

    Another has what is missing, or it may not leave any more.
    """
    with transaction():
        rows = db.session.execute(
            update(_message)
            .where(
                _message.c.id.in_(ids),
                _message.c.state == State.LEASED,
                _message.c.lease_holder == holder,
            )
            .values(lease_until=clock.now() + LEASE)
            .returning(_message.c.id)
        )
        return set(rows.scalars())


def give_back(ids: Sequence[int], holder: str) -> None:
    """Queue again what was leased and not begun, so that nobody waits for the lease to run out."""
    if not ids:
        return
    with transaction():
        db.session.execute(
            update(_message)
            .where(
                _message.c.id.in_(ids),
                _message.c.state == State.LEASED,
                _message.c.lease_holder == holder,
            )
            .values(state=State.QUEUED, lease_holder=None)
        )


def begin_sending(ids: Sequence[int], holder: str, carrier: str = "") -> list[Parcel]:
    """Commit `sending` for those that may still go; settle those that may not.

    The guard is in the UPDATE itself: an opt-out, a stop, a hold or a deadline
    that was committed before it holds the message back. `carrier` is the name of
    the one that takes them. Returns what may leave now, in the order of `ids`.
    """
    if not ids:
        return []
    with transaction():
        # Rows that somebody changes at this moment are passed over: their lease runs out.
        mine = db.session.scalars(
            select(Message.id)
            .where(
                Message.id.in_(ids),
                Message.state == State.LEASED,
                Message.lease_holder == holder,
            )
            .order_by(Message.id)
            .with_for_update(skip_locked=True)
        ).all()
        if not mine:
            return []
        # A statement of its own: it sees what was committed while we waited for nothing.
        rows = db.session.execute(
            _BEGIN, {"these": mine, "moment": clock.now(), "by_carrier": carrier}
        ).all()
        going = {row.id: _parcel(row) for row in rows if row.state == State.SENDING}
        return [going[each] for each in ids if each in going]


def _is(value: object, column: str) -> Any:
    return literal(value, _message.c[column].type)


def _fates() -> Any:
    """For each of `these` whether it may go and, if not, what becomes of it and why."""
    message = _message.alias().c
    opted_out = and_(
        ~message.is_service,
        exists().where(OptOut.channel == message.channel, OptOut.address == message.to_address),
    )

    # Of what nobody waits for: asks that were written before somebody changed their mind.
    def not_allowed(channel: Channel, consent: Any) -> Any:
        return and_(
            message.run_id.is_not(None),
            message.channel == channel,
            exists().where(Volunteer.id == message.volunteer_id, consent.is_(None)),
        )

    stopped = Run.state == RunState.STOPPED
    too_late = and_(message.deadline.is_not(None), message.deadline <= _MOMENT)
    paused = Run.state == RunState.PAUSED
    why = (
        (opted_out, State.SUPPRESSED, "They opted out."),
        (
            not_allowed(Channel.SMS, Volunteer.sms_consent_at),
            State.SUPPRESSED,
            "They no longer allow texts.",
        ),
        (
            not_allowed(Channel.EMAIL, Volunteer.email_consent_at),
            State.SUPPRESSED,
            "They no longer allow emails.",
        ),
        (stopped, State.CANCELLED, "The request had ended."),
        (too_late, State.EXPIRED, "It was too late to send it."),
        (or_(paused, is_held(message)), State.QUEUED, ""),
    )
    # The first reason that holds, as a number; it is asked once a row, not for each column.
    which = case(
        *((condition, number) for number, (condition, _, _) in enumerate(why)), else_=len(why)
    )
    numbered = (
        select(message.id, which.label("which"))
        .outerjoin(Run, Run.id == message.run_id)
        .where(message.id.in_(bindparam("these", expanding=True)))
        .subquery()
    )
    state = {number: _is(state, "state") for number, (_, state, _) in enumerate(why)}
    reason = {number: _is(words, "reason") for number, (_, _, words) in enumerate(why) if words}
    return select(
        numbered.c.id,
        case(state, value=numbered.c.which, else_=_is(State.SENDING, "state")).label("fate"),
        case(reason, value=numbered.c.which, else_=_is("", "reason")).label("reason"),
        numbered.c.which.in_(
            [number for number, (_, state, _) in enumerate(why) if state != State.QUEUED]
        ).label("has_ended"),
    ).subquery()


def _begin() -> Any:
    """The UPDATE to `sending`, with its guard; made once, for it runs for each micro-batch."""
    message, fate = _message.c, _fates()
    goes = fate.c.fate == State.SENDING
    return (
        update(_message)
        .where(message.id == fate.c.id)
        .values(
            state=fate.c.fate,
            reason=fate.c.reason,
            lease_holder=case((goes, message.lease_holder), else_=None),
            sending_at=case((goes, _MOMENT), else_=message.sending_at),
            attempts=case((goes, message.attempts + 1), else_=message.attempts),
            carrier=case(
                (goes, bindparam("by_carrier", type_=message.carrier.type)), else_=message.carrier
            ),
            ended_at=case((fate.c.has_ended, _MOMENT), else_=None),
        )
        .returning(_message)
    )


_MOMENT: Final = bindparam("moment", type_=_message.c.sending_at.type)
_BEGIN: Final = _begin()


def _parcel(row: Any) -> Parcel:
    unsubscribe_url = None
    if row.channel == Channel.EMAIL and row.volunteer_id and not row.is_service:
        unsubscribe_url = volunteers.unsubscribe_url(row.volunteer_id)
    return Parcel(
        message_id=row.id,
        token=row.token,
        written_at=row.created_at,
        attempts=row.attempts,
        to=row.to_address,
        body=row.body,
        subject=row.subject,
        html=row.html,
        calendar=row.calendar,
        unsubscribe_url=unsubscribe_url,
    )


def record(outcomes: Sequence[tuple[Parcel, Outcome]]) -> None:
    """Commit what the carrier said of each message; harmless when it is done twice.

    A receipt may have been faster than the answer that announces it: a
    message that has moved on stays where it is. An answer that comes later
    than anybody waited for it still counts, as long as nobody tried again.
    """
    now = clock.now()
    by_verdict: dict[Verdict, list[dict[str, Any]]] = defaultdict(list)
    for parcel, outcome in sorted(outcomes, key=lambda pair: pair[0].message_id):
        this = {"this": parcel.message_id, "attempt": parcel.attempts}
        by_verdict[outcome.verdict].append(this | _settled(parcel, outcome, now))
    with transaction():
        connection = db.session.connection()
        for verdict, rows in by_verdict.items():
            connection.execute(_NEWS[verdict], rows)
        for parcel, outcome in outcomes:
            if outcome.verdict == Verdict.OPTED_OUT:
                volunteers.opt_out(Channel.SMS, parcel.to, how="the carrier told us")


def _settled(parcel: Parcel, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The columns of a message after one attempt."""
    settled: dict[str, Any] = {
        "state": State.FAILED,
        "reason": outcome.reason,
        "error_code": outcome.code,
        "carrier_id": outcome.carrier_id,
        "not_before": None,  # as it was
        "accepted_at": None,
        "ended_at": now,
    }
    if outcome.verdict == Verdict.ACCEPTED:
        return settled | {
            "state": State.ACCEPTED,
            "reason": "",
            "accepted_at": now,
            "ended_at": None,
        }
    if outcome.verdict == Verdict.UNCERTAIN:
        return settled | {"state": State.UNCERTAIN, "ended_at": None}
    if outcome.verdict == Verdict.TRY_LATER:
        pause = next_try_after(parcel.attempts, now - parcel.written_at)
        if pause is not None:
            return settled | {
                "state": State.QUEUED,
                "not_before": now + max(pause, outcome.wait or pause),
                "ended_at": None,
            }
    return settled


def _news(*before: State) -> Any:
    """An UPDATE of one message by `this` and `attempt`, from certain states only.

    Run with many rows at once, it goes to PostgreSQL in one pipeline.
    """
    given = {
        name: bindparam(name, type_=_message.c[name].type)
        for name in ("state", "reason", "error_code", "accepted_at", "ended_at")
    }
    known = {
        name: func.coalesce(bindparam(name, type_=_message.c[name].type), _message.c[name])
        for name in ("carrier_id", "not_before")
    }
    return (
        update(_message)
        .where(
            _message.c.id == bindparam("this"),
            _message.c.attempts == bindparam("attempt"),
            or_(*(_message.c.state == state for state in before)),  # IN does not run many at once
        )
        .values(
            lease_holder=None,
            **given,
            **known,
        )
    )


# From where each verdict may move a message. The sweep may have lost patience with a slow
# carrier, or queued the message again: a certain answer still counts.
_CERTAIN: Final = (State.SENDING, State.UNCERTAIN)
_NEWS: Final = {
    Verdict.ACCEPTED: _news(*_CERTAIN, State.QUEUED, State.LEASED),
    Verdict.TRY_LATER: _news(*_CERTAIN),
    Verdict.FAILED: _news(*_CERTAIN),
    Verdict.OPTED_OUT: _news(*_CERTAIN),
    Verdict.UNCERTAIN: _news(State.SENDING),
}
