"""The profile, finished in small steps."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import signed_in
from app.foundation.errors import Refusal
from app.volunteers import profile_parts, queries, steps
from app.volunteers.models import Volunteer
from app.volunteers.routes import bp
from app.volunteers.vocabulary import WEEKDAYS, DayPart
from app.web.forms import show_refusal


@bp.get("/my/profile/steps")
@signed_in
def first_step() -> ResponseReturnValue:
    """The first question that has no answer yet, or that all have."""
    return redirect(_address(steps.progress(_mine()).first_left))


@bp.route("/my/profile/steps/<slug>", methods=["GET", "POST"])
@signed_in
def step(slug: str) -> ResponseReturnValue:
    """One question; saved by itself, then the next."""
    if slug not in steps.SLUGS:
        abort(404)
    volunteer = _mine()
    part = profile_parts.PARTS[slug]
    form = part.form(data=part.reads(volunteer))
    if form.validate_on_submit():
        try:
            part.saves(volunteer.id, form)
            return redirect(_address(steps.progress(_mine()).after(slug)))
        except Refusal as refusal:
            show_refusal(form, refusal)
    progress = steps.progress(_mine())
    return render_template(
        "volunteers/step.html",
        step=steps.STEPS[steps.SLUGS.index(slug)],
        number=steps.SLUGS.index(slug) + 1,
        progress=progress,
        skip=_address(progress.after(slug)),
        form=form,
        weekdays=WEEKDAYS,
        day_parts=list(DayPart),
    )


@bp.get("/my/profile/steps/done")
@signed_in
def steps_done() -> ResponseReturnValue:
    """How far one has come, and what now."""
    volunteer = _mine()
    return render_template(
        "volunteers/steps_done.html", volunteer=volunteer, progress=steps.progress(volunteer)
    )


def _address(step: steps.Step | None) -> str:
    if step is None:
        return url_for("volunteers.steps_done")
    return url_for("volunteers.step", slug=step.slug)


def _mine() -> Volunteer:
    volunteer = queries.volunteer_of(current_user.id)
    if volunteer is None:
        abort(404)
    return volunteer
