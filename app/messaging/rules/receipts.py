"""Receipts come late, doubled and out of order; a message only ever moves forward.

Statuses: twilio.com/docs/messaging/api/message-resource#message-status-values;
those of GOV.UK Notify are in `notify_outcomes`. Where both carriers have a
word for a status it means the same.
"""

from __future__ import annotations

from app.messaging.rules import notify_outcomes
from app.messaging.rules.outcomes import undelivered_reason
from app.messaging.rules.states import State

STATE_OF_STATUS: dict[str, State] = {
    "accepted": State.ACCEPTED,
    "scheduled": State.ACCEPTED,
    "queued": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.UNDELIVERED,
    "failed": State.FAILED,
    "canceled": State.CANCELLED,
} | notify_outcomes.STATE_OF_STATUS


def reason_of(status: str, code: str | None) -> str:
    """Why a message did not arrive, in words: by the status where that says it, else the code."""
    return notify_outcomes.UNDELIVERED.get(status) or undelivered_reason(code)


_UNDER_WAY = (State.SENDING, State.UNCERTAIN)


def may_follow(state: State) -> tuple[State, ...]:
    """The states from which a receipt may move a message to `state`.

    A final state is never left. A message that is `sending` or `uncertain`
    is healed by whatever the carrier says of it.
    """
    if state == State.ACCEPTED:
        return _UNDER_WAY
    if state == State.SENT:
        return (*_UNDER_WAY, State.ACCEPTED)
    return (*_UNDER_WAY, State.ACCEPTED, State.SENT)
