"""Which carrier a message leaves by."""

from __future__ import annotations

from flask import current_app

from app.foundation import queue
from app.messaging.carriers import Carrier
from app.messaging.carriers.notify import NotifyCarrier
from app.messaging.carriers.smtp import SmtpCarrier
from app.messaging.carriers.twilio import TwilioCarrier


def carrier_for(lane: str) -> Carrier:
    """The carrier that takes what leaves now in this lane.

    Asked before each micro-batch, so that an answer may change in the middle of a broadcast.
    """
    if lane == queue.EMAIL:
        return SmtpCarrier()
    return carrier_named(current_app.config["SMS_PROVIDER"])


def carrier_named(name: str) -> Carrier:
    """The carrier that goes by this name in `Message.carrier`. Raises `LookupError` for none."""
    if name == SmtpCarrier.name:
        return SmtpCarrier()
    if name in ("twilio", "simulator"):
        return TwilioCarrier(name)
    if name == NotifyCarrier.name:
        return NotifyCarrier()
    raise LookupError(f"No carrier is called {name!r}.")
