"""What a group's managers decide of people: invitations, applications, who left late."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.opportunities import queries as opportunities
from app.signups import applications as waiting_list
from app.signups import inviting, leaving, screens
from app.signups.forms import AddForm, ExcuseForm
from app.signups.models import Standing
from app.signups.routes import bp
from app.web.forms import show_refusal


@bp.get("/groups/<int:group_id>/applications")
@group_manager
def applications(group_id: int) -> ResponseReturnValue:
    """Who waits for the managers' yes, across the group's roles."""
    audit.record("viewed applications", group_id=group_id)
    return render_template(
        "signups/applications.html",
        group=db.get_or_404(Group, group_id),
        found=waiting_list.applications(group_id, request.args.get("page", 1, type=int)),
        page_url=lambda page: url_for("signups.applications", group_id=group_id, page=page),
    )


@bp.route(
    "/groups/<int:group_id>/opportunities/<int:opportunity_id>/invitations",
    methods=["GET", "POST"],
)
@group_manager
def invitations(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    """Who is invited to a role; invite somebody from the group's list."""
    role = opportunities.opportunity_of(group_id, opportunity_id)
    form = AddForm()
    who = request.args.get("who", "").strip()[:80]
    if form.validate_on_submit():
        typed = form.volunteer_id.data or ""
        chosen = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
        try:
            person, told = inviting.invite(group_id, opportunity_id, chosen, current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            if told:
                flash(f"{person.name} is invited, and has been told.", "success")
            else:
                flash(
                    f"{person.name} is invited, but we may not write to them. "
                    "Please tell them yourself.",
                    "warning",
                )
            return redirect(
                url_for("signups.invitations", group_id=group_id, opportunity_id=opportunity_id)
            )
    audit.record("viewed invitations to role", subject=role, group_id=group_id)
    role = opportunities.opportunity_of(group_id, opportunity_id)
    return render_template(
        "signups/invitations.html",
        form=form,
        role=role,
        who=who,
        guests=inviting.guests(role.id),
        invitable=inviting.can_be_invited(role, who),
    )


@bp.post(
    "/groups/<int:group_id>/opportunities/<int:opportunity_id>"
    "/invitations/<int:volunteer_id>/take-back"
)
@group_manager
def take_back_invitation(
    group_id: int, opportunity_id: int, volunteer_id: int
) -> ResponseReturnValue:
    inviting.take_back(group_id, opportunity_id, volunteer_id)
    flash("The invitation is taken back. Places that they have stay theirs.", "success")
    return redirect(
        url_for("signups.invitations", group_id=group_id, opportunity_id=opportunity_id)
    )


@bp.post("/groups/<int:group_id>/signups/<int:signup_id>/seen")
@group_manager
def seen(group_id: int, signup_id: int) -> ResponseReturnValue:
    """A manager has seen that somebody left late."""
    signup = screens.signup_of_group(group_id, signup_id) or abort(404)
    shift_id = signup.shift_id
    leaving.see(signup_id)
    if request.form.get("next") == "home":
        return redirect(url_for("home.index", view="groups"))
    return redirect(url_for("signups.roster", group_id=group_id, shift_id=shift_id))


@bp.route("/groups/<int:group_id>/signups/<int:signup_id>/excuse", methods=["GET", "POST"])
@group_manager
def excuse(group_id: int, signup_id: int) -> ResponseReturnValue:
    """Note that leaving was all right, and why."""
    signup = screens.signup_of_group(group_id, signup_id) or abort(404)
    if signup.standing != Standing.WITHDRAWN:
        abort(404)
    shift_id = signup.shift_id
    if signup.notice is None:
        flash("This person has not left a place.", "error")
        return redirect(url_for("signups.roster", group_id=group_id, shift_id=shift_id))
    form = ExcuseForm()
    if form.validate_on_submit():
        try:
            leaving.excuse(signup_id, current_user.id, form.reason.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Noted, with your reason.", "success")
            return redirect(url_for("signups.roster", group_id=group_id, shift_id=shift_id))
    return render_template(
        "signups/excuse.html",
        form=form,
        signup=screens.signup_of_group(group_id, signup_id),
        shift=opportunities.shift_of(group_id, shift_id),
    )
