"""What is printed: a week's rota for the wall, and a phone list for a day without network."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import audit
from app.foundation import clock
from app.groups import queries as groups
from app.groups.access import group_manager
from app.groups.models import Site
from app.rosters import queries
from app.rosters.forms import WeekForm
from app.rosters.routes import bp
from app.rosters.rules import monday_of
from app.web.forms import choices

# The phone list is for the next days only: on paper it cannot be taken back.
DAYS: Final = 3


@bp.get("/groups/<int:group_id>/paper")
@group_manager
def paper(group_id: int) -> ResponseReturnValue:
    """Choose what to print."""
    sites = groups.sites_of(group_id)
    form = WeekForm(request.args if "day" in request.args else None)
    form.site.choices = choices((site.id, site.name) for site in sites)
    if "day" in request.args and form.validate():
        monday = monday_of(form.day.data)
        address = url_for(
            "rosters.print_rota", group_id=group_id, site_id=int(form.site.data), week=monday
        )
        return redirect(address)
    if not request.args and sites:
        form.day.data = clock.today(sites[0].zone)
    return render_template(
        "rosters/paper.html", group_id=group_id, sites=sites, form=form, days=DAYS
    )


@bp.get("/groups/<int:group_id>/sites/<int:site_id>/paper/rota")
@group_manager
def print_rota(group_id: int, site_id: int) -> ResponseReturnValue:
    """A week of one site, a page for each day: who does what, with no phone numbers."""
    site = _site(group_id, site_id)
    audit.record("printed rota", subject=site, group_id=group_id)
    site = _site(group_id, site_id)
    today = clock.today(site.zone)
    try:
        week = request.args.get("week", today, type=type(today).fromisoformat)
        monday = monday_of(week)
        sunday = monday + timedelta(days=6)
    except OverflowError:
        abort(404)
    return render_template(
        "rosters/print_rota.html",
        group_id=group_id,
        site=site,
        monday=monday,
        sunday=sunday,
        days=queries.rota_of(site, monday),
        printed_at=clock.now(),
    )


@bp.get("/groups/<int:group_id>/sites/<int:site_id>/paper/phones")
@group_manager
def print_phones(group_id: int, site_id: int) -> ResponseReturnValue:
    """Whom to ring, of those with a place in the next days; for when the network is down."""
    site = _site(group_id, site_id)
    listed = queries.phone_list(group_id, site, DAYS)
    audit.record("printed phone list", subject=site, group_id=group_id, people=len(listed))
    site = _site(group_id, site_id)
    response = render_template(
        "rosters/print_phones.html",
        group_id=group_id,
        site=site,
        listed=queries.phone_list(group_id, site, DAYS),
        days=DAYS,
        printed_at=clock.now(),
        shred_on=clock.now() + timedelta(days=DAYS),
    )
    return response, 200, {"Cache-Control": "no-store"}


def _site(group_id: int, site_id: int) -> Site:
    return groups.site_of(group_id, site_id) or abort(404)
