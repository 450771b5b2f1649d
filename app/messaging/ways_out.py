"""Which carrier a message leaves by.

Texts leave by the first carrier that does not rest (`carrier_health`). Where
the second one takes over, it takes what is `queued`, and that is certainly
with nobody: what is with a carrier, or may be, stays with it.
"""

from __future__ import annotations

from app.foundation import queue
from app.messaging import carrier_health
from app.messaging.carriers import Carrier
from app.messaging.carriers.notify import NotifyCarrier
from app.messaging.carriers.smtp import SmtpCarrier
from app.messaging.carriers.twilio import TwilioCarrier


def carrier_for(lane: str) -> Carrier:
    """The carrier that takes what leaves now in this lane.

    Asked before each micro-batch, so that an answer may change in the middle of a broadcast.
    """
    carrier_health.flush()
    if lane == queue.EMAIL:
        return carrier_health.Watched(SmtpCarrier())
    return carrier_health.Watched(carrier_named(carrier_health.chosen()))


def check() -> None:
    """The periodic look at the carriers of texts: who must rest, and who may come back."""
    carriers = [carrier_named(name) for name in carrier_health.names()]
    carrier_health.check(one for one in carriers if isinstance(one, carrier_health.Askable))


def carrier_named(name: str) -> Carrier:
    """The carrier that goes by this name in `Message.carrier`. Raises `LookupError` for none."""
    if name == SmtpCarrier.name:
        return SmtpCarrier()
    if name in ("twilio", "simulator"):
        return TwilioCarrier(name)
    if name == NotifyCarrier.name:
        return NotifyCarrier()
    raise LookupError(f"No carrier is called {name!r}.")
