"""Where GOV.UK Notify brings a text that came in; see `messaging.notify_webhooks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation import phone
from app.foundation.errors import Refusal
from app.foundation.extensions import csrf, limiter
from app.inbox import service
from app.messaging.notify_webhooks import said_by_notify

bp = Blueprint("inbox_notify_webhooks", __name__)
csrf.exempt(bp)
limiter.exempt(bp)


@bp.post("/webhooks/notify/sms")
@public
def sms() -> ResponseReturnValue:
    """Store the text and answer 200; what it means is a worker's work."""
    service.store(as_stored(said_by_notify()))
    return "", 200


def as_stored(said: Mapping[str, Any]) -> dict[str, Any]:
    """What Notify said, with the names beside it that `service.store` reads."""
    return {
        **said,
        "MessageSid": said.get("id") or "",
        "From": e164(str(said.get("source_number") or "")),
        "To": e164(str(said.get("destination_number") or "")),
        "Body": said.get("message") or "",
    }


def e164(number: str) -> str:
    """A number as Notify writes it (447700900123, 07700900123, 33612345678) in E.164.

    What is no telephone's number, a sender's name or a short code, stays as it came.
    """
    try:
        return phone.parse(number)
    except Refusal:
        pass  # not one of our mobiles, which is what a volunteer may have
    if not (number.isascii() and number.isdigit()):
        return number
    if number.startswith("0") and 10 <= len(number) <= 11:
        return f"+44{number[1:]}"
    return f"+{number}" if 8 <= len(number) <= 15 and not number.startswith("0") else number
