"""The tablet in the building: first names, big buttons, and a PIN for the people in charge.

Each page but the front goes back there by itself, and the front is read
again each minute, so that its code is fresh. Whoever needs longer says so
with a link at the head of each page: it then stays ten times as long. Whoever
comes next finds it in English, whatever the last one chose.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts import session as sign_ins
from app.accounts import throttle
from app.accounts.access import public
from app.foundation import clock, languages
from app.foundation.errors import Refusal
from app.groups.models import Site
from app.hours import service as hours
from app.hours.models import Attendance, Seen
from app.today import codes, queries, service
from app.today.access import COOKIE, PATH, remember, tablet, tablet_staff, wants_more_time
from app.today.forms import NameForm, NewcomerForm, PairForm, PinForm, PressForm
from app.today.queries import Line, Running
from app.today.rules import CODE_CHANGES_EVERY, shown_names
from app.today.service.pins import OPEN_FOR
from app.volunteers.vocabulary import AgeBand
from app.web import language
from app.web.forms import show_refusal
from app.web.language import english

bp = Blueprint("tablet", __name__, template_folder="templates", url_prefix=PATH)

# Seconds after which a page that nobody touches gives way to the front.
BACK_AFTER: Final = 90
THANKS_FOR: Final = 10
# The same for somebody who needs more time: at least ten times as long (WCAG 2.2, 2.2.1).
BACK_LATER: Final = 15 * 60
# So long a wrong tap can be taken back on the tablet itself.
UNDO_WITHIN: Final = timedelta(minutes=2)


@bp.before_request
def _bare() -> None:
    g.bare_page = True  # no menu: nobody is signed in here


@bp.after_request
def _return_to_the_front(response: Response) -> Response:
    if request.endpoint != "tablet.start" and "Refresh" not in response.headers:
        response.headers["Refresh"] = f"{_stays()}; url={url_for('tablet.rest')}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _stays() -> int:
    """Seconds for which this page stays: behind the PIN, until that closes by itself."""
    until: datetime | None = g.get("staff_until")
    if until is not None:
        return max(1, ceil((until - clock.now()).total_seconds()))
    return BACK_LATER if wants_more_time() else BACK_AFTER


@bp.url_defaults
def _keep_time(endpoint: str, values: dict[str, Any]) -> None:
    # What a slow page leads to is slow too, but for the front: there the next person begins.
    if (
        endpoint not in ("tablet.front", "tablet.rest")
        and has_request_context()
        and wants_more_time()
    ):
        values.setdefault("time", "more")


@bp.context_processor
def _time() -> dict[str, Any]:
    return {"more_time": wants_more_time(), "minutes": BACK_LATER // 60}


def _site() -> Site:
    site: Site = g.device.site
    return site


def _around() -> list[Running]:
    return queries.around_now(_site().id, _site().group_id)


@bp.route("/start", methods=["GET", "POST"])
@public
@english
@throttle.by_origin
def start() -> ResponseReturnValue:
    """Make this browser a site's tablet, with a code from a manager's screen."""
    form = PairForm()
    if form.validate_on_submit():
        try:
            _device, token = service.pair(form.code.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            sign_ins.leave()  # a tablet is nobody's
            response = make_response(redirect(url_for("tablet.front")))
            remember(response, token)
            return response
    return render_template("today/tablet/start.html", form=form)


@bp.get("")
@tablet
def front() -> ResponseReturnValue:
    """Who is expected around now, and a button for each."""
    running = _around()
    response = make_response(
        render_template(
            "today/tablet/front.html",
            site=_site(),
            running=running,
            names={one.shift.id: _shown(one) for one in running},
            now=clock.now(),
            # A code that is not made anew each minute is soon too old to scan.
            code="" if wants_more_time() else codes.picture(codes.on_the_tablet(_site().id)),
        )
    )
    if languages.present() == languages.ENGLISH and not wants_more_time():
        # Once a minute, so that the code that it shows is fresh.
        response.headers["Refresh"] = str(CODE_CHANGES_EVERY)
    remember(response, request.cookies[COOKIE])
    return response


@bp.get("/rest")
@tablet
def rest() -> ResponseReturnValue:
    """The front for whoever comes next: nobody stands there now, so it speaks English again."""
    language.remember(languages.ENGLISH)
    return redirect(url_for("tablet.front"))


def _shown(one: Running) -> dict[int, str]:
    """By volunteer, the name that the room may see."""
    names = shown_names([line.volunteer.name for line in one.lines])
    return {line.volunteer.id: name for line, name in zip(one.lines, names, strict=True)}


@bp.post("/here/<int:signup_id>")
@tablet
def come(signup_id: int) -> ResponseReturnValue:
    line = _line(signup_id=signup_id)
    if line is None:
        abort(404)
    try:
        row = hours.check_in(signup_id, Seen.TABLET)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return redirect(url_for("tablet.front"))
    return _thank(row)


@bp.post("/leaving/<int:attendance_id>")
@tablet
def leave(attendance_id: int) -> ResponseReturnValue:
    if _line(attendance_id=attendance_id) is None:
        abort(404)
    try:
        row = hours.check_out(attendance_id, Seen.TABLET)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return redirect(url_for("tablet.front"))
    return _thank(row)


@bp.get("/thanks")
@tablet
def thanks() -> ResponseReturnValue:
    """Say what was noted, and let a wrong tap be taken back."""
    line = _line(attendance_id=_last())
    if line is None:
        return redirect(url_for("tablet.front"))
    response = make_response(
        render_template("today/tablet/thanks.html", line=line, site=_site(), form=PressForm())
    )
    stays = int(UNDO_WITHIN.total_seconds()) if wants_more_time() else THANKS_FOR
    response.headers["Refresh"] = f"{stays}; url={url_for('tablet.rest')}"
    return response


@bp.post("/undo")
@tablet
def undo() -> ResponseReturnValue:
    """Take back the tap that was thanked for, on this tablet and within two minutes."""
    attendance_id = _last()
    if _line(attendance_id=attendance_id) is None:
        flash(
            gettext("It is too late to take that back here. Tell the person in charge."), "warning"
        )
    else:
        session.pop("tapped", None)
        try:
            hours.undo(attendance_id, Seen.TABLET)
            flash(gettext("Taken back."), "success")
        except Refusal as refusal:
            flash(refusal.sentence, "error")
    return redirect(url_for("tablet.front"))


def _thank(row: Attendance) -> ResponseReturnValue:
    # The cookie is signed and holds a number and a moment, nobody's name.
    session["tapped"] = {"attendance": row.id, "at": int(clock.now().timestamp())}
    return redirect(url_for("tablet.thanks"))


def _last() -> int:
    """The attendance of the last tap; 0 when that is too long ago."""
    held: dict[str, Any] = session.get("tapped") or {}
    age = clock.now().timestamp() - int(held.get("at", 0))
    return int(held.get("attendance", 0)) if age <= UNDO_WITHIN.total_seconds() else 0


def _line(*, signup_id: int = 0, attendance_id: int = 0) -> Line | None:
    """The person of a tap, if they are expected at this tablet's site around now."""
    for one in _around():
        for line in one.lines:
            if line.signup is not None and line.signup.id == signup_id:
                return line
            if line.attendance is not None and line.attendance.id == attendance_id:
                return line
    return None


