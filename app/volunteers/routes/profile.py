"""One's own profile: a list of short pages, the data to take away, the way out."""

from __future__ import annotations

import json

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts import session
from app.accounts.access import signed_in
from app.foundation import clock
from app.foundation.errors import Refusal
from app.volunteers import profile_parts, queries, service, steps
from app.volunteers.away import page_before, taken_back
from app.volunteers.forms import AwayForm, DeleteForm, PauseForm
from app.volunteers.models import Volunteer
from app.volunteers.routes import bp
from app.volunteers.vocabulary import WEEKDAYS, DayPart
from app.web.forms import show_refusal


@bp.get("/my/profile")
@signed_in
def profile() -> ResponseReturnValue:
    """Everything that the volunteer told us, each with its page to change it."""
    volunteer = queries.volunteer_of(current_user.id)
    if volunteer is None:
        return redirect(url_for("volunteers.start"))
    return render_template(
        "volunteers/profile.html",
        volunteer=volunteer,
        parts={slug: (p.title, p.says(volunteer)) for slug, p in profile_parts.PARTS.items()},
        progress=steps.progress(volunteer),
        away=queries.dates_away(volunteer.id),
        stopped=queries.opted_out(volunteer),
        checks=queries.checks_of(volunteer.id),
        trainings=queries.trainings_of(volunteer.id),
        groups=queries.groups_that_know(volunteer.id),
    )


@bp.route("/my/profile/<slug>", methods=["GET", "POST"])
@signed_in
def change(slug: str) -> ResponseReturnValue:
    """One part of the profile: one question, or a few."""
    part = profile_parts.PARTS.get(slug)
    if part is None:
        abort(404)
    volunteer = _mine()
    form = part.form(data=part.reads(volunteer))
    if form.validate_on_submit():
        try:
            part.saves(volunteer.id, form)
            flash(gettext("Saved: %(what)s.", what=part.title), "success")
            return redirect(url_for("volunteers.profile"))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template(
        "volunteers/part.html",
        part=part,
        slug=slug,
        form=form,
        weekdays=WEEKDAYS,
        day_parts=list(DayPart),
    )


@bp.route("/my/profile/away", methods=["GET", "POST"])
@signed_in
def away() -> ResponseReturnValue:
    """Days on which the volunteer cannot help."""
    volunteer = _mine()
    form = AwayForm()
    if form.validate_on_submit():
        first_day, last_day = form.first_day.data, form.last_day.data
        if first_day <= last_day and (page := page_before(volunteer.id, first_day, last_day)):
            return redirect(page)
        try:
            service.add_dates_away(volunteer.id, first_day, last_day)
            flash(gettext("Saved. We will not ask you for those days."), "success")
            return redirect(url_for("volunteers.away"))
        except Refusal as refusal:
            show_refusal(form, refusal)
    rows = queries.dates_away(_mine().id)
    return render_template("volunteers/away.html", form=form, rows=rows)


@bp.post("/my/profile/away/<int:dates_away_id>/remove")
@signed_in
def remove_away(dates_away_id: int) -> ResponseReturnValue:
    """Forget one stretch of days."""
    volunteer_id = _mine().id
    service.remove_dates_away(volunteer_id, dates_away_id)
    for hear in taken_back:
        hear(volunteer_id)
    flash(gettext("Removed."), "success")
    return redirect(url_for("volunteers.away"))


@bp.route("/my/profile/pause", methods=["GET", "POST"])
@signed_in
def pause() -> ResponseReturnValue:
    """Have a rest until a day, or end it early."""
    volunteer = _mine()
    form = PauseForm(data={"until": volunteer.paused_until})
    if request.method == "POST" and request.form.get("end"):
        service.unpause(volunteer.id)
        flash(gettext("Welcome back. We may ask you again."), "success")
        return redirect(url_for("volunteers.profile"))
    if form.validate_on_submit():
        try:
            service.pause(volunteer.id, form.until.data)
            flash(gettext("Have a good rest. We will not ask you before then."), "success")
            return redirect(url_for("volunteers.profile"))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("volunteers/pause.html", form=form, volunteer=_mine())


@bp.get("/my/profile/data.json")
@signed_in
def download() -> ResponseReturnValue:
    """Everything that we hold about the person who asks, as a file."""
    held = service.everything_held(_mine().id)
    name = f"many-hands-{clock.now():%Y-%m-%d}.json"
    return Response(
        json.dumps(held, indent=2, ensure_ascii=False),
        mimetype="application/json",
        headers={
            "Content-Disposition": f"attachment; filename={name}",
            "Cache-Control": "no-store",
        },
    )


@bp.route("/my/profile/delete", methods=["GET", "POST"])
@signed_in
def delete() -> ResponseReturnValue:
    """Delete the account and the profile for good."""
    form = DeleteForm()
    if form.validate_on_submit():
        try:
            service.close_account(current_user.id)
            session.leave()
            flash(gettext("Your account is deleted. Thank you for the time you gave."), "success")
            return redirect("/")
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("volunteers/delete.html", form=form)


def _mine() -> Volunteer:
    volunteer = queries.volunteer_of(current_user.id)
    if volunteer is None:
        abort(404)
    return volunteer
