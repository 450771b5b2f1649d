"""The board of the day, for a group's managers: who is here, and one tap for each step."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.groups import queries as groups
from app.groups.access import group_manager
from app.groups.models import Site
from app.hours import queries as hours_queries
from app.hours import service as hours
from app.hours.models import Attendance, Seen
from app.opportunities import queries as opportunities
from app.opportunities.models import Shift
from app.signups import screens
from app.signups import service as places
from app.signups.models import Signup, Way
from app.today import queries, service
from app.today.forms import KnownForm, NewcomerForm, NotComingForm
from app.volunteers.vocabulary import AgeBand
from app.web.forms import show_refusal

bp = Blueprint("today", __name__, template_folder="templates")

# How often the page of today is read again by itself; a link on it stops that.
REFRESH_SECONDS: Final = 60
# The page of another feature, known by its name only, that finds somebody for a shift.
COVER: Final = "cover.show"


@bp.get("/groups/<int:group_id>/today")
@group_manager
def index(group_id: int) -> ResponseReturnValue:
    """The board of the group's only site, else a choice of sites."""
    sites = groups.sites_of(group_id)
    if len(sites) == 1:
        return redirect(url_for("today.board", group_id=group_id, site_id=sites[0].id))
    return render_template("today/sites.html", group_id=group_id, sites=sites)


@bp.get("/groups/<int:group_id>/today/<int:site_id>")
@group_manager
def board(group_id: int, site_id: int) -> ResponseReturnValue:
    site = site_of(group_id, site_id)
    today = clock.today(site.zone)
    day = _day(request.args.get("day", ""), today)
    audit.record("viewed board", subject=site, group_id=group_id, day=day.isoformat())
    site = site_of(group_id, site_id)
    found = queries.board(site.id, group_id, site.zone, day)
    is_still = "still" in request.args or day != today
    page: Response = make_response(
        render_template(
            "today/board.html",
            group_id=group_id,
            site=site,
            sites=groups.sites_of(group_id),
            board=found,
            today=today,
            before=day - timedelta(days=1),
            after=day + timedelta(days=1),
            is_still=is_still,
            now=clock.now(),
            cover=_cover_pages(group_id, found),
        )
    )
    if not is_still:
        page.headers["Refresh"] = str(REFRESH_SECONDS)
    return page


