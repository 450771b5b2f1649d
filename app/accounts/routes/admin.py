"""What an administrator sees of people and of what was done."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import audit as trail
from app.accounts import queries
from app.accounts import trail as subjects
from app.accounts.access import administrator
from app.accounts.forms import ROLE_LABELS, AuditSearch, PeopleSearch, RoleForm
from app.accounts.models import CountyRole, User
from app.accounts.routes import bp
from app.accounts.service import people as service
from app.accounts.service import second_factor, sign_in
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.web.forms import choices, show_refusal


@bp.get("/admin/people")
@administrator
def people() -> ResponseReturnValue:
    """Find a user."""
    form = PeopleSearch(request.args)
    found = queries.people(form.words.data or "", form.role.data or "", _page())
    return render_template("accounts/people.html", form=form, found=found, labels=ROLE_LABELS)


@bp.route("/admin/people/<int:user_id>", methods=["GET", "POST"])
@administrator
def person(user_id: int) -> ResponseReturnValue:
    """One user: role, state, and what an administrator can do for them."""
    user = _user(user_id)
    form = RoleForm(role=user.county_role.value)
    if form.validate_on_submit():
        try:
            service.set_county_role(user_id, CountyRole(form.role.data))
            flash(f"The role of {user.name} is saved.", "success")
            return redirect(url_for("accounts.person", user_id=user_id))
        except Refusal as refusal:
            show_refusal(form, refusal)
    if request.method == "GET":
        trail.record("viewed user", subject=user)
    return render_template("accounts/person.html", form=form, user=user)


@bp.post("/admin/people/<int:user_id>/<any(disable, enable, sign_out, second_factor):wish>")
@administrator
def change_person(user_id: int, wish: str) -> ResponseReturnValue:
    """Disable or enable an account, end its sessions, or take a lost second factor off."""
    user = _user(user_id)
    act, done = {
        "disable": (service.disable, "The account is disabled."),
        "enable": (service.enable, "The account can be used again."),
        "sign_out": (sign_in.sign_out_everywhere, "They are signed out on every device."),
        "second_factor": (second_factor.remove, "Their authenticator app is taken off."),
    }[wish]
    act(user.id)
    flash(done, "success")
    return redirect(url_for("accounts.person", user_id=user_id))


@bp.get("/admin/audit")
@administrator
def audit() -> ResponseReturnValue:
    """Who saw and did what."""
    form = AuditSearch(request.args)
    form.action.choices = choices(
        [
            ("", "Everything but looks at this page"),
            (queries.SEEN, "All that was looked at"),
            (queries.DONE, "All that was changed"),
            *((one, one[:1].upper() + one[1:]) for one in queries.audit_actions()),
        ]
    )
    form.validate()
    # First the audit: a transaction forgets the rows that were read before it.
    trail.record(queries.READ)
    actor_id = request.args.get("actor", type=int)
    about_id = request.args.get("about", type=int)
    found = queries.audit_events(
        action=form.action.data or "",
        who=form.who.data or "",
        actor_id=actor_id,
        subject_id=about_id,
        since=_midnight(form.since.data),
        until=_midnight(form.until.data, after=1),
        page=_page(),
    )
    only = db.session.get(User, actor_id or about_id) if actor_id or about_id else None
    return render_template(
        "accounts/audit.html",
        form=form,
        found=found,
        about=subjects.about(found.rows),
        only=only,
        only_by=actor_id is not None,
    )


def _midnight(day: object, after: int = 0) -> datetime | None:
    """The beginning of a local day, or of one some days after."""
    if day is None:
        return None
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    return datetime.combine(day + timedelta(days=after), time(), zone)  # type: ignore[arg-type, operator] # a Day field holds a date


def _page() -> int:
    return request.args.get("page", 1, type=int)


def _user(user_id: int) -> User:
    return db.session.get(User, user_id) or abort(404)
