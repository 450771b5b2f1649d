"""A spreadsheet comes in: choose it, see what it would do, then do it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import administrator
from app.errands.routes import to_errand
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.volunteers import queries
from app.volunteers.forms import ImportForm
from app.volunteers.models import ImportState, VolunteerImport
from app.volunteers.routes import bp
from app.volunteers.service import imports as service
from app.volunteers.service.import_plan import sentences
from app.web.forms import show_refusal


@bp.route("/groups/<int:group_id>/volunteers/import", methods=["GET", "POST"])
@group_manager
def import_for_group(group_id: int) -> ResponseReturnValue:
    """A group's manager chooses a file."""
    return _choose(group_id)


@bp.route("/admin/volunteers/import", methods=["GET", "POST"])
@administrator
def import_for_county() -> ResponseReturnValue:
    """An administrator chooses a file of people who belong to no group yet."""
    return _choose(None)


@bp.route("/groups/<int:group_id>/volunteers/import/<int:import_id>")
@group_manager
def preview_for_group(group_id: int, import_id: int) -> ResponseReturnValue:
    """What the group's file would do, or did."""
    return _preview(group_id, import_id)


@bp.route("/admin/volunteers/import/<int:import_id>")
@administrator
def preview_for_county(import_id: int) -> ResponseReturnValue:
    """What the county's file would do, or did."""
    return _preview(None, import_id)


@bp.post("/groups/<int:group_id>/volunteers/import/<int:import_id>/<any(apply, abandon):wish>")
@group_manager
def finish_for_group(group_id: int, import_id: int, wish: str) -> ResponseReturnValue:
    """Carry the group's import out, or throw it away."""
    return _finish(group_id, import_id, wish)


@bp.post("/admin/volunteers/import/<int:import_id>/<any(apply, abandon):wish>")
@administrator
def finish_for_county(import_id: int, wish: str) -> ResponseReturnValue:
    """Carry the county's import out, or throw it away."""
    return _finish(None, import_id, wish)


@bp.get("/groups/<int:group_id>/volunteers/import/<int:import_id>/rejected.csv")
@group_manager
def rejected_for_group(group_id: int, import_id: int) -> ResponseReturnValue:
    """The rows that cannot come in, with reasons."""
    return _rejected(group_id, import_id)


@bp.get("/admin/volunteers/import/<int:import_id>/rejected.csv")
@administrator
def rejected_for_county(import_id: int) -> ResponseReturnValue:
    """The rows that cannot come in, with reasons."""
    return _rejected(None, import_id)


def _address(page: str, group_id: int | None, **values: Any) -> str:
    if group_id is None:
        return url_for(f"volunteers.{page}_for_county", **values)
    return url_for(f"volunteers.{page}_for_group", group_id=group_id, **values)


def _choose(group_id: int | None) -> ResponseReturnValue:
    form = ImportForm()
    if form.validate_on_submit():
        try:
            upload = form.file.data
            import_id = service.preview(
                upload.read(), upload.filename or "", group_id, current_user.id
            )
            return redirect(_address("preview", group_id, import_id=import_id))
        except Refusal as refusal:
            show_refusal(form, Refusal(refusal.sentence, "file"))
    group = db.get_or_404(Group, group_id) if group_id is not None else None
    return render_template("volunteers/import.html", form=form, group=group)


def _preview(group_id: int | None, import_id: int) -> ResponseReturnValue:
    row = _import(group_id, import_id)
    if row.state == ImportState.ABANDONED:
        return redirect(_address("import", group_id))
    errand = service.errand_of(row)
    if errand is not None and errand.is_open and errand.by_user_id == current_user.id:
        return to_errand(errand.id)
    if row.state == ImportState.READING:
        return render_template(
            "volunteers/import_reading.html",
            row=row,
            errand=errand,
            again_url=_address("import", group_id),
        )
    return render_template(
        "volunteers/import_preview.html",
        row=row,
        done=row.state == ImportState.DONE,
        group=db.session.get(Group, group_id) if group_id is not None else None,
        sentences=sentences(row.summary, done=row.state == ImportState.DONE),
        has_rejected=bool(row.rejected),
        apply_url=_address("finish", group_id, import_id=import_id, wish="apply"),
        abandon_url=_address("finish", group_id, import_id=import_id, wish="abandon"),
        rejected_url=_address("rejected", group_id, import_id=import_id),
        again_url=_address("import", group_id),
    )


def _finish(group_id: int | None, import_id: int, wish: str) -> ResponseReturnValue:
    _import(group_id, import_id)
    try:
        if wish == "apply":
            errand_id = service.start(import_id, group_id, current_user.id)
            if errand_id is not None:
                return to_errand(errand_id)
            return redirect(_address("preview", group_id, import_id=import_id))
        service.abandon(import_id, group_id)
        flash("The file is thrown away. Nothing was imported.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "warning")
    return redirect(_address("import", group_id))


def _rejected(group_id: int | None, import_id: int) -> ResponseReturnValue:
    row = _import(group_id, import_id)
    if not row.rejected:
        abort(404)
    audit.record("downloaded rejected rows", subject=row, group_id=group_id)
    return Response(
        service.rejected_rows(_import(group_id, import_id)),
        mimetype="text/csv",
        headers={
            "Content-Disposition": "attachment; filename=rejected.csv",
            "Cache-Control": "no-store",
        },
    )


def _import(group_id: int | None, import_id: int) -> VolunteerImport:
    row = queries.import_of(group_id, import_id)
    if row is None:
        abort(404)
    return row


def address_of(import_id: int, group_id: int | None) -> str:
    """The page of one import."""
    return _address("preview", group_id, import_id=import_id)


def address_to_choose(group_id: int | None) -> str:
    """Where a file is chosen."""
    return _address("import", group_id)
