"""What a group's managers say about the duties of a role."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.foundation.errors import Refusal
from app.groups.access import group_manager
from app.opportunities import queries, slots
from app.opportunities.duty_forms import DutyForm
from app.opportunities.routes import bp
from app.web import consequences
from app.web.forms import show_refusal


@bp.route(
    "/groups/<int:group_id>/opportunities/<int:opportunity_id>/duties", methods=["GET", "POST"]
)
@group_manager
def duties(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    """The duties of a role, and a form for one more."""
    opportunity = queries.opportunity_of(group_id, opportunity_id)
    form = DutyForm()
    if form.validate_on_submit():
        try:
            duty = slots.add_duty(group_id, opportunity_id, form.details())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"“{duty.name}” is added.", "success")
            return _to_duties(group_id, opportunity_id)
    return render_template(
        "opportunities/duties.html",
        form=form,
        opportunity=opportunity,
        duties=slots.duties_of(opportunity_id),
    )


@bp.route("/groups/<int:group_id>/duties/<int:duty_id>", methods=["GET", "POST"])
@group_manager
def duty(group_id: int, duty_id: int) -> ResponseReturnValue:
    duty = slots.duty_of(group_id, duty_id)
    form = DutyForm(obj=duty)
    foreseen = None
    if form.validate_on_submit():
        details, known = form.details(), request.form.get("known")
        foreseen = consequences.foresee("duty", group_id, duty_id, details, known)
        if foreseen is None:
            try:
                slots.edit_duty(group_id, duty_id, details)
            except Refusal as refusal:
                show_refusal(form, refusal)
            else:
                consequences.happened(group_id)
                flash("Saved.", "success")
                return _to_duties(group_id, duty.opportunity_id)
    return render_template("opportunities/duty.html", form=form, duty=duty, foreseen=foreseen)


@bp.post("/groups/<int:group_id>/duties/<int:duty_id>/retire")
@group_manager
def retire_duty(group_id: int, duty_id: int) -> ResponseReturnValue:
    duty = slots.retire_duty(group_id, duty_id)
    flash(f"New shifts have no “{duty.name}” any more. Shifts that have it keep it.", "success")
    return _to_duties(group_id, duty.opportunity_id)


def _to_duties(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("opportunities.duties", group_id=group_id, opportunity_id=opportunity_id)
    )
