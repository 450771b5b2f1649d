"""A group's standing volunteers: who comes when, what is open, who asks."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.opportunities.models import Pattern, Shift
from app.signups.routes import bp
from app.signups.standing import queries, service
from app.signups.standing.forms import AnswerForm, EndForm, SkipForm, StandForm
from app.signups.standing.models import StandingState
from app.signups.standing.routes import (
    duties_in,
    ended_words,
    made_words,
    preview,
    read_day,
    say_come,
)
from app.volunteers import queries as volunteers
from app.web.forms import show_refusal


@bp.get("/groups/<int:group_id>/standing")
@group_manager
def standing_volunteers(group_id: int) -> ResponseReturnValue:
    """Who stands when, pattern by pattern, with the places that are still open."""
    audit.record("viewed standing volunteers", group_id=group_id)
    return render_template(
        "signups/standing/of_group.html",
        group=db.get_or_404(Group, group_id),
        regulars=queries.of_group(group_id),
    )


@bp.route("/groups/<int:group_id>/patterns/<int:pattern_id>/standing/new", methods=["GET", "POST"])
@group_manager
def give_standing(group_id: int, pattern_id: int) -> ResponseReturnValue:
    """Choose one of the group's own people, say when, see the dates, give the place."""
    pattern = _pattern(group_id, pattern_id)
    form = StandForm(data={"volunteer_id": request.args.get("volunteer_id", "")})
    form.offer(pattern, duties_in(pattern))
    if "duty_id" in form:
        form.duty_id.label.text = "What do they do?"
    form.last_day.description = "Leave it empty to go on until somebody says."
    who = request.args.get("who", "").strip()[:80]
    typed = form.volunteer_id.data or ""
    number = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    member = volunteers.in_group(group_id, number) if number else None
    dates: list[Shift] = []
    if member and form.validate_on_submit() and "change" not in request.form:
        wanted = form.wanted()
        if form.sure.data:
            try:
                taken = service.give(group_id, pattern_id, number, wanted, current_user.id)
            except Refusal as refusal:
                show_refusal(form, refusal)
            else:
                name = taken.standing.volunteer.name
                flash(f"{name} has a standing place. {made_words(taken.filled)}", "success")
                return _back(group_id)
        else:
            dates = preview(pattern, wanted)
            if not dates:
                show_refusal(form, Refusal("No shift is planned on these days yet.", "first_day"))
    audit.record("chose standing volunteer", group_id=group_id)
    return render_template(
        "signups/standing/give.html",
        form=form,
        pattern=_pattern(group_id, pattern_id),
        group_id=group_id,
        member=volunteers.in_group(group_id, number) if number else None,
        who=who,
        found=None if member else queries.people_of(group_id, who),
        dates=dates,
    )


@bp.post("/groups/<int:group_id>/standing/<int:standing_id>/accept")
@group_manager
def accept_standing(group_id: int, standing_id: int) -> ResponseReturnValue:
    name = _seen(group_id, standing_id).standing.volunteer.name
    try:
        taken = service.accept(group_id, standing_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        flash(f"{name} has a standing place. {made_words(taken.filled)}", "success")
    return _back(group_id)


@bp.route("/groups/<int:group_id>/standing/<int:standing_id>/decline", methods=["GET", "POST"])
@group_manager
def decline_standing(group_id: int, standing_id: int) -> ResponseReturnValue:
    seen = _seen(group_id, standing_id)
    name = seen.standing.volunteer.name
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            service.decline(group_id, standing_id, current_user.id, form.reason.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"{name} has been told, kindly.", "success")
            return _back(group_id)
    return render_template("signups/standing/decline.html", form=form, seen=seen)


@bp.route("/groups/<int:group_id>/standing/<int:standing_id>/end", methods=["GET", "POST"])
@group_manager
def end_for_them(group_id: int, standing_id: int) -> ResponseReturnValue:
    seen = _seen(group_id, standing_id)
    standing = seen.standing
    if standing.state != StandingState.ACTIVE:
        abort(404)
    today = clock.today(standing.pattern.opportunity.site.zone)
    form = EndForm(data={"last_day": today, "made": "give-up"})
    form.reason.label.text = "Why? (optional)"
    form.reason.description = "They are told, with these words."
    name = standing.volunteer.name
    if form.validate_on_submit():
        try:
            left = service.end(
                standing_id,
                form.last_day.data,
                keeps_made=form.made.data == "keep",
                reason=form.reason.data or "",
                by_user_id=current_user.id,
                by_group=True,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"{name} has been told. {ended_words(left)}", "success")
            return _back(group_id)
    return render_template(
        "signups/standing/end.html",
        form=form,
        seen=seen,
        back=url_for("signups.standing_volunteers", group_id=group_id),
        name=name,
    )


@bp.route("/groups/<int:group_id>/standing/<int:standing_id>/skip", methods=["GET", "POST"])
@group_manager
def skip_for_them(group_id: int, standing_id: int) -> ResponseReturnValue:
    """Somebody rang: they do not come on one date."""
    seen = _seen(group_id, standing_id)
    form = SkipForm(data={"day": read_day(request.args.get("day", ""))})
    if form.validate_on_submit():
        try:
            service.skip(standing_id, form.day.data, current_user.id, form.reason.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Noted.", "success")
            return _back(group_id)
    return render_template(
        "signups/standing/skip.html",
        form=form,
        seen=seen,
        back=url_for("signups.standing_volunteers", group_id=group_id),
        name=seen.standing.volunteer.name,
    )


@bp.post("/groups/<int:group_id>/standing/<int:standing_id>/come")
@group_manager
def come_for_them(group_id: int, standing_id: int) -> ResponseReturnValue:
    _seen(group_id, standing_id)
    say_come(standing_id, read_day(request.form.get("day", "")))
    return _back(group_id)


def _pattern(group_id: int, pattern_id: int) -> Pattern:
    try:
        return service.pattern_of(pattern_id, group_id)
    except Refusal:
        abort(404)


def _seen(group_id: int, standing_id: int) -> queries.Seen:
    seen = queries.one_of_group(group_id, standing_id)
    if seen is None:
        abort(404)
    return seen


def _back(group_id: int) -> ResponseReturnValue:
    return redirect(url_for("signups.standing_volunteers", group_id=group_id))
