"""Where GOV.UK Notify brings a text that came in; see `messaging.notify_webhooks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation import phone
from app.foundation.machines import for_machines
from app.inbox import service
from app.messaging.notify_webhooks import said_by_notify

bp = Blueprint("inbox_notify_webhooks", __name__)


@bp.post("/webhooks/notify/sms")
@public
@for_machines
def sms() -> ResponseReturnValue:
    """Store the text and answer 200; what it means is a worker's work."""
    service.store(as_stored(said_by_notify()))
    return "", 200


def as_stored(said: Mapping[str, Any]) -> dict[str, Any]:
    """What Notify said, with the names beside it that `service.store` reads."""
    return {
        **said,
        "MessageSid": said.get("id") or "",
        "From": phone.as_e164(str(said.get("source_number") or "")),
        "To": phone.as_e164(str(said.get("destination_number") or "")),
        "Body": said.get("message") or "",
    }
