"""A volunteer's own pages: take a place, leave it, see what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import public, signed_in
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.sentences import gettext, ngettext
from app.opportunities import cards
from app.signups import (
    assuring,
    calendars,
    leaving,
    offers,
    plans,
    queries,
    screens,
    service,
)
from app.signups.forms import ClaimForm, WithdrawForm
from app.signups.models import OCCUPYING, Notice, Signup, Standing, Way
from app.signups.swaps.queries import waiting_for as waiting_swaps
from app.signups.swaps.telling import token as swap_token
from app.volunteers import queries as volunteers
from app.volunteers.models import Volunteer
from app.web.forms import show_refusal
from app.web.pages import public_url
from app.web.security import leave_session_alone

bp = Blueprint("signups", __name__, template_folder="templates")

# So many coming shifts stay readable on a phone with no signal.
MOST_KEPT: Final = 20


@bp.route("/shifts/<int:shift_id>/claim", methods=["GET", "POST"])
@public
def claim(shift_id: int) -> ResponseReturnValue:
    """Take a place by one button; whoever is not signed in goes to the page for newcomers."""
    if not current_user.is_authenticated:
        return redirect(url_for("signups.join", shift_id=shift_id))
    shift = screens.shift_shown(shift_id)
    if shift is None:
        abort(404)
    volunteer = volunteers.volunteer_of(current_user.id)
    if volunteer and queries.live_of(volunteer.id, shift_id):
        return redirect(url_for("signups.place", shift_id=shift_id))
    form = ClaimForm()
    fit = screens.fit(shift, volunteer) if volunteer else None
    form.offer(_choice_of(fit.duties) if fit else [])
    if volunteer and form.validate_on_submit():
        try:
            service.claim(shift_id, volunteer.id, way=Way.WEB, slot_id=form.wanted)
            return redirect(url_for("signups.place", shift_id=shift_id))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template(
        "signups/claim.html",
        form=form,
        shift=shift,
        where=cards.place_words(shift.site),
        volunteer=volunteer,
        fit=fit,
        closed=screens.closed_because(shift),
        role_url=cards.page_of(shift.opportunity),
    )


def _choice_of(duties: Sequence[screens.Duty]) -> list[tuple[int, str]]:
    """The duties that the volunteer can do, with the places that each has free."""
    return [
        (duty.slot_id, f"{duty.name} ({places_free(duty.places_left)})")
        for duty in duties
        if not duty.why_not
    ]


def places_free(left: int) -> str:
    if not left:
        return gettext("full: you would wait")
    return ngettext("%(num)d place free", "%(num)d places free", left)


@bp.get("/shifts/<int:shift_id>/place")
@signed_in
def place(shift_id: int) -> ResponseReturnValue:
    """How the volunteer stands on the shift, and what happens next."""
    signup = screens.own_signup(_me().id, shift_id)
    if signup is None:
        return redirect(url_for("signups.claim", shift_id=shift_id))
    plan = plans.plan_of(signup)
    return render_template(
        "signups/place.html",
        plan=replace(plan, place=screens.place_with_reason(signup)),
        can_swap=_can_swap(signup),
        has_begun=signup.shift.starts_at <= clock.now(),
    )


@bp.post("/shifts/<int:shift_id>/coming")
@signed_in
def coming(shift_id: int) -> ResponseReturnValue:
    """Say that one comes to the shift on which one has a place, and go back to where one was."""
    try:
        is_noted = assuring.assure(shift_id, _me().id, number("revision"))
    except Refusal as refusal:
        flash(refusal.sentence, "warning")
        return redirect(url_for("signups.place", shift_id=shift_id))
    if is_noted:
        flash(gettext("Thank you. Now the others know that you are coming."), "success")
    else:
        flash(gettext("The time has changed meanwhile. Please look again."), "warning")
        return redirect(url_for("signups.place", shift_id=shift_id))
    came_from = request.form.get("from")
    if came_from == "home":
        return redirect("/")
    if came_from == "shifts":
        return redirect(url_for("signups.mine"))
    return redirect(url_for("signups.place", shift_id=shift_id))


def number(name: str) -> int:
    """A whole number that a button sent, or 0 for none or for nonsense."""
    typed = request.form.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


@bp.post("/shifts/<int:shift_id>/accept")
@signed_in
def accept(shift_id: int) -> ResponseReturnValue:
    """Take the place that is kept for oneself."""
    signup = screens.own_signup(_me().id, shift_id)
    if signup is None:
        flash(gettext(offers.GONE), "info")
        return redirect(url_for("signups.claim", shift_id=shift_id))
    try:
        offers.accept(signup.id, Way.WEB)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("signups.place", shift_id=shift_id))


@bp.route("/shifts/<int:shift_id>/withdraw", methods=["GET", "POST"])
@signed_in
def withdraw(shift_id: int) -> ResponseReturnValue:
    volunteer = _me()
    signup = screens.own_signup(volunteer.id, shift_id)
    if signup is None:
        flash(gettext("You are not on that shift, so there is nothing to leave."), "info")
        return redirect(url_for("signups.mine"))
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            service.withdraw(
                shift_id, volunteer.id, way=Way.WEB, reason=(form.reason.data or "").strip()
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(gettext("Thank you for telling us. It is fine to say no."), "success")
            return redirect(url_for("signups.mine"))
    return render_template(
        "signups/withdraw.html",
        form=form,
        signup=signup,
        shift=signup.shift,
        can_swap=_can_swap(signup),
        late=leaving.notice_for(signup, signup.shift) == Notice.LATE,
    )


@bp.get("/my/shifts")
@signed_in
def mine() -> ResponseReturnValue:
    volunteer = volunteers.volunteer_of(current_user.id)
    if volunteer is None:
        return render_template("signups/no_profile.html")
    planned = plans.plans_of(queries.coming(volunteer.id))
    return render_template(
        "signups/mine.html",
        coming=[one for one in planned if one.standing in OCCUPYING],
        offered=[one for one in planned if one.standing == Standing.OFFERED],
        waiting=[one for one in planned if one.standing == Standing.WAITING],
        past=queries.past(volunteer.id),
        swaps=[
            (swap, url_for("signups.answer_swap", token=swap_token(swap.id, volunteer.id)))
            for swap in waiting_swaps(volunteer.id)
        ],
        moved=[one for one in planned if one.has_new_time],
        has_calendar=calendars.has_address(volunteer.id),
    )


@bp.get("/my/shifts/kept")
@signed_in
def kept() -> ResponseReturnValue:
    """The coming places as the service worker keeps them for when there is no signal.

    It holds no token, no address of a link and nobody's surname (docs/decisions/0012).
    """
    leave_session_alone()
    held = [one for one in queries.coming(_me().id) if one.standing in OCCUPYING]
    return render_template(
        "signups/kept.html", coming=plans.plans_of(held[:MOST_KEPT]), now=clock.now()
    )


@bp.post("/my/calendar")
@signed_in
def new_calendar() -> ResponseReturnValue:
    """A new secret address, told this once."""
    token = calendars.new_address(_me().id)
    address = public_url("signups.calendar", token=token)
    response = Response(render_template("signups/calendar.html", address=address))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/my/calendar/stop")
@signed_in
def stop_calendar() -> ResponseReturnValue:
    calendars.revoke(_me().id)
    flash(gettext("The calendar address works no more."), "success")
    return redirect(url_for("signups.mine"))


def _can_swap(signup: Signup) -> bool:
    return signup.standing == Standing.CONFIRMED and signup.shift.starts_at > clock.now()


def _me() -> Volunteer:
    """The signed-in user's volunteer, or 404."""
    volunteer = volunteers.volunteer_of(current_user.id)
    if volunteer is None:
        abort(404)
    return volunteer
