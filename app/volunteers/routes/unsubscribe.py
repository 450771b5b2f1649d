"""One click ends our emails (RFC 8058): the POST comes from the reader's mail program."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation.errors import Refusal
from app.foundation.extensions import csrf
from app.volunteers import service
from app.volunteers.routes import bp


@bp.get("/unsubscribe/<token>")
@public
def ask_unsubscribe(token: str) -> ResponseReturnValue:
    """Show the button; a mail scanner that follows links changes nothing."""
    return _page(token, "ask")


@bp.post("/unsubscribe/<token>")
@csrf.exempt  # type: ignore[untyped-decorator] # flask_wtf has no types
@public
def unsubscribe(token: str) -> ResponseReturnValue:
    """Stop the emails. The token is the proof; no cookie is looked at."""
    try:
        service.unsubscribe(token)
    except Refusal as refusal:
        return _refused(refusal)
    return _page(token, "done")


def _page(token: str, step: str) -> ResponseReturnValue:
    try:
        service.read_unsubscribe_token(token)
    except Refusal as refusal:
        return _refused(refusal)
    return render_template("volunteers/unsubscribe.html", token=token, step=step)


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return render_template("volunteers/unsubscribe.html", step="", sentence=refusal.sentence), 404
