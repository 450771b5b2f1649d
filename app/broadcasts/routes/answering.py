"""The one-tap answer: a page for whoever holds the link; looking at it changes nothing."""

from __future__ import annotations

from functools import partial

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.broadcasts import links
from app.broadcasts.routes import bp
from app.foundation.errors import Refusal
from app.signups import plans
from app.signups.models import OCCUPYING
from app.web.security import secret


@bp.route("/r/<token>", methods=["GET", "POST"])
@public
def answer(token: str) -> ResponseReturnValue:
    part = links.asked(token)
    if part is None:
        abort(404)
    refused = ""
    said = request.form.get("answer") if request.method == "POST" else None
    if said not in (None, "yes", "no"):
        abort(400)
    try:
        if said == "yes":
            links.say_yes(part)
        elif said == "no":
            links.say_no(part)
    except Refusal as refusal:
        refused = refusal.sentence
    if said:
        part = links.asked(token) or abort(404)
    return secret(
        render_template(
            "broadcasts/answer.html",
            part=part,
            said=said,
            refused=refused,
            plan=plans.plan_of(part.signup) if part.signup else None,
            miles_to=partial(plans.miles_to, part.volunteer),
            has_place=bool(part.signup and part.signup.standing in OCCUPYING),
        )
    )
