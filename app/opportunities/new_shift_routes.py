"""A new shift from anywhere: the role and its usual time are there already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.opportunities import new_shift as posting
from app.opportunities import slots
from app.opportunities.models import Opportunity, Stage
from app.opportunities.new_shift import Begun, Posted
from app.opportunities.new_shift_form import NewShiftForm
from app.opportunities.routes import bp
from app.web.filters import plural, spoken_day, spoken_hours
from app.web.forms import show_refusal

# What stands above is known by name only.
ROTA: Final = "rota.week"
ROLES_SHOWN: Final = 6


@bp.route("/groups/<int:group_id>/shifts/new", methods=["GET", "POST"])
@group_manager
def new_shift(group_id: int) -> ResponseReturnValue:
    """Post a shift of the role used last, or of `?role=`, on its next free day or on `?day=`."""
    group = db.get_or_404(Group, group_id)
    roles = posting.roles(group_id)
    if not roles:
        return render_template("opportunities/new_shift.html", group=group, roles=[], form=None)
    role = _chosen(roles)
    begun = posting.begin(role, _day_asked())
    form = NewShiftForm(
        day=begun.day,
        starts=begun.starts,
        ends=begun.ends,
        places=begun.places,
        minimum=begun.minimum,
    )
    if form.validate_on_submit():
        try:
            posted = posting.post(
                group_id,
                role.id,
                **form.values(),
                every_week=bool(form.every_week.data),
                team=begun.team or None,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return _to_what_was_made(posted, form)
    return render_template(
        "opportunities/new_shift.html",
        group=group,
        roles=roles,
        roles_shown=ROLES_SHOWN,
        role=role,
        form=form,
        duties=_duties(role, begun),
    )


def _chosen(roles: Sequence[Opportunity]) -> Opportunity:
    asked = request.args.get("role", type=int)
    if asked is None:
        return roles[0]
    return next((role for role in roles if role.id == asked), None) or abort(404)


def _day_asked() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


def _duties(role: Opportunity, begun: Begun) -> list[tuple[str, int]]:
    """What the people of the shift will do, and how many of each."""
    if not begun.team:
        return []
    return [
        (duty.name, begun.team[duty.id].places)
        for duty in slots.duties_of(role.id)
        if duty.id in begun.team
    ]


def _to_what_was_made(posted: Posted, form: NewShiftForm) -> ResponseReturnValue:
    role = posted.opportunity
    hours = spoken_hours(form.starts.data, form.ends.data)
    if form.every_week.data:
        told = (
            f"{plural(posted.made, 'shift')} posted: {role.title}, "
            f"every {posted.first_day:%A}, {hours}."
        )
        if posted.had_one:
            told += f" {plural(len(posted.had_one), 'day')} had one already."
    else:
        told = f"Posted: {role.title}, {spoken_day(posted.first_day, role.site.zone)}, {hours}."
    if role.stage == Stage.DRAFT:
        flash(f"{told} Nobody sees it until you publish the role.", "success")
    else:
        flash(told, "success")
        if ROTA in current_app.view_functions:
            return redirect(url_for(ROTA, group_id=role.group_id, on=posted.first_day.isoformat()))
    return redirect(
        url_for("opportunities.overview", group_id=role.group_id, opportunity_id=role.id)
    )
