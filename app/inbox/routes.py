"""The inbox: texts that no rule could settle, and the person who does."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import coordinator
from app.broadcasts.queries.drafts import titles
from app.broadcasts.wording import counted
from app.foundation import phone
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.inbox import queries, service
from app.inbox.forms import AnswerForm
from app.inbox.models import Reply, ReplyState
from app.inbox.rules import Meaning
from app.web.forms import show_refusal

bp = Blueprint("inbox", __name__, template_folder="templates")

# What we took a text for.
MEANING_WORDS = {
    Meaning.yes.value: "a yes",
    Meaning.no.value: "a no",
    Meaning.stop.value: "a wish to stop",
    Meaning.start.value: "a wish to start again",
    Meaning.often.value: "a wish about how often we ask",
    Meaning.help.value: "a call for help with texts",
    Meaning.question.value: "a question",
    Meaning.unclear.value: "unclear",
    "": "not read yet",
}


@bp.get("/inbox")
@coordinator
def index() -> ResponseReturnValue:
    page = max(1, request.args.get("page", 1, type=int))
    shows_all = request.args.get("show") == "all"
    # First the audit: a transaction forgets the rows that were read before it.
    audit.record("viewed replies", page=page, all=shows_all)
    replies, total = queries.everything(page) if shows_all else queries.waiting(page)
    return render_template(
        "inbox/index.html",
        replies=replies,
        total=total,
        shows_all=shows_all,
        who=_who(replies),
        requests=titles({reply.broadcast_id for reply in replies if reply.broadcast_id}),
        meanings=MEANING_WORDS,
        page=page,
        pages=-(-total // queries.PER_PAGE),
    )


@bp.route("/inbox/<int:reply_id>", methods=["GET", "POST"])
@coordinator
def reply(reply_id: int) -> ResponseReturnValue:
    """One reply with what was said before; a text sent from here answers and closes it."""
    row = _reply(reply_id)
    form = AnswerForm()
    if "plain" in request.form:
        form.text.data = counted(form.text.data or "").plain or form.text.data
    elif request.method == "POST" and form.validate() and "count" not in request.form:
        try:
            service.respond(reply_id, form.text.data or "", current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Your answer is on its way.", "success")
            return redirect(url_for("inbox.index"))
    audit.record("viewed reply", subject=row)
    who = _who([row])
    return render_template(
        "inbox/reply.html",
        reply=row,
        form=form,
        who=who[row.id],
        is_known=bool(queries.names([row.from_address])),
        is_waiting=row.state == ReplyState.WAITING,
        opted_out=queries.has_opted_out(row.from_address),
        request_title=titles([row.broadcast_id]).get(row.broadcast_id) if row.broadcast_id else "",
        conversation=queries.conversation(row.from_address),
        counted=counted(form.text.data or ""),
        meanings=MEANING_WORDS,
    )


@bp.post("/inbox/<int:reply_id>/yes")
@coordinator
def take_as_yes(reply_id: int) -> ResponseReturnValue:
    return _take(reply_id, Meaning.yes)


@bp.post("/inbox/<int:reply_id>/no")
@coordinator
def take_as_no(reply_id: int) -> ResponseReturnValue:
    return _take(reply_id, Meaning.no)


def _take(reply_id: int, meaning: Meaning) -> ResponseReturnValue:
    _reply(reply_id)
    try:
        did = service.take_as(reply_id, meaning, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return redirect(url_for("inbox.reply", reply_id=reply_id))
    flash(f"Taken as {meaning.value}. {did}", "success")
    return redirect(url_for("inbox.index"))


@bp.post("/inbox/<int:reply_id>/done")
@coordinator
def done(reply_id: int) -> ResponseReturnValue:
    _reply(reply_id)
    try:
        service.close(reply_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        flash("Done. Nothing was sent.", "success")
    return redirect(url_for("inbox.index"))


def _reply(reply_id: int) -> Reply:
    row = db.session.get(Reply, reply_id, populate_existing=True)
    if row is None:
        abort(404)
    return row


def _who(rows: Sequence[Reply]) -> dict[int, str]:
    """Who wrote each reply: the names behind the phone, or the end of an unknown number."""
    known = queries.names({row.from_address for row in rows})
    return {
        row.id: " or ".join(known.get(row.from_address, []))
        or f"Unknown number {phone.masked(row.from_address)}"
        for row in rows
    }
