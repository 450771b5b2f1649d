"""The one-tap answer to a reminder, and the hours' counts for administrators."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.access import administrator, public
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.sentences import gettext
from app.reminders import letters, links, queries, service
from app.reminders.models import Outcome
from app.signups import assuring, screens
from app.signups import service as places
from app.signups.models import Signup, Way
from app.web.security import secret

bp = Blueprint("reminders", __name__, template_folder="templates")

HOURS_SHOWN: Final = timedelta(days=2)


@bp.route("/coming/<token>", methods=["GET", "POST"])
@public
def coming(token: str) -> ResponseReturnValue:
    """Whether somebody comes to what they were reminded of; looking at it changes nothing."""
    signups = links.reminded(token) or abort(404)
    refused = ""
    said = request.form.get("answer") if request.method == "POST" else None
    if request.method == "POST":
        wanted = request.form.get("place", "")
        signup = next((one for one in signups if str(one.id) == wanted), None)
        if said not in ("yes", "no") or signup is None:
            abort(400)
        shift_id, volunteer_id = signup.shift_id, signup.volunteer_id
        try:
            if said == "yes":
                _say_yes(signup)
            else:
                places.withdraw(shift_id, volunteer_id, way=Way.LINK)
        except Refusal as refusal:
            refused = refusal.sentence
        signups = links.reminded(token) or abort(404)
    now = clock.now()
    return secret(
        render_template(
            "reminders/coming.html",
            places=[
                (
                    screens.place_of(one),
                    letters.is_assured(one, one.shift),
                    one.shift.ends_at <= now,
                )
                for one in signups
            ],
            refused=refused,
            said=said,
        )
    )


def _say_yes(signup: Signup) -> None:
    """Note that they come. Raises `Refusal` on a page of an older time, and for a place left."""
    revision = signup.shift.revision
    if request.form.get("revision") != str(revision):
        raise Refusal(gettext("The time has changed. Please look at it and say again."))
    if not service.assure({signup.id: revision}):
        raise Refusal(gettext(assuring.NOT_NOTED))


@bp.get("/operations/reminders")
@administrator
def counts() -> ResponseReturnValue:
    """How many reminders were due, written and missed in each hour."""
    return render_template(
        "reminders/counts.html",
        hours=queries.by_hour(clock.now() - HOURS_SHOWN),
        pulse=queries.pulse(),
        Outcome=Outcome,
        zone=current_app.config["TIMEZONE"],
    )
