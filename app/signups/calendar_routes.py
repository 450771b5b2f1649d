"""A group's calendar addresses, and what every secret address answers."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import public, signed_in
from app.foundation.errors import Refusal
from app.groups import queries as groups
from app.groups.access import group_manager
from app.signups import calendars, group_calendars, screens
from app.signups.forms import CalendarForm
from app.signups.models import OCCUPYING, Names
from app.signups.routes import bp
from app.volunteers import queries as volunteers
from app.web.forms import choices, show_refusal
from app.web.pages import public_url


@bp.get("/shifts/<int:shift_id>/place.ics")
@signed_in
def place_file(shift_id: int) -> Response:
    """One's own place, for one's own calendar; 404 without one."""
    volunteer = volunteers.volunteer_of(current_user.id) or abort(404)
    signup = screens.own_signup(volunteer.id, shift_id)
    if signup is None or signup.standing not in OCCUPYING:
        abort(404)
    response = Response(calendars.single(signup), mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="shift-{shift_id}.ics"'
    return response


@bp.get("/calendar/<token>.ics")
@public
def calendar(token: str) -> ResponseReturnValue:
    """A volunteer's own shifts or a group's, to whoever has the address.

    Programs ask often: what has not changed since they last asked is answered by 304.
    """
    own = calendars.feed(token)
    if own is not None:
        return _answer(calendars.hashed(own.decode())[:32], lambda: own)
    of_group = group_calendars.feed(token)
    if of_group is None:
        abort(404)
    return _answer(of_group.tag, of_group.render)


def _answer(tag: str, content: Callable[[], bytes]) -> Response:
    known = request.if_none_match.contains(tag)
    answer = Response(b"" if known else content(), status=304 if known else 200)
    answer.content_type = "text/calendar; charset=utf-8"
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.route("/groups/<int:group_id>/calendars", methods=["GET", "POST"])
@group_manager
def group_addresses(group_id: int) -> ResponseReturnValue:
    """The group's calendar addresses that are in use, and a new one, told once."""
    form = CalendarForm()
    form.site.choices = choices(
        [("", "All sites"), *((str(site.id), site.name) for site in groups.sites_of(group_id))]
    )
    if form.validate_on_submit():
        try:
            token = group_calendars.make(
                group_id,
                int(form.site.data) if form.site.data else None,
                Names(form.names.data),
                current_user.id,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            address = public_url("signups.calendar", token=token)
            page = render_template(
                "signups/group_calendar.html", address=address, group_id=group_id
            )
            response = Response(page)
            response.headers["Cache-Control"] = "no-store"
            return response
    return render_template(
        "signups/group_calendars.html",
        form=form,
        group_id=group_id,
        in_use=group_calendars.in_use(group_id),
    )


@bp.post("/groups/<int:group_id>/calendars/<int:calendar_id>/stop")
@group_manager
def stop_group_address(group_id: int, calendar_id: int) -> ResponseReturnValue:
    if not group_calendars.stop(group_id, calendar_id):
        abort(404)
    flash("That calendar address works no more.", "success")
    return redirect(url_for("signups.group_addresses", group_id=group_id))
