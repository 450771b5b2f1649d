"""Pages for whoever holds a signed link, without signing in; looking at one changes nothing."""

from __future__ import annotations

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation.errors import Refusal
from app.opportunities import cards
from app.signups import inviting, service
from app.signups.models import OCCUPYING, Way
from app.signups.routes import bp


def secret(page: str) -> Response:
    """A page whose address is the key to answering in somebody's name: it is told to nobody."""
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def number(name: str) -> int:
    """A whole number that a button sent, or 0 for none or for nonsense."""
    typed = request.form.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


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
