"""What the carrier calls about a text that it took."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation.machines import for_machines
from app.messaging import receipts
from app.messaging.carriers.twilio import signature_is_right

bp = Blueprint("messaging_webhooks", __name__)


def require_signature() -> None:
    """Answer 403, and keep nothing, unless the carrier signed this very call."""
    path = request.full_path.rstrip("?")
    signature = request.headers.get("X-Twilio-Signature", "")
    if not signature_is_right(path, request.form, signature):
        abort(403)


@bp.post("/webhooks/twilio/status")
@public
@for_machines
def status() -> ResponseReturnValue:
    """Keep the callback, move its message, answer 204."""
    require_signature()
    receipts.receive(request.args.get("m", ""), request.form.to_dict())
    return "", 204