@bp.route("/not-on-the-list", methods=["GET", "POST"])
@tablet
def walk_in() -> ResponseReturnValue:
    """Somebody who is not on the list says who they are.

    Who stands on the group's list under exactly this name gets a place, if
    one is free; anybody else is announced to the people in charge.
    """
    form = NameForm()
    open_now = [one for one in _around() if one.can_check_in]
    form_shift = request.form.get("shift_id", "")
    chosen = [one for one in open_now if str(one.shift.id) == form_shift] or open_now[:1]
    if open_now and form.validate_on_submit():
        try:
            return _let_in(chosen[0], form.name.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template(
        "today/tablet/walk_in.html", form=form, open_now=open_now, chosen=chosen, site=_site()
    )


def _let_in(one: Running, name: str) -> ResponseReturnValue:
    found = queries.called(_site().group_id, name)
    if len(found) == 1:
        try:
            return _thank(hours.walk_in(one.shift.id, found[0], Seen.TABLET))
        except Refusal:
            pass  # why is for the person in charge, not for the room
    service.knock(one.shift.id, name)
    return render_template("today/tablet/knocked.html", site=_site())


@bp.route("/pin", methods=["GET", "POST"])
@tablet
@english
def pin() -> ResponseReturnValue:
    """Open what is behind the PIN."""
    form = PinForm()
    if form.validate_on_submit():
        try:
            service.open_staff(g.device.id, form.pin.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(url_for("tablet.staff"))
    return render_template("today/tablet/pin.html", form=form, site=_site())


@bp.post("/close")
@tablet
def close() -> ResponseReturnValue:
    """Close what is behind the PIN."""
    service.close_staff(g.device.id)
    return redirect(url_for("tablet.front"))


@bp.get("/staff")
@tablet_staff
def staff() -> ResponseReturnValue:
    """Everybody of the shifts around now, with what the person in charge can note."""
    return render_template(
        "today/tablet/staff.html",
        site=_site(),
        running=_around(),
        now=clock.now(),
        until=g.staff_until,
        is_long=g.staff_until > clock.now() + OPEN_FOR,
    )


@bp.post("/staff/<any(here, missing, due):step>/<int:signup_id>")
@tablet_staff
def staff_mark(step: str, signup_id: int) -> ResponseReturnValue:
    if _line(signup_id=signup_id) is None:
        abort(404)
    do = {"here": hours.check_in, "missing": hours.mark_missing, "due": hours.mark_due}[step]
    try:
        do(signup_id, Seen.STAFF)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("tablet.staff"))


@bp.post("/staff/<any(leave, undo):step>/<int:attendance_id>")
@tablet_staff
def staff_end(step: str, attendance_id: int) -> ResponseReturnValue:
    if _line(attendance_id=attendance_id) is None:
        abort(404)
    do = hours.check_out if step == "leave" else hours.undo
    try:
        do(attendance_id, Seen.STAFF)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("tablet.staff"))


@bp.route("/staff/let-in/<int:shift_id>", methods=["GET", "POST"])
@tablet_staff
def staff_let_in(shift_id: int) -> ResponseReturnValue:
    """The person in charge lets somebody in by name, phone and age; known ones are found."""
    one = next((one for one in _around() if one.shift.id == shift_id), None)
    if one is None:
        abort(404)
    form = NewcomerForm()
    if form.validate_on_submit():
        try:
            row = hours.newcomer(
                shift_id,
                form.name.data or "",
                form.phone.data or "",
                AgeBand(form.age_band.data),
                Seen.STAFF,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            service.answer_knocks(shift_id, form.name.data or "")
            if row.signup_id is None:
                flash("The shift is full, so they are noted as an extra.", "warning")
            return redirect(url_for("tablet.staff"))
    return render_template("today/tablet/let_in.html", form=form, one=one, site=_site())
