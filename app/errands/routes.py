"""The page on which one watches long work, leaves it, and finds it again."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug import Response

from app.accounts.access import signed_in
from app.errands import kinds, queries, service
from app.errands.models import Errand
from app.errands.pen import heard
from app.web.language import english

bp = Blueprint("errands", __name__, template_folder="templates")


def to_errand(errand_id: int) -> Response:
    """To the page of one's own errand."""
    return redirect(url_for("errands.show", errand_id=errand_id))


@bp.get("/my/work/<int:errand_id>")
@signed_in
@english
def show(errand_id: int) -> ResponseReturnValue:
    """How far it is, or what came of it; the same after each reload."""
    return _render("errands/show.html", _own(errand_id))


@bp.get("/my/work/<int:errand_id>/progress")
@signed_in
@english
def progress(errand_id: int) -> ResponseReturnValue:
    """The part of the page that changes."""
    return _render("errands/_progress.html", _own(errand_id))


@bp.get("/my/work/<int:errand_id>/result")
@signed_in
@english
def result(errand_id: int) -> ResponseReturnValue:
    """To what came of it, which is no news from then on."""
    errand = _own(errand_id)
    if errand.is_open:
        return to_errand(errand_id)
    kind = kinds.of(errand)
    where = kind.result(errand) if errand.progress == "done" else kind.again(errand)
    service.see(errand)
    return redirect(where)


def _own(errand_id: int) -> Errand:
    return queries.own(current_user.id, errand_id) or abort(404)


def _render(template: str, errand: Errand) -> str:
    return render_template(
        template,
        errand=errand,
        kind=kinds.of(errand),
        heard=heard(errand.id) if errand.is_open else None,
    )
