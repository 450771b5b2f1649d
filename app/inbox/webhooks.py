"""Where the carrier brings a text that came in."""

from __future__ import annotations

from flask import Blueprint, Response
from flask import request as incoming
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation.machines import for_machines
from app.inbox import service
from app.messaging.webhooks import require_signature

bp = Blueprint("inbox_webhooks", __name__)

# No answer in the response itself: answers go through the ledger.
_NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@bp.post("/webhooks/twilio/sms")
@public
@for_machines
def sms() -> ResponseReturnValue:
    """Store the text and answer 200; what it means is a worker's work."""
    require_signature()
    service.store(incoming.form.to_dict())
    return Response(_NOTHING, mimetype="text/xml")
