"""Status callbacks: each is kept as it came, and moves its message forward, never back.

They come in twos and threes for every text, late, doubled and out of order,
and fastest while a request is being sent. So a callback costs two statements:
one keeps it and finds its message, one moves the message if the rank allows.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Update, bindparam, func, select, update

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import harmless_twice, transaction
from app.foundation.upsert import rows_changed
from app.messaging.models import WAITING, Message, Receipt, State
from app.messaging.rules.outcomes import OPTED_OUT_CODE
from app.messaging.rules.receipts import STATE_OF_STATUS, may_follow, reason_of
from app.volunteers import service as volunteers
from app.volunteers.models import Channel

log = logging.getLogger(__name__)

_receipts = Receipt.__table__
# Our own token first: it is known before the carrier has given the message a number.
_KEEP: Final = (
    _receipts.insert()  # type: ignore[attr-defined] # each model has a plain table
    .values(
        message_id=func.coalesce(
            select(Message.id).where(Message.token == bindparam("of_token")).scalar_subquery(),
            select(func.min(Message.id))
            .where(Message.carrier_id == bindparam("of_carrier_id"))
            .scalar_subquery(),
        )
    )
    .returning(_receipts.c.message_id)
)
# Of what has begun to leave: a number that a stranger gives to a waiting text is not its own.
_LEARN_ID: Final = (
    update(Message)
    .where(
        Message.id == bindparam("message"),
        Message.carrier_id.is_(None),
        Message.state.not_in(WAITING),
    )
    .values(carrier_id=bindparam("of_carrier_id"), accepted_at=bindparam("now"))
    .execution_options(synchronize_session=False)
)


def _move_to(state: State) -> Update:
    final = state not in (State.ACCEPTED, State.SENT)
    return (
        update(Message)
        .where(Message.id == bindparam("message"), Message.state.in_(may_follow(state)))
        .values(
            state=state,
            reason=bindparam("why"),
            error_code=bindparam("code"),
            lease_holder=None,
            ended_at=bindparam("now") if final else None,
            carrier_id=func.coalesce(Message.carrier_id, bindparam("of_carrier_id")),
            accepted_at=func.coalesce(Message.accepted_at, bindparam("now")),
        )
        .execution_options(synchronize_session=False)
    )


_MOVES: Final = {state: _move_to(state) for state in set(STATE_OF_STATUS.values())}


def receive(token: str, payload: Mapping[str, Any]) -> None:
    """Keep a status callback and move its message forward, never back.

    `token` is ours, from the callback's address; the carrier's id is the
    second way to find the message. What belongs to no message is kept too.
    The fields of `payload`: twilio.com/docs/messaging/guides/track-outbound-message-status.
    """
    # PostgreSQL keeps every character but this one.
    token = token.replace("\0", "")
    said = {name.replace("\0", ""): str(value).replace("\0", "") for name, value in payload.items()}
    carrier_id = (said.get("MessageSid") or said.get("SmsSid") or "")[:64]
    status = (said.get("MessageStatus") or said.get("SmsStatus") or "")[:30]
    code = (said.get("ErrorCode") or "")[:20] or None

    def keep_and_move() -> None:
        with transaction():
            message_id = db.session.scalar(
                _KEEP,
                {
                    "of_token": token or None,
                    "of_carrier_id": carrier_id or None,
                    "created_at": clock.now(),
                    "carrier_id": carrier_id,
                    "status": status,
                    "payload": said,
                },
            )
            if message_id is not None:
                move(message_id, carrier_id, status, code)

    harmless_twice(keep_and_move)  # a receipt that comes twice is nothing new


def move(message_id: int, carrier_id: str, status: str, code: str | None) -> bool:
    """Move a message to what the carrier says of it, if that is a step forward; whether it was.

    Within the open transaction. `status` is the carrier's word. The carrier's
    id is learnt by the way, and an opt-out that only the carrier knew of.
    """
    now = clock.now()
    state = STATE_OF_STATUS.get(status)
    moved = False
    if state is None:
        log.warning("a receipt with a status that we do not know: %s", status)
    else:
        result = db.session.execute(
            _MOVES[state],
            {
                "message": message_id,
                "why": reason_of(status, code),
                "code": code,
                "now": now,
                "of_carrier_id": carrier_id or None,
            },
        )
        moved = rows_changed(result) == 1
    if carrier_id and not moved:
        db.session.execute(
            _LEARN_ID, {"message": message_id, "of_carrier_id": carrier_id, "now": now}
        )
    if state is not None and code == str(OPTED_OUT_CODE):
        _honour_opt_out(message_id)
    return moved


def _honour_opt_out(message_id: int) -> None:
    address = db.session.scalar(
        select(Message.to_address).where(Message.id == message_id, Message.channel == Channel.SMS)
    )
    if address is not None:
        volunteers.opt_out(Channel.SMS, address, how="the carrier told us")
