"""The states of a message's life; see the design, section 6."""

from __future__ import annotations

import enum


class State(enum.StrEnum):
    """Where a message stands; see the design, a message's life."""

    QUEUED = "queued"
    LEASED = "leased"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNCERTAIN = "uncertain"


# Nothing more will happen to these, but for a late receipt.
FINAL = (
    State.DELIVERED,
    State.UNDELIVERED,
    State.FAILED,
    State.SUPPRESSED,
    State.CANCELLED,
    State.EXPIRED,
)
# Written, but nothing of it has left: a stop may still hold these back.
WAITING = (State.QUEUED, State.LEASED)
