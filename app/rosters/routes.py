"""A group's messages to many of its people: written, looked at, sent, held."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.groups import queries as groups
from app.groups.access import group_manager
from app.messaging.models import RunState
from app.opportunities import queries as opportunities
from app.rosters import queries, service
from app.rosters.forms import DayForm, MessageForm, SendForm
from app.rosters.models import RosterMessage, Scope
from app.rosters.rules import MOST_A_DAY
from app.volunteers.models import Channel
from app.web.filters import plural, spoken_day, spoken_when
from app.web.forms import choices, show_refusal

bp = Blueprint("rosters", __name__, template_folder="templates")

_WISHES = {"pause": RunState.PAUSED, "go-on": RunState.RUNNING, "stop": RunState.STOPPED}
_SAID = {
    "pause": "Paused: nothing more leaves until you press Go on.",
    "go-on": "It goes on.",
}


@bp.get("/groups/<int:group_id>/messages")
@group_manager
def index(group_id: int) -> ResponseReturnValue:
    """The group's messages, and who may be written to."""
    sites = groups.sites_of(group_id)
    form = DayForm(request.args if "day" in request.args else None)
    form.site.choices = choices((site.id, site.name) for site in sites)
    if "day" in request.args and form.validate():
        return redirect(
            url_for("rosters.new", group_id=group_id, site=form.site.data, day=form.day.data)
        )
    if not request.args and sites:
        form.day.data = clock.today(sites[0].zone)
    return render_template(
        "rosters/index.html",
        group_id=group_id,
        form=form,
        sites=sites,
        messages=queries.latest(group_id),
        about=about,
    )


@bp.route("/groups/<int:group_id>/messages/new", methods=["GET", "POST"])
@group_manager
def new(group_id: int) -> ResponseReturnValue:
    """Write to a shift's people, a day's at a site, or the group's."""
    whose = _whose(group_id)
    form = _form(group_id, None)
    if form.validate_on_submit():
        message = service.draft(group_id, current_user.id, whose | _said(form, whose))
        return redirect(url_for("rosters.show", group_id=group_id, message_id=message.id))
    return _write(group_id, form, RosterMessage(group_id=group_id, **whose))


@bp.route("/groups/<int:group_id>/messages/<int:message_id>/change", methods=["GET", "POST"])
@group_manager
def change(group_id: int, message_id: int) -> ResponseReturnValue:
    message = queries.message_of(group_id, message_id)
    if message.sent_at is not None:
        return redirect(url_for("rosters.show", group_id=group_id, message_id=message_id))
    form = _form(group_id, message)
    if form.validate_on_submit():
        try:
            service.change(group_id, message_id, _said(form, {"scope": message.scope}))
        except Refusal as refusal:
            show_refusal(form, refusal)
            message = queries.message_of(group_id, message_id)
        else:
            return redirect(url_for("rosters.show", group_id=group_id, message_id=message_id))
    return _write(group_id, form, message)


@bp.get("/groups/<int:group_id>/messages/<int:message_id>")
@group_manager
def show(group_id: int, message_id: int) -> ResponseReturnValue:
    """A second look at a draft; how far a sent one has come."""
    return _show(group_id, message_id, SendForm())


