"""A person scans the code at a site: one tap says that they are here, or leaving."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from app.accounts.access import public
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db, limiter
from app.groups.models import Site
from app.hours import service as hours
from app.hours.models import Seen
from app.today import codes, queries
from app.today.forms import DigitsForm, PressForm
from app.today.queries import Line, Running
from app.today.rules import shown_name
from app.volunteers import queries as volunteers
from app.volunteers.models import Volunteer
from app.web.forms import show_refusal

bp = Blueprint("here", __name__, template_folder="templates")

# So long after a scan the phone that scanned may say that its owner is here.
SCAN_COUNTS: Final = 10 * 60  # seconds

# Four digits are guessed in a few thousand tries; nobody mistypes that often.
few_tries = limiter.limit(
    "10 per 15 minutes",
    methods=["POST"],
    deduct_when=lambda response: response.status_code == 200,
)


@bp.get("/here/<token>")
@public
def scan(token: str) -> ResponseReturnValue:
    """Remember in this browser that its owner scanned a site's code, and go on."""
    code = codes.read(token)
    if code is None or db.session.get(Site, code.site_id) is None:
        return render_template("today/here/too_old.html"), 410
    session["scan"] = {
        "site": code.site_id,
        "poster": code.is_poster,
        "at": int(clock.now().timestamp()),
    }
    # A sign-in empties the session, so it comes back by the code itself.
    session["scanned"] = url_for("here.scan", token=token)
    return redirect(url_for("here.arrive"))


@bp.route("/here", methods=["GET", "POST"])
@public
@few_tries
def arrive() -> ResponseReturnValue:
    """What this person can say at this site: that they are here, or that they leave."""
    scan = _scan()
    if scan is None:
        return render_template("today/here/too_old.html"), 410
    site = db.session.get_one(Site, scan["site"])
    running = queries.around_now(site.id, site.group_id)
    volunteer = _who(scan)
    if volunteer is not None:
        mine = [
            (one, line)
            for one in running
            for line in one.lines
            if line.volunteer.id == volunteer.id and line.face != "missing"
        ]
        return render_template(
            "today/here/mine.html", site=site, mine=mine, form=PressForm(), volunteer=volunteer
        )
    form = DigitsForm()
    sign_in = url_for("accounts.sign_in", next=session.get("scanned"))
    if scan["poster"]:
        return render_template("today/here/sign_in.html", site=site, sign_in=sign_in)
    if form.validate_on_submit():
        try:
            found = _ending_in(running, form.digits.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            session["scan"] = scan | {"candidates": found}
            return redirect(url_for("here.choose"))
    return render_template("today/here/digits.html", site=site, form=form, sign_in=sign_in)


@bp.route("/here/who", methods=["GET", "POST"])
@public
@few_tries
def choose() -> ResponseReturnValue:
    """Ask "Are you Amina K.?" of those at this site whose number ends so: one taps."""
    scan = _scan()
    if scan is None or scan["poster"] or not scan.get("candidates"):
        return redirect(url_for("here.arrive"))
    people = db.session.scalars(
        select(Volunteer).where(Volunteer.id.in_(scan["candidates"])).order_by(Volunteer.id)
    ).all()
    if request.method == "POST":
        chosen = request.form.get("volunteer_id", "")
        if chosen not in {str(person.id) for person in people}:
            abort(400)
        session["scan"] = scan | {"who": int(chosen)}
        return redirect(url_for("here.arrive"))
    names = [(person.id, shown_name(person.name)) for person in people]
    return render_template("today/here/choose.html", names=names, form=PressForm())


@bp.post("/here/<any(come, leave):step>/<int:number>")
@public
def press(step: str, number: int) -> ResponseReturnValue:
    """One tap: the sign-up that comes, or the attendance that leaves."""
    scan = _scan()
    volunteer = _who(scan) if scan else None
    if scan is None or volunteer is None:
        return redirect(url_for("here.arrive"))
    site = db.session.get_one(Site, scan["site"])
    line = _own_line(queries.around_now(site.id, site.group_id), volunteer.id, step, number)
    if line is None:
        abort(404)
    seen = Seen.POSTER if scan["poster"] else Seen.CODE
    try:
        if step == "come":
            hours.check_in(number, seen)
            flash(gettext("You are marked as here. Thank you for coming!"), "success")
        else:
            hours.check_out(number, seen)
            flash(gettext("You are marked as gone. Thank you for your time!"), "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("here.arrive"))


def _scan() -> dict[str, Any] | None:
    """What was scanned in this browser, if that is not too long ago."""
    held: dict[str, Any] | None = session.get("scan")
    if held is None or clock.now().timestamp() - int(held["at"]) > SCAN_COUNTS:
        return None
    return held


def _who(scan: dict[str, Any]) -> Volunteer | None:
    """The signed-in volunteer, or the one who was named by their number's last digits."""
    if current_user.is_authenticated:
        found = volunteers.volunteer_of(current_user.id)
        if found is not None:
            return found
    number = scan.get("who")
    if number is None or scan["poster"]:
        return None
    person = db.session.get(Volunteer, number)
    return person if person is not None and person.erased_at is None else None


def _ending_in(running: list[Running], typed: str) -> list[int]:
    """Those expected around now whose mobile ends in these four digits.

    Raises `Refusal` beside `digits`.
    """
    digits = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())
    if len(digits) != 4:
        raise Refusal(gettext("Enter the last four digits of your number, like 0123."), "digits")
    found = {
        line.volunteer.id
        for one in running
        for line in one.lines
        if (line.volunteer.phone or "").endswith(digits)
    }
    if not found:
        raise Refusal(
            gettext(
                "Nobody with that number is expected here now. "
                "Tap your name on the tablet, or speak with the person in charge."
            ),
            "digits",
        )
    return sorted(found)


def _own_line(running: list[Running], volunteer_id: int, step: str, number: int) -> Line | None:
    for one in running:
        for line in one.lines:
            row = line.signup if step == "come" else line.attendance
            if row is not None and row.id == number and line.volunteer.id == volunteer_id:
                return line
    return None
