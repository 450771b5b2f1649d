"""Handsets on a screen, the dials, and the mail tray."""

from __future__ import annotations

from hashlib import blake2s

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.simulator import mail, queries, service
from app.simulator.access import rehearsal
from app.simulator.forms import DialsForm, ReplyForm, SeveralForm
from app.simulator.models import SimulatedHandset
from app.simulator.queries import Phone
from app.web.forms import show_refusal

bp = Blueprint("simulator", __name__, template_folder="templates", url_prefix="/simulator")


@bp.get("")
@rehearsal
def index() -> ResponseReturnValue:
    return _index(SeveralForm(formdata=None))


@bp.post("/answers")
@rehearsal
def answer_for_several() -> ResponseReturnValue:
    form = SeveralForm()
    if form.validate_on_submit():
        try:
            answered = service.answer_for_several(form.people.data or 0)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            if answered:
                people = "1 person has" if answered == 1 else f"{answered} people have"
                flash(f"{people} answered YES.", "success")
            else:
                flash("Nobody waits to answer: everybody who was asked has.")
            return redirect(url_for("simulator.index"))
    return _index(form)


def _index(form: SeveralForm) -> str:
    search, page = _asked()
    phones, more = queries.phones(search, page)
    return render_template(
        "simulator/index.html",
        form=form,
        phones=phones,
        search=search,
        page=page,
        more=more,
        seen=_version_of_list(phones),
    )


@bp.get("/phones")
@rehearsal
def phones() -> ResponseReturnValue:
    """The list alone, for a page that renews itself; nothing while nothing has changed."""
    search, page = _asked()
    found, more = queries.phones(search, page)
    seen = _version_of_list(found)
    if request.args.get("seen") == seen:
        return "", 204
    return render_template(
        "simulator/phones.html", phones=found, search=search, page=page, more=more, seen=seen
    )


def _asked() -> tuple[str, int]:
    page = request.args.get("page", 1, type=int)
    return request.args.get("q", "").strip()[:100], min(max(page, 1), 10_000)


def _version_of_list(phones: list[Phone]) -> str:
    return _version([(each.name, each.last.id if each.last else 0) for each in phones])


def _version(content: object) -> str:
    return blake2s(repr(content).encode(), digest_size=8).hexdigest()


@bp.post("/volunteers/<int:volunteer_id>/handset")
@rehearsal
def open_handset(volunteer_id: int) -> ResponseReturnValue:
    handset_id = service.open_handset(volunteer_id)
    if handset_id is None:
        abort(404)
    return redirect(url_for("simulator.handset", handset_id=handset_id))


@bp.get("/handsets/<int:handset_id>")
@rehearsal
def handset(handset_id: int) -> ResponseReturnValue:
    return _handset("simulator/handset.html", handset_id, ReplyForm(formdata=None))


@bp.get("/handsets/<int:handset_id>/conversation")
@rehearsal
def conversation(handset_id: int) -> ResponseReturnValue:
    """The texts alone, for a page that renews itself; nothing while nothing has changed."""
    return _handset("simulator/conversation.html", handset_id, None)


@bp.post("/handsets/<int:handset_id>/texts")
@rehearsal
def type_text(handset_id: int) -> ResponseReturnValue:
    form = ReplyForm()
    if form.validate_on_submit():
        try:
            service.type_text(handset_id, form.body.data or "")
            return redirect(url_for("simulator.handset", handset_id=handset_id, _anchor="texts"))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return _handset("simulator/handset.html", handset_id, form)


def _handset(template: str, handset_id: int, form: ReplyForm | None) -> ResponseReturnValue:
    row = db.get_or_404(SimulatedHandset, handset_id)
    texts = queries.conversation(handset_id)
    seen = _version([(text.id, text.status, text.error_code) for text in texts])
    if form is None and request.args.get("seen") == seen:
        return "", 204
    return render_template(
        template,
        form=form,
        handset=row,
        name=queries.names_of([row.phone])[row.phone],
        texts=texts,
        quick_answers=queries.quick_answers(texts, stopped=row.stopped_at is not None),
        seen=seen,
    )


@bp.route("/dials", methods=["GET", "POST"])
@rehearsal
def dials() -> ResponseReturnValue:
    form = DialsForm(obj=queries.dials())
    if form.validate_on_submit():
        service.turn_dials(form.dials())
        flash("The carrier now behaves like that.", "success")
        return redirect(url_for("simulator.dials"))
    return render_template("simulator/dials.html", form=form)


@bp.get("/mail")
@rehearsal
def mail_tray() -> ResponseReturnValue:
    return render_template("simulator/mail_tray.html", mails=mail.tray())


@bp.get("/mail/<name>")
@rehearsal
def one_mail(name: str) -> ResponseReturnValue:
    return render_template("simulator/mail.html", mail=mail.read(name) or abort(404))


@bp.get("/mail/<name>/html")
@rehearsal
def mail_html(name: str) -> ResponseReturnValue:
    """The email's HTML part as it came, locked in: no script, nothing loaded, links lead out."""
    found = mail.read(name)
    if found is None or not found.html:
        abort(404)
    response = Response('<base target="_top">' + found.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
