"""A group's first steps: its managers write and tick them, a volunteer reads and ticks."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import signed_in
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.safeguarding.forms import StepForm
from app.safeguarding.queries import induction as queries
from app.safeguarding.routes import bp
from app.volunteers import induction
from app.volunteers import queries as volunteers
from app.volunteers import service as people
from app.volunteers.models import GroupVolunteer, InductionStep, TickedBy
from app.web import consequences
from app.web.forms import show_refusal


@bp.route("/groups/<int:group_id>/induction", methods=["GET", "POST"])
@group_manager
def steps(group_id: int) -> ResponseReturnValue:
    """The group's list of first steps, and one more."""
    form = StepForm()
    foreseen = None
    if form.validate_on_submit():
        if form.needed_first.data:
            known = request.form.get("known")
            foreseen = consequences.foresee("induction", group_id, None, {}, known)
        if foreseen is None:
            try:
                people.add_induction_step(
                    group_id,
                    form.name.data or "",
                    needed_first=bool(form.needed_first.data),
                    ticked_by=TickedBy(form.ticked_by.data),
                )
            except Refusal as refusal:
                show_refusal(form, refusal)
            else:
                consequences.happened(group_id)
                flash("The step is on the list.", "success")
                return redirect(url_for("safeguarding.steps", group_id=group_id))
    return render_template(
        "safeguarding/steps.html",
        group=db.get_or_404(Group, group_id),
        form=form,
        foreseen=foreseen,
        steps=induction.steps_of(group_id),
    )


@bp.post("/groups/<int:group_id>/induction/<int:step_id>/<any(up, remove):wish>")
@group_manager
def change_step(group_id: int, step_id: int, wish: str) -> ResponseReturnValue:
    """Move a step up, or ask for it no longer."""
    _step(group_id, step_id)
    (people.move_induction_step_up if wish == "up" else people.retire_induction_step)(
        group_id, step_id
    )
    if wish == "remove":
        consequences.happened(group_id)
        flash("Removed. Who did it, and when, is kept.", "success")
    return redirect(url_for("safeguarding.steps", group_id=group_id))


@bp.get("/groups/<int:group_id>/induction/people")
@group_manager
def progress(group_id: int) -> ResponseReturnValue:
    """How far each of the group's people has come."""
    name, left = request.args.get("name", "")[:80], bool(request.args.get("left"))
    found = queries.people(
        group_id, name=name, left_only=left, page=request.args.get("page", 1, type=int)
    )
    return render_template(
        "safeguarding/progress.html",
        group=db.get_or_404(Group, group_id),
        found=found,
        name=name,
        left=left,
        steps=induction.steps_of(group_id),
        progress=queries.progress(group_id, [row.volunteer_id for row in found.rows]),
    )


@bp.get("/groups/<int:group_id>/induction/people/<int:volunteer_id>")
@group_manager
def person(group_id: int, volunteer_id: int) -> ResponseReturnValue:
    """One of the group's people: what is done, by whom and when."""
    link = _link(group_id, volunteer_id)
    audit.record("viewed induction", subject=link.volunteer, group_id=group_id)
    return render_template(
        "safeguarding/induction_of.html",
        link=_link(group_id, volunteer_id),
        group=db.get_or_404(Group, group_id),
        steps=induction.steps_of(group_id),
        ticks=induction.ticks_of(group_id, volunteer_id),
    )


@bp.post(
    "/groups/<int:group_id>/induction/people/<int:volunteer_id>"
    "/<int:step_id>/<any(tick, untick):wish>"
)
@group_manager
def tick(group_id: int, volunteer_id: int, step_id: int, wish: str) -> ResponseReturnValue:
    """A manager says that it is done, or takes that back."""
    _link(group_id, volunteer_id)
    _step(group_id, step_id)
    if wish == "tick":
        people.tick_induction(group_id, volunteer_id, step_id, current_user.id)
    else:
        people.untick_induction(group_id, volunteer_id, step_id)
    return redirect(
        url_for("safeguarding.person", group_id=group_id, volunteer_id=volunteer_id)
        + f"#step-{step_id}"
    )


@bp.get("/my/induction")
@signed_in
def own() -> ResponseReturnValue:
    """The volunteer's own first steps, at each group that knows them."""
    volunteer = volunteers.volunteer_of(current_user.id)
    if volunteer is None:
        return redirect(url_for("volunteers.profile"))
    asked = request.args.get("group", type=int)
    found = queries.own(volunteer.id)
    if asked is not None and all(one.group.id != asked for one in found):
        found = [*queries.own_of(volunteer.id, asked), *found]
    return render_template("safeguarding/own_induction.html", found=found)


@bp.post("/my/induction/<int:step_id>")
@signed_in
def tick_own(step_id: int) -> ResponseReturnValue:
    """ "I have read it"."""
    volunteer = volunteers.volunteer_of(current_user.id)
    step = db.session.get(InductionStep, step_id)
    if volunteer is None or step is None:
        abort(404)
    group_id = step.group_id
    try:
        people.tick_own_induction(volunteer.id, step_id, current_user.id)
        flash(gettext("Thank you, that is ticked."), "success")
    except Refusal as refusal:
        flash(refusal.sentence, "warning")
    return redirect(url_for("safeguarding.own", group=group_id))


def _link(group_id: int, volunteer_id: int) -> GroupVolunteer:
    link = volunteers.in_group(group_id, volunteer_id)
    if link is None or not link.sees_profile:
        abort(404)
    return link


def _step(group_id: int, step_id: int) -> InductionStep:
    step = db.session.get(InductionStep, step_id)
    if step is None or step.group_id != group_id:
        abort(404)
    return step
