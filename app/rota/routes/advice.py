"""Who could come to a shift, what keeps the others, and what would help."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.groups.access import group_manager
from app.matching import queries as matching
from app.opportunities import queries as opportunities
from app.rota.routes import bp


@bp.get("/groups/<int:group_id>/rota/shifts/<int:shift_id>")
@group_manager
def advice(group_id: int, shift_id: int) -> ResponseReturnValue:
    """How many people of the county fit, and why the others do not; no names."""
    shift = opportunities.shift_of(group_id, shift_id)
    audience = matching.audience(matching.Wish(shift_ids=[shift.id]))
    return render_template(
        "rota/advice.html",
        shift=shift,
        group_id=group_id,
        audience=audience,
        excluded=[(count, reason.words) for reason, count in audience.excluded.items()],
    )


@bp.get("/groups/<int:group_id>/rota/shifts/<int:shift_id>/help")
@group_manager
def what_helps(group_id: int, shift_id: int) -> ResponseReturnValue:
    """What would bring most people in: a part of the page above, or a page of its own."""
    shift = opportunities.shift_of(group_id, shift_id)
    is_part = request.headers.get("HX-Request") == "true"
    return render_template(
        "rota/_helps.html" if is_part else "rota/helps.html",
        shift=shift,
        group_id=group_id,
        advice=matching.shortfall(matching.Wish(shift_ids=[shift.id])),
    )