@bp.post("/groups/<int:group_id>/messages/<int:message_id>/send")
@group_manager
def send(group_id: int, message_id: int) -> ResponseReturnValue:
    queries.message_of(group_id, message_id)
    form = SendForm()
    if form.validate_on_submit():
        try:
            sent = service.send(
                group_id,
                message_id,
                current_user.id,
                although_many=bool(form.although_many.data),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
            return _show(group_id, message_id, form)
        if sent:
            flash("Sent. See below how far it is.", "success")
        else:
            flash("This message had been sent already. Nobody got it twice.", "info")
    return redirect(url_for("rosters.show", group_id=group_id, message_id=message_id))


@bp.post("/groups/<int:group_id>/messages/<int:message_id>/<any('pause', 'go-on', 'stop'):wish>")
@group_manager
def steer(group_id: int, message_id: int, wish: str) -> ResponseReturnValue:
    queries.message_of(group_id, message_id)
    try:
        held = service.steer(group_id, message_id, _WISHES[wish])
        stopped = f"Stopped. {plural(held, 'message was', 'messages were')} held back."
        flash(_SAID.get(wish, stopped), "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("rosters.show", group_id=group_id, message_id=message_id))


@bp.post("/groups/<int:group_id>/messages/<int:message_id>/drop")
@group_manager
def drop(group_id: int, message_id: int) -> ResponseReturnValue:
    queries.message_of(group_id, message_id)
    try:
        service.drop(group_id, message_id)
        flash("The draft is gone.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("rosters.index", group_id=group_id))


def _show(group_id: int, message_id: int, form: SendForm) -> str:
    message = queries.message_of(group_id, message_id)
    audit.record("viewed whom a message reaches", subject=message, group_id=group_id)
    # Writing the trail has closed what was read before it.
    message = queries.message_of(group_id, message_id)
    here = {"group_id": group_id, "message": message, "about": about(message)}
    if message.sent_at is not None:
        return render_template("rosters/sent.html", progress=queries.progress(message), **here)
    by_text = message.channel == Channel.SMS
    sent_lately = service.sent_lately(group_id)
    return render_template(
        "rosters/check.html",
        form=form,
        look=queries.look(message),
        by_text=by_text,
        mail=None if by_text else service.email_of(message),
        sent_lately=sent_lately,
        is_many=sent_lately >= MOST_A_DAY,
        **here,
    )


def _write(group_id: int, form: MessageForm, message: RosterMessage) -> str:
    return render_template(
        "rosters/write.html",
        form=form,
        group_id=group_id,
        about=about(message),
        of_group=message.scope == Scope.GROUP,
    )


def _whose(group_id: int) -> dict[str, Any]:
    """Whose people a new message is for, by the address; 404 for what is not the group's."""
    if "shift" in request.args:
        shift = opportunities.shift_of(group_id, request.args.get("shift", 0, type=int))
        return {"scope": Scope.SHIFT, "shift_id": shift.id}
    if "day" in request.args:
        site = groups.site_of(group_id, request.args.get("site", 0, type=int)) or abort(404)
        try:
            day = date.fromisoformat(request.args["day"])
        except ValueError:
            abort(404)
        return {"scope": Scope.DAY, "site_id": site.id, "day": day}
    return {"scope": Scope.GROUP}


def _form(group_id: int, message: RosterMessage | None) -> MessageForm:
    roles = [listed.opportunity for listed in opportunities.for_managers(group_id)]
    kept = (
        {}
        if message is None
        else {
            "role": str(message.opportunity_id or ""),
            "this_week": message.this_week,
            "channel": message.channel.value,
            "subject": message.subject,
            "body": message.body,
        }
    )
    form = MessageForm(data=kept) if message is not None else MessageForm()
    form.role.choices = choices(
        [
            ("", "All on our list"),
            *((str(role.id), f"Those who help as: {role.title}") for role in roles),
        ]
    )
    return form


def _said(form: MessageForm, whose: dict[str, Any]) -> dict[str, Any]:
    of_group = whose["scope"] == Scope.GROUP
    return {
        "opportunity_id": int(form.role.data) if of_group and form.role.data else None,
        "this_week": bool(of_group and form.this_week.data),
        "channel": Channel(form.channel.data),
        "subject": (form.subject.data or "").strip(),
        "body": (form.body.data or "").replace("\r\n", "\n").strip(),
    }


def about(message: RosterMessage) -> str:
    """Whom a message is for, in words: "Everybody on Desk, tomorrow, 9 to 11am"."""
    if message.scope == Scope.SHIFT:
        shift = message.shift or (
            opportunities.shift_of(message.group_id, message.shift_id) if message.shift_id else None
        )
        if shift is None:
            return "A shift that is not there any more"
        said = spoken_when(shift.starts_at, shift.ends_at, shift.site.zone, inside=True)
        return f"Everybody on {shift.opportunity.title}, {said}"
    if message.scope == Scope.DAY:
        site = message.site or (
            groups.site_of(message.group_id, message.site_id) if message.site_id else None
        )
        if site is None or message.day is None:
            return "A site that is not there any more"
        return f"Everybody at {site.name} on {spoken_day(message.day, site.zone)}"
    said = (
        f"Volunteers who help as {message.opportunity.title}"
        if message.opportunity
        else "Your volunteers"
    )
    return f"{said} with a place in the next seven days" if message.this_week else said
