"""From nothing to a week of shifts, on one page."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group, GroupKind
from app.opportunities import queries as opportunities
from app.opportunities.service import Details
from app.rota.forms.begin import BeginForm
from app.rota.routes import bp
from app.rota.service.begin import Week, set_up_week
from app.volunteers.vocabulary import Activity
from app.web.filters import plural
from app.web.forms import choices, show_refusal

# What a role of such a group is mostly about; can be changed with the rest of the role.
_ACTIVITIES = {
    GroupKind.LIBRARY: Activity.LIBRARY_DESK,
    GroupKind.FOOD_BANK: Activity.FOOD,
    GroupKind.RESPONSE: Activity.EMERGENCY,
}


@bp.route("/groups/<int:group_id>/rota/begin", methods=["GET", "POST"])
@group_manager
def begin(group_id: int) -> ResponseReturnValue:
    """One form makes a role, published, with all its shifts."""
    group = db.session.get(Group, group_id)
    if group is None:
        abort(404)
    sites = opportunities.sites_of(group_id)
    if not sites:
        flash("Add a site first: the place where people help.", "warning")
        return redirect(url_for("groups.new_site", group_id=group_id))
    today = clock.today(current_app.config["TIMEZONE"])
    form = BeginForm(first_day=today, last_day=today + timedelta(days=365))
    form.site_id.choices = choices((site.id, f"{site.name}, {site.postcode}") for site in sites)
    if form.validate_on_submit():
        details = Details(
            title=form.title.data or "",
            summary=form.summary.data or "",
            site_id=form.site_id.data,
            minimum_age=form.minimum_age.data,
            activity=_ACTIVITIES.get(group.kind, Activity(0)),
        )
        week = Week(
            openings=form.openings(),
            longest_hours=int(form.longest.data) if form.longest.data else None,
            first_day=form.first_day.data,
            last_day=form.last_day.data,
        )
        try:
            opportunity, made = set_up_week(group_id, details, week)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(
                f"{plural(made, 'shift')} made, and people can find the role. Later ones are made "
                "by themselves as they come nearer.",
                "success",
            )
            return redirect(
                url_for(
                    "rota.week",
                    group_id=group_id,
                    role=opportunity.id,
                    on=max(today, week.first_day).isoformat(),
                )
            )
    return render_template("rota/begin.html", form=form, group=group)
