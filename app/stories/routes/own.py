"""A volunteer reads what they were thanked for."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import signed_in
from app.stories import queries, service
from app.stories.routes import bp
from app.volunteers.queries import volunteer_of


@bp.get("/my/thanks")
@signed_in
def mine() -> ResponseReturnValue:
    """All that groups thanked for, the latest first."""
    found = queries.all_thanks(_me(), request.args.get("page", 1, type=int))
    return render_template("stories/mine.html", found=found)


@bp.post("/my/thanks/<int:thanks_id>/seen")
@signed_in
def put_away(thanks_id: int) -> ResponseReturnValue:
    """Take thanks off the first page; they stay on the page of all thanks."""
    service.put_away(_me(), thanks_id)
    return redirect(url_for("home.index", view="own"))


def _me() -> int:
    volunteer = volunteer_of(current_user.id)
    if volunteer is None:
        abort(404)
    return volunteer.id
