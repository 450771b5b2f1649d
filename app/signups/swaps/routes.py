"""Asking for a swap, answering one by its link, and the managers' page."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import public, signed_in
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.signups import keys, screens
from app.signups.keys import Key
from app.signups.models import Signup, Standing, Way
from app.signups.routes import bp
from app.signups.swaps import queries, service
from app.signups.swaps.forms import ALL, SWAP, SwapForm
from app.signups.swaps.models import SwapState
from app.volunteers import queries as volunteers
from app.volunteers.models import Volunteer
from app.web.filters import spoken_when
from app.web.forms import choices, show_refusal
from app.web.security import secret


@bp.route("/shifts/<int:shift_id>/swap", methods=["GET", "POST"])
@signed_in
def swap(shift_id: int) -> ResponseReturnValue:
    """Ask somebody on the same role to take one's place."""
    me = volunteers.volunteer_of(current_user.id) or abort(404)
    signup = screens.own_signup(me.id, shift_id)
    is_held = signup is not None and signup.standing == Standing.CONFIRMED
    if signup is None or not is_held or signup.shift.starts_at <= clock.now():
        flash(gettext("You have no place on that shift, so there is nothing to swap."), "info")
        return redirect(url_for("signups.mine"))
    others = queries.colleagues(signup)
    form = SwapForm()
    form.whom.choices = choices(
        [
            # Before the names: those are many, and most people do not mind who it is.
            (ALL, gettext("Anybody on this role: whoever can takes my place")),
            *((str(one.id), _named(one)) for one in others),
        ]
    )
    if form.validate_on_submit():
        whom = form.whom.data
        try:
            service.ask(
                signup.id,
                me.id,
                of_signup_id=None if whom == ALL else int(whom),
                in_return=form.how.data == SWAP,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(gettext("Asked. You have your place until somebody says yes."), "success")
            return redirect(url_for("signups.swap", shift_id=shift_id))
    return render_template(
        "signups/swap_ask.html",
        form=form,
        signup=screens.own_signup(me.id, shift_id),
        others=others,
        pending=queries.pending_of(signup.id),
    )


def _named(signup: Signup) -> str:
    shift = signup.shift
    when = spoken_when(shift.starts_at, shift.ends_at, shift.site.zone)
    return f"{signup.volunteer.first_name}: {when}"


@bp.post("/shifts/<int:shift_id>/swap/<int:swap_id>/call-back")
@signed_in
def call_back_swap(shift_id: int, swap_id: int) -> ResponseReturnValue:
    me = volunteers.volunteer_of(current_user.id) or abort(404)
    found = queries.whole(swap_id)
    if found is None or found.signup.volunteer_id != me.id:
        abort(404)
    service.call_back(swap_id, me.id)
    flash(gettext("Called back. You keep your place."), "success")
    return redirect(url_for("signups.place", shift_id=shift_id))


@bp.route("/swap/<token>", methods=["GET", "POST"])
@public
def answer_swap(token: str) -> ResponseReturnValue:
    """What somebody asks of the holder of this link; looking at it changes nothing."""
    ids = keys.read(Key.SWAP, token, 2) or abort(404)
    me = db.session.get(Volunteer, ids[1])
    if queries.whole(ids[0]) is None or me is None or me.erased_at is not None:
        abort(404)
    refused = ""
    said = request.form.get("answer") if request.method == "POST" else None
    if said not in (None, "yes", "no"):
        abort(400)
    try:
        if said == "yes":
            service.accept(ids[0], ids[1], Way.LINK)
        elif said == "no":
            service.turn_down(ids[0], ids[1])
    except Refusal as refusal:
        refused = refusal.sentence
    found = queries.whole(ids[0]) or abort(404)
    is_open = found.state == SwapState.OPEN and queries.is_current(found)
    return secret(
        render_template(
            "signups/swap_answer.html",
            swap=found,
            me=db.session.get_one(Volunteer, ids[1]),
            said=said,
            refused=refused,
            is_open=is_open,
            is_mine=found.taken_by_id == ids[1],
        )
    )


@bp.get("/groups/<int:group_id>/swaps")
@group_manager
def swaps(group_id: int) -> ResponseReturnValue:
    """The swaps on the group's coming shifts: those to decide first."""
    audit.record("viewed swaps", group_id=group_id)
    found = queries.of_group(group_id)
    return render_template(
        "signups/swaps.html",
        group=db.get_or_404(Group, group_id),
        to_decide=[one for one in found if one.state == SwapState.ACCEPTED],
        asked=[one for one in found if one.state == SwapState.OPEN],
        done=[one for one in found if one.state == SwapState.DONE],
    )


@bp.post("/groups/<int:group_id>/swaps/<int:swap_id>/<any(agree, refuse):word>")
@group_manager
def decide_swap(group_id: int, swap_id: int, word: str) -> ResponseReturnValue:
    if service.of_group(group_id, swap_id) is None:
        abort(404)
    try:
        service.decide(swap_id, current_user.id, agrees=word == "agree")
        flash("Done. Both are told." if word == "agree" else "Both are told, kindly.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("signups.swaps", group_id=group_id))
