"""Checks and training: what is due when."""

from __future__ import annotations

from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import audit
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.safeguarding.queries import dues
from app.safeguarding.queries.dues import Due
from app.safeguarding.routes import bp
from app.safeguarding.rules.dues import STEPS, State

ON_A_PAGE: Final = 50
SHOWS: Final = {
    "attention": "Needs attention",
    State.MISSING.value: "Not noted",
    State.OVER.value: "Past the day",
    State.SOON.value: "Within 60 days",
    "all": "Everything",
}
KINDS: Final = {"": "Checks and training", "check": "Checks only", "training": "Training only"}


@bp.get("/groups/<int:group_id>/papers")
@group_manager
def papers(group_id: int) -> ResponseReturnValue:
    """What is due when, of the group's own people whose role asks for it."""
    audit.record("viewed checks and training", group_id=group_id)
    group = db.get_or_404(Group, group_id)
    show = request.args.get("show", "attention")
    show = show if show in SHOWS else "attention"
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    name = request.args.get("name", "")[:80]
    found = dues.due(group)
    counts = {state: sum(one.state == state for one in found) for state in State}
    wanted = [one for one in found if _fits(one, show, kind, name)]
    pages = max(1, -(-len(wanted) // ON_A_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "safeguarding/papers.html",
        group=group,
        counts=counts,
        shows=SHOWS,
        kinds=KINDS,
        show=show,
        kind=kind,
        name=name,
        rows=wanted[(page - 1) * ON_A_PAGE : page * ON_A_PAGE],
        total=len(wanted),
        page=page,
        pages=pages,
        steps=STEPS,
    )


def _fits(one: Due, show: str, kind: str, name: str) -> bool:
    if show == "attention" and one.state == State.FINE:
        return False
    if show not in ("attention", "all") and one.state != show:
        return False
    if kind and one.is_check != (kind == "check"):
        return False
    return all(word.casefold() in one.name.casefold() for word in name.split())
