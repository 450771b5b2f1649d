"""The ledger on a screen, for coordinators: counts, and what a person must decide."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from app.accounts import audit
from app.accounts.access import coordinator
from app.messaging import queries, service
from app.messaging.models import Message

bp = Blueprint("messaging", __name__, template_folder="templates")


@bp.get("/messages")
@coordinator
def overview() -> ResponseReturnValue:
    return render_template(
        "messaging/overview.html",
        counts=queries.counts(),
        uncertain=queries.uncertain(),
        oldest=queries.oldest_due(),
    )


@bp.post("/messages/<int:message_id>/send-again")
@coordinator
def send_again(message_id: int) -> ResponseReturnValue:
    service.send_again(message_id)
    audit.record("sent an uncertain message again", subject=Message(id=message_id))
    return _back("The message is on its way again.")


@bp.post("/messages/<int:message_id>/leave")
@coordinator
def leave(message_id: int) -> ResponseReturnValue:
    service.leave(message_id)
    audit.record("left an uncertain message", subject=Message(id=message_id))
    return _back("The message stays as it is.")


def _back(sentence: str) -> Response:
    flash(sentence, "success")
    return redirect(url_for("messaging.overview"))
