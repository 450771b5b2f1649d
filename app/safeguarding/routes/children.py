"""How often people work with children, and where the law draws a line."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts import audit
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.safeguarding.queries import regulated
from app.safeguarding.routes import bp
from app.safeguarding.rules.regulated import REGULATED_DAYS


@bp.get("/groups/<int:group_id>/children")
@group_manager
def children(group_id: int) -> ResponseReturnValue:
    """The days of each person who works with children here, past and planned."""
    audit.record("viewed days with children", group_id=group_id)
    group = db.get_or_404(Group, group_id)
    return render_template(
        "safeguarding/children.html",
        group=group,
        workers=regulated.workers(group),
        limit=REGULATED_DAYS,
    )