@bp.post("/groups/<int:group_id>/signups/<int:signup_id>/<any(here, missing, due):step>")
@group_manager
def mark(group_id: int, signup_id: int, step: str) -> ResponseReturnValue:
    """One tap: they are here, did not come, or are expected again after all."""
    signup = _signup(group_id, signup_id)
    shift_id, site_id = signup.shift_id, signup.shift.site_id
    do = {"here": hours.check_in, "missing": hours.mark_missing, "due": hours.mark_due}[step]
    try:
        do(signup_id, Seen.BOARD, by_user_id=current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _to_board(group_id, site_id, shift_id)


@bp.post("/groups/<int:group_id>/attendances/<int:attendance_id>/<any(leave, undo):step>")
@group_manager
def end(group_id: int, attendance_id: int, step: str) -> ResponseReturnValue:
    """One tap: they leave; or the last step is taken back."""
    row = _attendance(group_id, attendance_id)
    shift_id, site_id = row.shift_id, row.shift.site_id
    do = hours.check_out if step == "leave" else hours.undo
    try:
        do(attendance_id, Seen.BOARD, by_user_id=current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _to_board(group_id, site_id, shift_id)


@bp.route("/groups/<int:group_id>/signups/<int:signup_id>/not-coming", methods=["GET", "POST"])
@group_manager
def not_coming(group_id: int, signup_id: int) -> ResponseReturnValue:
    """Somebody rang to say that they cannot come: their place is free at once."""
    signup = _signup(group_id, signup_id)
    shift_id, volunteer_id = signup.shift_id, signup.volunteer_id
    site_id, name = signup.shift.site_id, signup.volunteer.name
    form = NotComingForm()
    if form.validate_on_submit():
        try:
            places.withdraw(
                shift_id,
                volunteer_id,
                way=Way.MANAGER,
                reason=(form.reason.data or "").strip(),
                by_user_id=current_user.id,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"{name} is off the shift, and the place is free.", "success")
            return _to_board(group_id, site_id, shift_id)
    return render_template(
        "today/not_coming.html",
        form=form,
        signup=_signup(group_id, signup_id),
        shift=opportunities.shift_of(group_id, shift_id),
    )


@bp.get("/groups/<int:group_id>/shifts/<int:shift_id>/walk-in")
@group_manager
def walk_in(group_id: int, shift_id: int) -> ResponseReturnValue:
    return _show_walk_in(opportunities.shift_of(group_id, shift_id), KnownForm(), NewcomerForm())


@bp.post("/groups/<int:group_id>/shifts/<int:shift_id>/walk-in/known")
@group_manager
def walk_in_known(group_id: int, shift_id: int) -> ResponseReturnValue:
    """Somebody of the group's list came without a place."""
    shift = opportunities.shift_of(group_id, shift_id)
    form = KnownForm()
    typed = form.volunteer_id.data or ""
    number = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    if form.validate_on_submit():
        try:
            if number not in screens.on_list(group_id, [number]):
                raise Refusal("Choose somebody from the list.")
            row = hours.walk_in(shift_id, number, Seen.BOARD, by_user_id=current_user.id)
        except Refusal as refusal:
            show_refusal(form, Refusal(refusal.sentence))
        else:
            return _came(group_id, row)
    return _show_walk_in(shift, form, NewcomerForm(formdata=None))


@bp.post("/groups/<int:group_id>/shifts/<int:shift_id>/walk-in/new")
@group_manager
def walk_in_new(group_id: int, shift_id: int) -> ResponseReturnValue:
    """Somebody came whom the group does not know yet."""
    shift = opportunities.shift_of(group_id, shift_id)
    form = NewcomerForm()
    if form.validate_on_submit():
        try:
            row = hours.newcomer(
                shift_id,
                form.name.data or "",
                form.phone.data or "",
                AgeBand(form.age_band.data),
                Seen.BOARD,
                by_user_id=current_user.id,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            service.answer_knocks(shift_id, form.name.data or "")
            return _came(group_id, row)
    return _show_walk_in(shift, KnownForm(formdata=None), form)


@bp.post("/groups/<int:group_id>/shifts/<int:shift_id>/knocks")
@group_manager
def answer_knock(group_id: int, shift_id: int) -> ResponseReturnValue:
    """Somebody at the door has been seen to."""
    shift = opportunities.shift_of(group_id, shift_id)
    site_id = shift.site_id
    service.answer_knocks(shift_id, request.form.get("name", "")[:100])
    return _to_board(group_id, site_id, shift_id)


def _cover_pages(group_id: int, found: queries.Board) -> dict[int, str]:
    """Where to find cover for each shift that is short of people, if there is such a page."""
    if COVER not in current_app.view_functions:
        return {}
    return {
        one.shift.id: url_for(COVER, group_id=group_id, shift_id=one.shift.id)
        for one in found.running
        if one.short or one.missing
    }


def _show_walk_in(shift: Shift, known: KnownForm, newcomer: NewcomerForm) -> str:
    group_id = shift.opportunity.group_id
    who = request.args.get("who", "").strip()[:80]
    return render_template(
        "today/walk_in.html",
        shift=shift,
        group_id=group_id,
        who=who,
        known=known,
        newcomer=newcomer,
        addable=screens.can_be_added(group_id, shift.id, who),
    )


def _came(group_id: int, row: Attendance) -> ResponseReturnValue:
    name, site_id, shift_id = row.volunteer.name, row.shift.site_id, row.shift_id
    if row.signup_id is None:
        words = "is here as an extra: the shift is full, so they take no place. Their time counts."
        flash(f"{name} {words}", "warning")
    else:
        flash(f"{name} has a place and is here.", "success")
    return _to_board(group_id, site_id, shift_id)


def _to_board(group_id: int, site_id: int, shift_id: int) -> ResponseReturnValue:
    where = url_for("today.board", group_id=group_id, site_id=site_id)
    return redirect(f"{where}#shift-{shift_id}")


def _day(text: str, today: date) -> date:
    """A day of an address, if it is one within a year of today; else today."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs(day - today) <= timedelta(days=366) else today


def site_of(group_id: int, site_id: int) -> Site:
    """A site of this group, or 404."""
    site = groups.site_of(group_id, site_id)
    if site is None:
        abort(404)
    return site


def _signup(group_id: int, signup_id: int) -> Signup:
    signup = screens.signup_of_group(group_id, signup_id)
    if signup is None:
        abort(404)
    return signup


def _attendance(group_id: int, attendance_id: int) -> Attendance:
    row = hours_queries.attendance_of_group(group_id, attendance_id)
    if row is None:
        abort(404)
    return row
