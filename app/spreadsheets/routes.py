"""A rota goes out as a file, comes back, is looked at, and is done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.accounts import audit
from app.errands.routes import to_errand
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.spreadsheets import queries, service, writing
from app.spreadsheets.forms import InForm, OutForm
from app.spreadsheets.models import ImportState, RotaImport
from app.spreadsheets.rules import Kind
from app.web.forms import show_refusal

bp = Blueprint("spreadsheets", __name__, template_folder="templates")
_USUAL_DAYS = 28
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.route("/groups/<int:group_id>/spreadsheets", methods=["GET", "POST"])
@group_manager
def index(group_id: int) -> ResponseReturnValue:
    """Take the rota out, or bring it back in."""
    form = InForm()
    if form.validate_on_submit():
        try:
            upload = form.file.data
            import_id = service.preview(
                upload.read(), upload.filename or "", group_id, current_user.id
            )
            return redirect(url_for("spreadsheets.look", group_id=group_id, import_id=import_id))
        except Refusal as refusal:
            show_refusal(form, Refusal(refusal.sentence, "file"))
    return _page(group_id, _out_form(group_id, None), form)


def _out_form(group_id: int, said: MultiDict[str, str] | None) -> OutForm:
    today = clock.today(service.zone_of(group_id))
    last = today + timedelta(days=_USUAL_DAYS - 1)
    return OutForm(formdata=said, first=today, last=last, kind="workbook")


def _page(group_id: int, out: OutForm, form: InForm) -> ResponseReturnValue:
    return render_template(
        "spreadsheets/index.html", group=db.get_or_404(Group, group_id), out=out, form=form
    )


@bp.get("/groups/<int:group_id>/spreadsheets/out")
@group_manager
def take_out(group_id: int) -> ResponseReturnValue:
    """The file. Whose contact points are in it is written down."""
    out = _out_form(group_id, request.args)
    try:
        if not out.validate():
            raise Refusal("")
        out.check()
    except Refusal as refusal:
        if refusal.sentence:
            show_refusal(out, refusal)
        return _page(group_id, out, InForm(formdata=None))
    first, last, contact = out.first.data, out.last.data, bool(out.contact.data)
    conditions = queries.between(group_id, first, last, service.zone_of(group_id))
    shifts, signups = queries.counts(conditions)
    audit.record(
        "exported rota",
        group_id=group_id,
        kind=str(out.kind.data),
        shifts=shifts,
        signups=signups,
        contact=contact,
    )
    name = f"rota-{first.isoformat()}-to-{last.isoformat()}"
    signup_header = queries.signup_header(contact=contact)
    shift_cells = queries.as_cells(queries.shift_header(), queries.shift_rows(conditions))
    signup_cells = queries.as_cells(
        signup_header, queries.signup_rows(group_id, conditions, contact=contact)
    )
    if out.kind.data == "workbook":
        book = writing.as_workbook(
            [
                (Kind.SHIFTS.value, queries.shift_header(), shift_cells),
                (Kind.SIGNUPS.value, signup_header, signup_cells),
            ]
        )
        return _sent(send_file(book, _WORKBOOK, True, f"{name}.xlsx"))
    pieces = (
        writing.as_csv(queries.shift_header(), shift_cells)
        if out.kind.data == "shifts"
        else writing.as_csv(signup_header, signup_cells)
    )
    response = Response(stream_with_context(pieces), mimetype="text/csv")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{name}-{out.kind.data}.csv"
    )
    return _sent(response)


def _sent(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/groups/<int:group_id>/spreadsheets/<int:import_id>")
@group_manager
def look(group_id: int, import_id: int) -> ResponseReturnValue:
    """What the file would do, or did."""
    row = _import(group_id, import_id)
    if row.state == ImportState.ABANDONED:
        return redirect(url_for("spreadsheets.index", group_id=group_id))
    errand = service.errand_of(row)
    if errand is not None and errand.is_open and errand.by_user_id == current_user.id:
        return to_errand(errand.id)
    if row.state == ImportState.READING:
        return render_template(
            "spreadsheets/reading.html", row=row, errand=errand, group_id=group_id
        )
    if row.state == ImportState.PREVIEW:  # what is done holds numbers only
        audit.record("viewed rota import", subject=row, group_id=group_id)
    return render_template(
        "spreadsheets/look.html",
        row=row,
        plan=row.plan,
        done=row.plan.get("done"),
        faulty=_by_row(row.plan.get("faults", [])),
        group=db.get_or_404(Group, group_id),
    )


def _by_row(faults: list[dict[str, Any]]) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """(sheet, row, its faults), in the order of the file."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for fault in faults:
        found.setdefault((fault["sheet"], fault["row"]), []).append(fault)
    return [(sheet, number, several) for (sheet, number), several in found.items()]


@bp.post("/groups/<int:group_id>/spreadsheets/<int:import_id>/<any(apply, abandon):wish>")
@group_manager
def finish(group_id: int, import_id: int, wish: str) -> ResponseReturnValue:
    """Do what was shown, or throw the file away."""
    _import(group_id, import_id)
    try:
        if wish == "apply":
            errand_id = service.start(import_id, group_id, current_user.id)
            if errand_id is not None:
                return to_errand(errand_id)
            flash("The rota is changed.", "success")
        else:
            service.abandon(import_id, group_id)
            flash("The file is thrown away. Nothing was changed.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "warning")
    return redirect(url_for("spreadsheets.look", group_id=group_id, import_id=import_id))


@bp.get("/groups/<int:group_id>/spreadsheets/<int:import_id>/left-over.xlsx")
@group_manager
def left_over(group_id: int, import_id: int) -> ResponseReturnValue:
    """The rows that cannot be taken, with the reasons, to be mended and brought in."""
    row = _import(group_id, import_id)
    book = service.left_over(row)
    if book is None:
        abort(404)
    audit.record("downloaded rows of a rota", subject=row, group_id=group_id)
    return _sent(send_file(book, _WORKBOOK, True, "left-over.xlsx"))


def _import(group_id: int, import_id: int) -> RotaImport:
    row = queries.import_of(group_id, import_id)
    if row is None:
        abort(404)
    return row
