"""Who could come to a shift, and what keeps the others."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.groups.access import group_manager
from app.matching import queries as matching
from app.opportunities import queries as opportunities
from app.rota.routes import bp


@bp.get("/groups/<int:group_id>/rota/shifts/<int:shift_id>")
@group_manager
def advice(group_id: int, shift_id: int) -> ResponseReturnValue:
    """How many people of the county fit, why the others do not, what would help; no names."""
    shift = opportunities.shift_of(group_id, shift_id)
    wish = matching.Wish(shift_ids=[shift.id])
    audience = matching.audience(wish)
    return render_template(
        "rota/advice.html",
        shift=shift,
        group_id=group_id,
        audience=audience,
        excluded=[(count, reason.words) for reason, count in audience.excluded.items()],
        advice=matching.shortfall(wish),
    )
