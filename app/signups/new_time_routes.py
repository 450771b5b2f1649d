"""Where a volunteer says whether a new time suits them."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from app.accounts.access import signed_in
from app.foundation.errors import Refusal
from app.signups import new_times, plans, screens
from app.signups.routes import bp
from app.volunteers import queries as volunteers
from app.volunteers.models import Volunteer


@bp.get("/shifts/<int:shift_id>/new-time")
@signed_in
def new_time(shift_id: int) -> ResponseReturnValue:
    signup = screens.own_signup(_me().id, shift_id)
    if signup is None:
        flash(gettext("You are not on that shift, so there is nothing to answer."), "info")
        return redirect(url_for("signups.mine"))
    return render_template("signups/new_time.html", plan=plans.plan_of(signup))


@bp.post("/shifts/<int:shift_id>/new-time")
@signed_in
def answer_new_time(shift_id: int) -> ResponseReturnValue:
    me = _me()
    if request.form.get("answer") == "no":
        return _leave(shift_id, me.id)
    if request.form.get("answer") != "yes":
        abort(400)
    if screens.own_signup(me.id, shift_id) is None:  # left in another window: that page says so
        return redirect(url_for("signups.new_time", shift_id=shift_id))
    if not new_times.accept(shift_id, me.id, _number(request.form.get("revision"))):
        flash(gettext("The time has changed once more meanwhile. Please look again."), "warning")
        return redirect(url_for("signups.new_time", shift_id=shift_id))
    flash(gettext("Thank you. You are coming at the new time."), "success")
    left = bool(new_times.unanswered(me.id))
    return redirect(url_for("signups.all_new_times" if left else "signups.mine"))


def _leave(shift_id: int, volunteer_id: int) -> ResponseReturnValue:
    try:
        new_times.turn_down(shift_id, volunteer_id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        flash(gettext("Thank you for telling us. It is fine to say no."), "success")
    return redirect(url_for("signups.mine"))


@bp.get("/my/new-times")
@signed_in
def all_new_times() -> ResponseReturnValue:
    """Every new time that waits for an answer; one at a time, or all with one button."""
    return render_template("signups/new_times.html", signups=new_times.unanswered(_me().id))


@bp.post("/my/new-times")
@signed_in
def accept_new_times() -> ResponseReturnValue:
    shown = {}
    for pair in request.form.getlist("shown")[:500]:
        shift_id, _, revision = pair.partition(":")
        shown[_number(shift_id)] = _number(revision)
    accepted = new_times.accept_all(_me().id, shown)
    if accepted < len(shown):
        flash(gettext("A time has changed once more meanwhile. Please look again."), "warning")
        return redirect(url_for("signups.all_new_times"))
    flash(
        ngettext(
            "Thank you. You are coming at %(num)d new time.",
            "Thank you. You are coming at %(num)d new times.",
            accepted,
        ),
        "success",
    )
    return redirect(url_for("signups.mine"))


def _number(text: str | None) -> int:
    if not text or not text.isdecimal() or len(text) > 15:
        abort(400)
    return int(text)


def _me() -> Volunteer:
    """The signed-in user's volunteer, or 404."""
    volunteer = volunteers.volunteer_of(current_user.id)
    if volunteer is None:
        abort(404)
    return volunteer
