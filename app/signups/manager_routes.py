"""A shift's roster: who is in, who waits, and what a manager can do about it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.groups.access import group_manager
from app.opportunities import queries as opportunity_queries
from app.opportunities import slots
from app.opportunities.models import Shift, Stage
from app.opportunities.slots import of_shift
from app.signups import cancelling, changes, links, queries, screens, service
from app.signups.forms import AddForm, CancelForm, DeclineForm, OverlapForm
from app.signups.models import HOLDING, OCCUPYING, Signup, Standing, Way
from app.signups.placing import Clash
from app.signups.routes import bp
from app.web.filters import plural
from app.web.forms import show_refusal

_MARKS = {
    "attended": Standing.ATTENDED,
    "no-show": Standing.NO_SHOW,
    "excused": Standing.EXCUSED,
    "undo": Standing.CONFIRMED,
}


@bp.get("/groups/<int:group_id>/shifts/<int:shift_id>")
@group_manager
def roster(group_id: int, shift_id: int) -> ResponseReturnValue:
    shift = opportunity_queries.shift_of(group_id, shift_id)
    audit.record("viewed roster", subject=shift, group_id=group_id)
    return _show_roster(opportunity_queries.shift_of(group_id, shift_id), AddForm())


def _show_roster(shift: Shift, form: AddForm) -> str:
    people = queries.roster(shift.id)
    now = clock.now()
    who = request.args.get("who", "").strip()[:80]
    return render_template(
        "signups/roster.html",
        shift=shift,
        beside_roster=screens.beside_roster,
        group_id=shift.opportunity.group_id,
        form=form,
        who=who,
        addable=screens.can_be_added(shift.opportunity.group_id, shift.id, who),
        inside=[one for one in people if one.standing in HOLDING],
        slots=of_shift(shift.id),
        has_duties=slots.has_duties(shift.opportunity),
        waiting=[one for one in people if one.standing == Standing.WAITING],
        ended=[one for one in people if one.standing not in (*HOLDING, Standing.WAITING)],
        has_begun=shift.starts_at <= now,
        reachable=screens.on_list(shift.opportunity.group_id, [one.volunteer_id for one in people])
        if screens.is_near(shift, now)
        else set(),
        is_over=shift.ends_at <= now,
        is_live=shift.stage != Stage.CANCELLED,
        more_pages=links.for_shift(shift.opportunity.group_id, shift.id),
    )


@bp.post("/groups/<int:group_id>/shifts/<int:shift_id>/add")
@group_manager
def add(group_id: int, shift_id: int) -> ResponseReturnValue:
    """Put one of the group's own volunteers on the shift."""
    shift = opportunity_queries.shift_of(group_id, shift_id)
    form = AddForm()
    if form.validate_on_submit():
        try:
            volunteer_id = _own_volunteer(group_id, form.volunteer_id.data or "")
            signup = service.claim(
                shift_id, volunteer_id, way=Way.MANAGER, by_user_id=current_user.id
            )
        except Clash:
            return _to_overlap(group_id, shift_id, volunteer_id)
        except Refusal as refusal:
            show_refusal(form, Refusal(refusal.sentence))
        else:
            has_place = signup.standing in OCCUPYING
            flash("Added." if has_place else "All places are taken: added to the queue.", "success")
            return _to_roster(group_id, shift_id)
    return _show_roster(shift, form)


