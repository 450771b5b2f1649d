"""Pages for whoever holds a signed link, without signing in; looking at one changes nothing."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation import clock
from app.foundation.errors import Refusal
from app.opportunities import cards
from app.signups import inviting, offers, plans, service
from app.signups.models import LIVE, OCCUPYING, Way
from app.signups.routes import bp, number
from app.web.security import secret


@bp.route("/invited/<token>", methods=["GET", "POST"])
@public
def invited(token: str) -> ResponseReturnValue:
    """The times of a role that somebody is invited to, each with its button."""
    welcome = inviting.welcome(token) or abort(404)
    refused = ""
    if request.method == "POST":
        take, leave = number("take"), number("leave")
        if not {take, leave} & {shift.id for shift in welcome.shifts}:
            abort(400)
        try:
            if take:
                service.claim(take, welcome.volunteer.id, way=Way.LINK, cause="invitation")
            else:
                service.withdraw(leave, welcome.volunteer.id, way=Way.LINK)
        except Refusal as refusal:
            refused = refusal.sentence
        welcome = inviting.welcome(token) or abort(404)
    has_place = [
        shift
        for shift in welcome.shifts
        if shift.id in welcome.live and welcome.live[shift.id].standing in OCCUPYING
    ]
    return secret(
        render_template(
            "signups/invited.html",
            welcome=welcome,
            refused=refused,
            has_place={shift.id for shift in has_place},
            where=cards.place_words(welcome.opportunity.site),
        )
    )


@bp.route("/offer/<token>", methods=["GET", "POST"])
@public
def offer(token: str) -> ResponseReturnValue:
    """A place that came free: take it, or let the next person have it."""
    signup = offers.of_token(token) or abort(404)
    refused = ""
    if request.method == "POST":
        said = request.form.get("answer")
        if said not in ("yes", "no"):
            abort(400)
        try:
            if said == "yes":
                offers.accept(signup.id, Way.LINK)
            elif signup.standing in LIVE:
                service.withdraw(signup.shift_id, signup.volunteer_id, way=Way.LINK)
        except Refusal as refusal:
            refused = refusal.sentence
        signup = offers.of_token(token) or abort(404)
    return secret(
        render_template(
            "signups/offer.html",
            plan=plans.plan_of(signup),
            refused=refused,
            has_begun=signup.shift.starts_at <= clock.now(),
        )
    )
