"""The ledger on a screen, for coordinators: counts, and what a person must decide."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from app.accounts.access import coordinator
from app.foundation.errors import Refusal
from app.messaging import deciding, figures, holding, queries
from app.messaging.deciding import Checked, Choice, Done
from app.web.filters import plural

bp = Blueprint("messaging", __name__, template_folder="templates")


@bp.get("/messages")
@coordinator
def overview() -> ResponseReturnValue:
    counts = figures.counts()
    return render_template(
        "messaging/overview.html",
        counts=counts,
        uncertain=queries.uncertain(deciding.MOST_AT_ONCE),
        oldest=min(figures.oldest_due(figures.queued()).values(), default=None),
        hold=holding.current(),
    )


@bp.post("/messages/decide")
@coordinator
def decide() -> ResponseReturnValue:
    """Check, send again or leave the ticked ones; the last two ask once more."""
    ids = [int(one) for one in request.form.getlist("message") if one.isdecimal()]
    ids = [one for one in ids if one < 2**63][: deciding.MOST_AT_ONCE]
    chosen = request.form.get("choice", "")
    if chosen not in set(Choice):
        return _back("Choose what to do: check, send again or leave.", "error")
    if not ids:
        return _back("Tick at least one message first.", "error")
    choice = Choice(chosen)
    if choice == Choice.CHECK:
        try:
            checked = deciding.check(ids)
            return _back(_checked(checked), "success" if checked.has_settled_some else "notice")
        except Refusal as refusal:
            return _back(refusal.sentence, "error")
    if request.form.get("sure") != "yes":
        messages = queries.uncertain_of(ids)
        if not messages:
            return _back("They were settled meanwhile. There is nothing to decide.")
        return render_template("messaging/decide.html", messages=messages, choice=choice.value)
    if choice == Choice.SEND_AGAIN:
        return _back(_done(deciding.send_again(ids), "on the way again"))
    return _back(_done(deciding.leave(ids), "left unsent"))


def _checked(checked: Checked) -> str:
    if checked.by_a_worker:
        return "There are many, so a worker is asking the carrier. Look again in a minute."
    said = []
    if checked.taken:
        said.append(f"The carrier has taken {plural(checked.taken, 'message')}.")
    if checked.again:
        said.append(f"It never had {plural(checked.again, 'message')}, so we send now.")
    if checked.left:
        said.append(
            f"Of {checked.left} it cannot tell for sure. In the first minutes its list may not "
            "be up to date: check again then, or decide."
        )
    return " ".join(said) or "They were settled meanwhile. There is nothing to decide."


def _done(done: Done, words: str) -> str:
    are = "is" if done.done == 1 else "are"
    said = f"{plural(done.done, 'message')} {are} {words}." if done.done else "Nothing was changed."
    if done.settled_before:
        said += f" {plural(done.settled_before, 'message')} had been settled before."
    return said


def _back(sentence: str, category: str = "success") -> Response:
    flash(sentence, category)
    return redirect(url_for("messaging.overview"))
