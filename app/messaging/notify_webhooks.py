"""What GOV.UK Notify calls about a text that it took.

Shapes: docs.notifications.service.gov.uk, "Callbacks". A call that fails is
made again every five minutes, five times.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation.machines import for_machines
from app.messaging import receipts
from app.messaging.carriers.notify import bearer_is_right

bp = Blueprint("messaging_notify_webhooks", __name__)


def said_by_notify() -> dict[str, Any]:
    """What the call says. Answers 403, and keeps nothing, unless it has our token; 400 without
    an object in JSON."""
    if not bearer_is_right(request.headers.get("Authorization", "")):
        abort(403)
    said = request.get_json(silent=True)
    if not isinstance(said, dict):
        abort(400)
    return said


@bp.post("/webhooks/notify/status")
@public
@for_machines
def status() -> ResponseReturnValue:
    """Keep the callback, move its message, answer 204. Our token is Notify's `reference`."""
    said = said_by_notify()
    names = {"MessageSid": said.get("id") or "", "MessageStatus": said.get("status") or ""}
    receipts.receive(str(said.get("reference") or ""), said | names)
    return "", 204
