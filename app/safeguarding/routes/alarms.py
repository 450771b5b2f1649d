"""A group's alarms and what it has set about them."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.safeguarding import remedies, service
from app.safeguarding.forms import SettingsForm
from app.safeguarding.models import Digest
from app.safeguarding.queries import alarms as queries
from app.safeguarding.queries import groups
from app.safeguarding.routes import bp
from app.safeguarding.rules.alarms import ALONE_HOURS
from app.web.forms import show_refusal

RECENTLY = timedelta(days=7)


@bp.get("/groups/<int:group_id>/alarms")
@group_manager
def alarms(group_id: int) -> ResponseReturnValue:
    """What cannot run safely as it stands, and what to do about each."""
    found = queries.shown([group_id], with_people=True)
    if any(one.people for one in found):
        audit.record("viewed people of shift alarms", group_id=group_id)
        found = queries.shown([group_id], with_people=True)
    set_ = groups.settings_of(group_id)
    return render_template(
        "safeguarding/alarms.html",
        group=db.get_or_404(Group, group_id),
        shown=found,
        remedies=remedies.against,
        solved=queries.last_solved(group_id, clock.now() - RECENTLY),
        hours=set_.alone_hours if set_ else ALONE_HOURS,
    )


@bp.post("/groups/<int:group_id>/alarms/<int:shift_id>/seen")
@group_manager
def seen(group_id: int, shift_id: int) -> ResponseReturnValue:
    """A manager says that they deal with it."""
    if not queries.is_watched(group_id, shift_id):
        abort(404)
    service.mark_seen(group_id, shift_id, current_user.id)
    flash("Thank you. The others see that you have seen it.", "success")
    return redirect(url_for("safeguarding.alarms", group_id=group_id))


@bp.route("/groups/<int:group_id>/safety/settings", methods=["GET", "POST"])
@group_manager
def settings(group_id: int) -> ResponseReturnValue:
    """When the group is warned, and how often it is written to."""
    set_ = groups.settings_of(group_id)
    form = SettingsForm(
        data={"alone_hours": set_.alone_hours, "digest": set_.digest.value} if set_ else None
    )
    if form.validate_on_submit():
        try:
            service.change_settings(
                group_id,
                alone_hours=form.alone_hours.data or 0,
                digest=Digest(form.digest.data),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Saved.", "success")
            return redirect(url_for("safeguarding.alarms", group_id=group_id))
    return render_template(
        "safeguarding/settings.html", group=db.get_or_404(Group, group_id), form=form
    )
