"""What a group's managers see of hours: who waits for a yes, and the times of a shift."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation.errors import Refusal
from app.groups.access import group_manager
from app.hours import queries, rules, service
from app.hours.forms import DecideForm, TimesForm
from app.hours.models import HoursRequest
from app.hours.routes import bp
from app.opportunities import queries as opportunities
from app.signups import screens
from app.web.forms import show_refusal


@bp.get("/groups/<int:group_id>/hours")
@group_manager
def waiting(group_id: int) -> ResponseReturnValue:
    """Hours that volunteers ask for, and what was decided lately."""
    audit.record("viewed hours", group_id=group_id)
    return render_template(
        "hours/waiting.html",
        group_id=group_id,
        waiting=queries.waiting(group_id),
        decided=queries.decided(group_id),
        user_id=current_user.id,
    )


@bp.post("/groups/<int:group_id>/hours/<int:request_id>/approve")
@group_manager
def approve(group_id: int, request_id: int) -> ResponseReturnValue:
    row = _request(group_id, request_id)
    name = row.volunteer.name
    try:
        service.decide(request_id, group_id, approves=True, by_user_id=current_user.id)
        flash(f"The hours of {name} are counted, and they are told.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("hours.waiting", group_id=group_id))


@bp.route("/groups/<int:group_id>/hours/<int:request_id>/refuse", methods=["GET", "POST"])
@group_manager
def refuse(group_id: int, request_id: int) -> ResponseReturnValue:
    row = _request(group_id, request_id)
    form = DecideForm()
    if form.validate_on_submit():
        try:
            service.decide(
                request_id,
                group_id,
                approves=False,
                answer=form.answer.data or "",
                by_user_id=current_user.id,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
            row = _request(group_id, request_id)
        else:
            flash("They are told, with your words.", "success")
            return redirect(url_for("hours.waiting", group_id=group_id))
    return render_template("hours/refuse.html", group_id=group_id, row=row, form=form)


@bp.get("/groups/<int:group_id>/shifts/<int:shift_id>/attendance")
@group_manager
def of_shift(group_id: int, shift_id: int) -> ResponseReturnValue:
    """Who came and left when, with every change of it."""
    shift = opportunities.shift_of(group_id, shift_id)
    audit.record("viewed attendance", subject=shift, group_id=group_id)
    return render_template(
        "hours/of_shift.html",
        group_id=group_id,
        shift=opportunities.shift_of(group_id, shift_id),
        people=queries.of_shift(shift_id),
    )


@bp.route("/groups/<int:group_id>/signups/<int:signup_id>/times", methods=["GET", "POST"])
@group_manager
def correct(group_id: int, signup_id: int) -> ResponseReturnValue:
    """Put right when somebody came and left."""
    signup = screens.signup_of_group(group_id, signup_id)
    if signup is None:
        abort(404)
    shift = opportunities.shift_of(group_id, signup.shift_id)
    zone = ZoneInfo(shift.site.zone)
    kept = queries.attendance_of_signup(signup_id)
    came_at = (kept.came_at if kept else None) or shift.starts_at
    left_at = (kept.left_at if kept else None) or shift.ends_at
    form = TimesForm(
        came=came_at.astimezone(zone).time().replace(second=0, microsecond=0),
        left=left_at.astimezone(zone).time().replace(second=0, microsecond=0),
    )
    if form.validate_on_submit():
        came_at = rules.moment_near(form.came.data, shift.starts_at, shift.site.zone)
        left_at = rules.moment_after(form.left.data, came_at, shift.site.zone)
        try:
            service.correct(
                signup_id, came_at, left_at, form.reason.data or "", by_user_id=current_user.id
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Put right. What it was before is kept.", "success")
            return redirect(url_for("hours.of_shift", group_id=group_id, shift_id=shift.id))
    return render_template(
        "hours/correct.html",
        group_id=group_id,
        signup=screens.signup_of_group(group_id, signup_id),
        shift=opportunities.shift_of(group_id, signup.shift_id),
        form=form,
    )


def _request(group_id: int, request_id: int) -> HoursRequest:
    row = queries.request_of_group(group_id, request_id)
    if row is None:
        abort(404)
    return row