@bp.post("/groups/<int:group_id>/signups/<int:signup_id>/confirm")
@group_manager
def confirm(group_id: int, signup_id: int) -> ResponseReturnValue:
    signup = _signup(group_id, signup_id)
    shift_id, name, volunteer_id = signup.shift_id, signup.volunteer.name, signup.volunteer_id
    try:
        service.confirm(signup_id, current_user.id)
        flash(f"{name} has a place and has been told.", "success")
    except Clash:
        return _to_overlap(group_id, shift_id, volunteer_id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _back(group_id, shift_id)


@bp.route(
    "/groups/<int:group_id>/shifts/<int:shift_id>/overlap/<int:volunteer_id>",
    methods=["GET", "POST"],
)
@group_manager
def overlap(group_id: int, shift_id: int, volunteer_id: int) -> ResponseReturnValue:
    """Give somebody a place although they have another then: a manager says why."""
    shift = opportunity_queries.shift_of(group_id, shift_id)
    volunteer = screens.known_volunteer(group_id, shift.id, volunteer_id)
    if volunteer is None:
        abort(404)
    form = OverlapForm()
    if form.validate_on_submit():
        reason = (form.reason.data or "").strip()
        waits = queries.live_of(volunteer_id, shift_id)
        try:
            if waits is None:
                service.claim(
                    shift_id,
                    volunteer_id,
                    way=Way.MANAGER,
                    by_user_id=current_user.id,
                    clash_allowed=reason,
                )
            else:
                service.confirm(waits.id, current_user.id, clash_allowed=reason)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Added, with your reason.", "success")
            return _to_roster(group_id, shift_id)
    shift = opportunity_queries.shift_of(group_id, shift_id)
    return render_template("signups/overlap.html", form=form, shift=shift, volunteer=volunteer)


@bp.route("/groups/<int:group_id>/signups/<int:signup_id>/decline", methods=["GET", "POST"])
@group_manager
def decline(group_id: int, signup_id: int) -> ResponseReturnValue:
    signup = _signup(group_id, signup_id)
    shift_id, name = signup.shift_id, signup.volunteer.name
    form = DeclineForm()
    if form.validate_on_submit():
        try:
            service.decline(signup_id, current_user.id, (form.reason.data or "").strip())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"{name} has been told, kindly.", "success")
            return _back(group_id, shift_id)
    return render_template(
        "signups/decline.html",
        form=form,
        signup=signup,
        shift=opportunity_queries.shift_of(group_id, shift_id),
    )


@bp.post("/groups/<int:group_id>/signups/<int:signup_id>/mark")
@group_manager
def mark(group_id: int, signup_id: int) -> ResponseReturnValue:
    shift_id = _signup(group_id, signup_id).shift_id
    standing = _MARKS.get(request.form.get("standing", ""))
    if standing is None:
        abort(400)
    try:
        service.mark(signup_id, standing, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _to_roster(group_id, shift_id)


@bp.post("/groups/<int:group_id>/shifts/<int:shift_id>/delete")
@group_manager
def delete_shift(group_id: int, shift_id: int) -> ResponseReturnValue:
    try:
        opportunity = changes.delete_shift(group_id, shift_id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return _to_roster(group_id, shift_id)
    flash("The shift is deleted. Nobody was on it.", "success")
    return redirect(
        url_for("opportunities.overview", group_id=group_id, opportunity_id=opportunity.id)
    )


@bp.route("/groups/<int:group_id>/shifts/<int:shift_id>/cancel", methods=["GET", "POST"])
@group_manager
def cancel_shift(group_id: int, shift_id: int) -> ResponseReturnValue:
    shift = opportunity_queries.shift_of(group_id, shift_id)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            told = cancelling.cancel_shift(shift_id, current_user.id, form.reason.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"Cancelled. {plural(told, 'person was', 'people were')} told.", "success")
            return _to_roster(group_id, shift_id)
    return render_template(
        "signups/cancel.html", form=form, shift=shift, opportunity=shift.opportunity
    )


@bp.route(
    "/groups/<int:group_id>/opportunities/<int:opportunity_id>/cancel", methods=["GET", "POST"]
)
@group_manager
def cancel_opportunity(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    opportunity = opportunity_queries.opportunity_of(group_id, opportunity_id)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            told = cancelling.cancel_opportunity(
                opportunity_id, current_user.id, form.reason.data or ""
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"Cancelled. {plural(told, 'person was', 'people were')} told.", "success")
            return redirect(
                url_for("opportunities.overview", group_id=group_id, opportunity_id=opportunity_id)
            )
    return render_template("signups/cancel.html", form=form, shift=None, opportunity=opportunity)


def _own_volunteer(group_id: int, typed: str) -> int:
    """The number of one of the group's own volunteers; anybody else is refused."""
    number = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    if number not in screens.on_list(group_id, [number]):
        raise Refusal("Choose somebody from the list.")
    return number


def _signup(group_id: int, signup_id: int) -> Signup:
    signup = screens.signup_of_group(group_id, signup_id)
    if signup is None:
        abort(404)
    return signup


def _to_overlap(group_id: int, shift_id: int, volunteer_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("signups.overlap", group_id=group_id, shift_id=shift_id, volunteer_id=volunteer_id)
    )


def _back(group_id: int, shift_id: int) -> ResponseReturnValue:
    """To the page from which an application was answered."""
    if request.values.get("next") == "home":
        return redirect(url_for("home.index", view="groups", _anchor=f"group-{group_id}"))
    if request.values.get("next") == "applications":
        return redirect(url_for("signups.applications", group_id=group_id))
    return _to_roster(group_id, shift_id)


def _to_roster(group_id: int, shift_id: int) -> ResponseReturnValue:
    return redirect(url_for("signups.roster", group_id=group_id, shift_id=shift_id))
