"""A group's managers say thank you."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation.errors import Refusal
from app.groups.access import group_manager
from app.opportunities.queries import shift_of
from app.stories import queries, service
from app.stories.forms import FindForm, ThanksForm
from app.stories.routes import bp
from app.volunteers.queries import in_group, people_of
from app.web.forms import show_refusal


@bp.get("/groups/<int:group_id>/thanks")
@group_manager
def thanks(group_id: int) -> ResponseReturnValue:
    """Whom to thank: a shift that is over, or somebody by name; and what was said so far."""
    audit.record("viewed thanks of group", group_id=group_id)
    group = queries.group_named(group_id)
    form = FindForm(request.args)
    wanted = (form.name.data or "").strip()
    found = people_of(group, name=wanted) if wanted else None
    given, whom = queries.thanks_of(group_id, request.args.get("page", 1, type=int))
    return render_template(
        "stories/thanks.html",
        group=group,
        form=form,
        found=found,
        over=queries.lately_over(group_id),
        given=given,
        whom=whom,
    )


@bp.route("/groups/<int:group_id>/thanks/person/<int:volunteer_id>", methods=["GET", "POST"])
@group_manager
def thank_person(group_id: int, volunteer_id: int) -> ResponseReturnValue:
    """Write to one person on the list."""
    member = in_group(group_id, volunteer_id)
    if member is None:
        abort(404)
    name = member.volunteer.name
    form = ThanksForm()
    if form.validate_on_submit():
        try:
            service.thank_volunteer(
                group_id,
                volunteer_id,
                current_user.id,
                form.words.data or "",
                by_email=form.by_email.data,
                may_print=form.may_print.data,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"{name} reads your thanks on their own page.", "success")
            return redirect(url_for("stories.thanks", group_id=group_id))
    return render_template("stories/thank.html", form=form, group_id=group_id, name=name, over=None)


@bp.route("/groups/<int:group_id>/thanks/shift/<int:shift_id>", methods=["GET", "POST"])
@group_manager
def thank_shift(group_id: int, shift_id: int) -> ResponseReturnValue:
    """Write to everybody who was on a shift."""
    shift = shift_of(group_id, shift_id)
    form = ThanksForm()
    if form.validate_on_submit():
        try:
            service.thank_shift(
                group_id,
                shift_id,
                current_user.id,
                form.words.data or "",
                by_email=form.by_email.data,
                may_print=form.may_print.data,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Everybody who was there reads your thanks on their own page.", "success")
            return redirect(url_for("stories.thanks", group_id=group_id))
        shift = shift_of(group_id, shift_id)
    return render_template("stories/thank.html", form=form, group_id=group_id, name="", over=shift)
