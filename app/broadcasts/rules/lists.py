"""What the counts and lists of a request's page are made of, and when its texts are out: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.messaging.rules.states import State

# What the states of the asking texts mean to a coordinator; each state is in one group.
TEXT_GROUPS: Final[dict[str, tuple[State, ...]]] = {
    "waiting": (State.QUEUED, State.LEASED),
    "sent": (State.SENDING, State.ACCEPTED, State.SENT),
    "delivered": (State.DELIVERED,),
    "uncertain": (State.UNCERTAIN,),
    "failed": (State.FAILED, State.UNDELIVERED),
    "held-back": (State.SUPPRESSED, State.CANCELLED, State.EXPIRED),
}
# What has left us or may have, and so costs money.
GONE: Final = (
    State.SENDING,
    State.ACCEPTED,
    State.SENT,
    State.DELIVERED,
    State.UNDELIVERED,
    State.UNCERTAIN,
)
# The lists of people behind the counts of a request's page, and how each is called.
LISTS: Final = {
    "fit": "Who fits",
    "asked": "Who is asked",
    "not-asked": "Who fits and is not asked yet",
    "waiting": "Texts written, waiting to leave",
    "sent": "Texts sent, no word yet that they arrived",
    "delivered": "Texts delivered",
    "uncertain": "Texts we cannot be sure of",
    "failed": "Texts that failed",
    "held-back": "Texts held back",
    "yes": "Who said yes",
    "no": "Who said no",
    "unclear": "Whose answer was unclear",
    "silent": "Who has not answered",
    "to-ring": "Who you could ring",
    "excluded": "Who is not asked, and why",
}


def finish_time(now: datetime, segments: int, per_second: float) -> datetime:
    """When the last text leaves if everybody is asked, at the sender's own rate."""
    return now + timedelta(seconds=segments / per_second)
