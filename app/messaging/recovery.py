"""What puts right what was interrupted: the sweep, the receipts, the carrier's own list."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import or_, select, update

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import rows_changed
from app.messaging import queries, service
from app.messaging.carriers import Listed
from app.messaging.carriers.twilio import TwilioCarrier
from app.messaging.models import Message, Receipt, Run, State
from app.messaging.rules.outcomes import OPTED_OUT_CODE, undelivered_reason
from app.messaging.rules.receipts import STATE_OF_STATUS, may_follow
from app.volunteers import service as volunteers
from app.volunteers.models import Channel

log = logging.getLogger(__name__)

STUCK_AFTER: Final = timedelta(minutes=2)  # longer than any request may take
SETTLED_AFTER: Final = timedelta(seconds=60)
CARRIER_REMEMBERS: Final = timedelta(days=2)


def sweep() -> dict[str, int]:
    """Find in SQL what was dropped, and put it right; how many rows of each.

    Harmless at any time and however often: leases that ran out go back to the
    queue, what was `sending` when its worker died becomes uncertain, what is
    past its deadline expires, and lanes with due work are nudged.
    """
    now = clock.now()
    with transaction():
        freed = db.session.execute(
            update(Message)
            .where(Message.state == State.LEASED, Message.lease_until < now)
            .values(state=State.QUEUED, lease_holder=None)
        )
        uncertain = db.session.execute(
            update(Message)
            .where(Message.state == State.SENDING, Message.sending_at < now - STUCK_AFTER)
            .values(
                state=State.UNCERTAIN,
                reason="A worker stopped while sending it.",
                lease_holder=None,
            )
        )
        expired = db.session.execute(
            update(Message)
            .where(Message.state == State.QUEUED, Message.deadline <= now)
            .values(state=State.EXPIRED, reason="It was too late to send it.", ended_at=now)
        )
        lanes = list(
            db.session.scalars(
                select(Message.lane)
                .distinct()
                .outerjoin(Run, Run.id == Message.run_id)
                .where(queries.is_due())
            )
        )
        for lane in lanes:
            if lane in queue.QUEUES:
                service.nudge(lane)
    return {
        "freed": rows_changed(freed),
        "uncertain": rows_changed(uncertain),
        "expired": rows_changed(expired),
        "lanes": len(lanes),
    }


def receive_receipt(token: str, payload: dict[str, Any]) -> None:
    """Keep a status callback and move its message forward, never back.

    `token` is ours, from the callback's address; the carrier's id is the
    second way to find the message. What belongs to no message is kept too.
    """
    # PostgreSQL keeps every character but this one.
    token = token.replace("\0", "")
    payload = {
        name.replace("\0", ""): str(value).replace("\0", "") for name, value in payload.items()
    }
    carrier_id = str(payload.get("MessageSid") or payload.get("SmsSid") or "")[:64]
    status = str(payload.get("MessageStatus") or payload.get("SmsStatus") or "")[:30]
    code = str(payload.get("ErrorCode") or "")[:20] or None
    with transaction():
        message = db.session.scalar(
            select(Message).where(
                or_(
                    Message.token == token if token else Message.id.is_(None),
                    Message.carrier_id == carrier_id if carrier_id else Message.id.is_(None),
                )
            )
        )
        db.session.add(
            Receipt(
                message_id=message.id if message else None,
                carrier_id=carrier_id,
                status=status,
                payload=payload,
            )
        )
        if message is not None:
            _move(message, carrier_id, status, code)


def _move(message: Message, carrier_id: str, status: str, code: str | None) -> None:
    now = clock.now()
    if carrier_id and message.carrier_id is None:
        db.session.execute(
            update(Message)
            .where(Message.id == message.id, Message.carrier_id.is_(None))
            .values(carrier_id=carrier_id, accepted_at=now)
        )
    state = STATE_OF_STATUS.get(status)
    if state is None:
        log.warning("a receipt with a status that we do not know: %s", status)
        return
    final = state not in (State.ACCEPTED, State.SENT)
    db.session.execute(
        update(Message)
        .where(Message.id == message.id, Message.state.in_(may_follow(state)))
        .values(
            state=state,
            reason=undelivered_reason(code),
            error_code=code,
            lease_holder=None,
            ended_at=now if final else None,
        )
    )
    if code == str(OPTED_OUT_CODE) and message.channel == Channel.SMS:
        volunteers.opt_out(Channel.SMS, message.to_address, how="the carrier told us")


def reconcile() -> dict[str, int]:
    """Heal uncertain texts by the carrier's own list, where that leaves no doubt.

    A text is healed when exactly one listed message has its number and body,
    was made after we began to send it, and belongs to no other row. Whatever
    is not found, or found twice, stays uncertain: a person decides.
    """
    now = clock.now()
    db.session.rollback()
    doubtful = db.session.execute(
        select(Message.id, Message.to_address, Message.body, Message.sending_at).where(
            Message.state == State.UNCERTAIN,
            Message.channel == Channel.SMS,
            Message.sending_at < now - SETTLED_AFTER,
            Message.sending_at > now - CARRIER_REMEMBERS,
        )
    ).all()
    db.session.rollback()  # nothing stays open while the carrier is spoken to
    healed = 0
    for row in doubtful:
        since = row.sending_at - timedelta(seconds=5)
        listed = TwilioCarrier().list_sent(row.to_address, since)
        healed += _heal(row.id, [one for one in listed if one.body == row.body])
    return {"uncertain": len(doubtful), "healed": healed, "left": len(doubtful) - healed}


def _heal(message_id: int, candidates: list[Listed]) -> int:
    with transaction():
        ids = [one.carrier_id for one in candidates]
        known = set(
            db.session.scalars(select(Message.carrier_id).where(Message.carrier_id.in_(ids)))
        )
        free = [one for one in candidates if one.carrier_id not in known]
        if len(free) != 1:
            return 0
        message = db.session.get(Message, message_id)
        if message is None or message.state != State.UNCERTAIN:
            return 0
        _move(message, free[0].carrier_id, free[0].status, free[0].error_code)
    return 1
