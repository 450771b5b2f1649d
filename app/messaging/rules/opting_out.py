"""When a text says how to stop: the first to a phone, and one at least every thirty days.

The law asks that whoever is written to can object simply, each time (PECR, regulation 22(3)(c)
and 23; ICO, "Electronic mail marketing"), and that the sender is named. Our asks are of
people who agreed to them, and STOP works in answer to any of our texts, told or not. The
carrier asks for "Reply STOP to unsubscribe", or its like, in the first text (Twilio, Messaging
Policy), and its trade's handbook for a reminder each month (CTIA, Short Code Monitoring
Handbook). So each phone is told the first time and again before thirty days have passed.

Service letters are exempt: a code that somebody asked for, and the one confirmation of a STOP,
which the same handbook wants sent.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from app.foundation.sentences import N_, gettext
from app.messaging.rules.states import State

EVERY: Final = timedelta(days=30)
# Of a text in one of these the reader may have been told; of the others they were not.
MAY_BE_READ: Final = (
    State.QUEUED,
    State.LEASED,
    State.SENDING,
    State.ACCEPTED,
    State.SENT,
    State.DELIVERED,
    State.UNCERTAIN,
)
_TELLS: Final = re.compile(r"\bSTOP\b")


NOTICE: Final = N_("Reply STOP to opt out.")


def notice() -> str:
    """How to stop, in the language of the text; the word itself is the carrier's, in English."""
    return gettext(NOTICE)


def tells(body: str) -> bool:
    """Whether a text says by itself how to stop, with the word in capitals."""
    return _TELLS.search(body) is not None


def told(body: str) -> str:
    """The text with how to stop: on a line of its own, so that a link before it stays whole."""
    return body if tells(body) else f"{body.rstrip()}\n{notice()}"
