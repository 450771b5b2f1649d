"""A group's safety on one page: how much of what needs an eye."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.safeguarding.queries import alarms, dues, findings, regulated
from app.safeguarding.routes import bp
from app.safeguarding.rules.dues import State


@bp.get("/groups/<int:group_id>/safety")
@group_manager
def overview(group_id: int) -> ResponseReturnValue:
    """The numbers, each with its page; nobody is named."""
    group = db.get_or_404(Group, group_id)
    return render_template(
        "safeguarding/overview.html",
        group=group,
        alarms=len(alarms.shown([group_id])),
        undecided=len({case.volunteer_id for case in findings.cases(group_id) if case.open}),
        papers=sum(one.state != State.FINE for one in dues.due(group)),
        children=sum(one.needs_eye for one in regulated.workers(group)),
    )
