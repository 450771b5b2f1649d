"""What puts right what was interrupted: the sweep and the carrier's own list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import ColumnElement, and_, select, update

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import rows_changed
from app.messaging import delivery, queries, receipts, service, ways_out
from app.messaging.carriers import Doubtful, Listed, Remembers
from app.messaging.models import Message, Run, State
from app.volunteers.models import Channel

# Longer than a request may take. The answer of a slower one still counts when it comes.
STUCK_AFTER: Final = timedelta(seconds=30)
CARRIER_REMEMBERS: Final = timedelta(days=2)
# Tried so often and still in doubt, it is a person's to decide.
MOST_ATTEMPTS: Final = 5
MOST_RECONCILED: Final = 5000
SECONDS_WITHOUT_REDIS: Final = 4.0


def sweep() -> dict[str, int]:
    """Find in SQL what was dropped, and put it right; how many rows of each.

    Harmless at any time and however often: leases that ran out go back to the
    queue, what was `sending` when its worker died becomes uncertain, what is
    past its deadline expires, and lanes with due work are nudged. Rows that
    somebody holds at this moment are left to the next sweep.
    """
    now = clock.now()
    lost = now - STUCK_AFTER
    with transaction():
        freed = _settle(
            and_(queries.stands(State.LEASED), Message.lease_until < now),
            state=State.QUEUED,
            lease_holder=None,
        )
        uncertain = _settle(
            and_(queries.stands(State.SENDING), Message.sending_at < lost),
            state=State.UNCERTAIN,
            reason="A worker stopped while sending it.",
            lease_holder=None,
        )
        expired = _settle(
            and_(queries.stands(State.QUEUED), Message.deadline <= now),
            state=State.EXPIRED,
            reason="It was too late to send it.",
            ended_at=now,
        )
        lanes = due_lanes()
        for lane in lanes:
            service.nudge(lane)
    return {"freed": freed, "uncertain": uncertain, "expired": expired, "lanes": len(lanes)}


def _settle(found: ColumnElement[bool], **values: Any) -> int:
    rows = select(Message.id).where(found).order_by(Message.id).with_for_update(skip_locked=True)
    changed = db.session.execute(
        update(Message)
        .where(Message.id.in_(rows))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(changed)


def due_lanes() -> list[str]:
    """The lanes in which something may leave now, the most urgent first."""
    return [
        lane
        for lane in queue.QUEUES
        if db.session.scalar(
            select(Message.id)
            .outerjoin(Run, Run.id == Message.run_id)
            .where(Message.lane == lane, queries.is_due())
            .limit(1)
        )
    ]


def deliver_without_redis() -> None:
    """Send a little of what is due from here, when no nudge can reach a worker."""
    if queue.is_reachable():
        return
    for lane in due_lanes():
        db.session.rollback()
        delivery.deliver(lane, SECONDS_WITHOUT_REDIS)


def reconcile(message_ids: Sequence[int] | None = None) -> dict[str, int]:
    """Heal uncertain texts by the carrier's own list, where that leaves no doubt.

    A text that the carrier took is healed when exactly one of what it has may
    be this message. A text that the carrier does not have, once it has had
    time to settle (`CARRIER_SETTLES_SECONDS`), was never taken and is queued
    again. What is found twice, or was tried too often, stays uncertain: a
    person decides. With `message_ids` only these are looked at. A carrier that
    cannot be asked does not hold up the other; what it raised is raised at the end.
    """
    now = clock.now()
    settled_before = now - timedelta(seconds=current_app.config["CARRIER_SETTLES_SECONDS"])
    doubtful = _doubtful(message_ids, now)
    found: Counter[str] = Counter(uncertain=sum(map(len, doubtful.values())))
    faults: list[Exception] = []
    for carrier_name, rows in doubtful.items():
        carrier = ways_out.carrier_named(carrier_name)
        if not isinstance(carrier, Remembers):
            continue
        try:
            taken = carrier.taken_of(rows)  # no transaction is open while the carrier is spoken to
        except Exception as fault:
            faults.append(fault)
            continue
        # Two messages of the same words to one number: which of them was taken?
        claimed = Counter(one.carrier_id for listed in taken.values() for one in listed)
        for row in rows:
            candidates = taken.get(row.message_id)
            if candidates is None:
                continue
            if any(claimed[one.carrier_id] > 1 for one in candidates):
                continue
            found[_decide(row, candidates, settled_before)] += 1
    if faults:
        raise ExceptionGroup("carriers that could not be asked", faults)
    for name in ("healed", "again"):
        found[name] += 0
    found["left"] = found["uncertain"] - found["healed"] - found["again"]
    return {name: found[name] for name in ("uncertain", "healed", "again", "left")}


def _doubtful(message_ids: Sequence[int] | None, now: datetime) -> dict[str, list[Doubtful]]:
    """The uncertain texts that the carrier may know of, by carrier."""
    db.session.rollback()
    wanted = select(
        Message.id,
        Message.carrier,
        Message.token,
        Message.to_address,
        Message.body,
        Message.sending_at,
    ).where(
        queries.stands(State.UNCERTAIN),
        Message.channel == Channel.SMS,
        Message.sending_at > now - CARRIER_REMEMBERS,
    )
    if message_ids is not None:
        wanted = wanted.where(Message.id.in_(message_ids))
    by_carrier: dict[str, list[Doubtful]] = {}
    for row in db.session.execute(wanted.order_by(Message.id).limit(MOST_RECONCILED)):
        by_carrier.setdefault(row.carrier, []).append(
            Doubtful(
                message_id=row.id,
                token=row.token,
                to=row.to_address,
                body=row.body,
                sending_at=row.sending_at,
            )
        )
    db.session.rollback()
    return by_carrier


def _decide(row: Doubtful, candidates: list[Listed], settled_before: datetime) -> str:
    """Settle one uncertain message by what the carrier has; what was done, in a word."""
    with transaction():
        ids = [one.carrier_id for one in candidates]
        known = set(
            db.session.scalars(select(Message.carrier_id).where(Message.carrier_id.in_(ids)))
        )
        free = [one for one in candidates if one.carrier_id not in known]
        message = db.session.scalar(
            select(Message)
            .where(Message.id == row.message_id, Message.state == State.UNCERTAIN)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        # Somebody else may have settled it, or sent it again, while we asked.
        if message is None or message.sending_at != row.sending_at:
            return "left"
        if len(free) == 1:
            receipts.move(message.id, free[0].carrier_id, free[0].status, free[0].error_code)
            return "healed"
        if free or row.sending_at > settled_before or message.attempts >= MOST_ATTEMPTS:
            return "left"
        message.state = State.QUEUED
        message.reason = "The carrier never had it, so it is sent now."
        message.not_before = clock.now()
        service.nudge(message.lane)
        return "again"
