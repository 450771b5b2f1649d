"""Hangs the feature on the app: the volunteers' pages and the managers'."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.groups import links
from app.opportunities.signals import pattern_passed_on, shifts_made
from app.signups import link_routes, manager_routes, policy_routes, privacy, routes, team_routes
from app.signups.standing import making, service
from app.signups.standing import manager_routes as standing_manager_routes
from app.signups.standing import privacy as standing_privacy
from app.signups.standing import routes as standing_routes
from app.volunteers import away
from app.volunteers.service import erasers, exporters

# Importing them hangs the views on the blueprint.
ROOMS = (
    routes,
    manager_routes,
    policy_routes,
    link_routes,
    team_routes,
    standing_routes,
    standing_manager_routes,
)
STANDING_SECONDS = 900


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    schedule.every(STANDING_SECONDS, "app.signups.standing.jobs.sweep", app)
    shifts_made.connect(_on_shifts_made)
    pattern_passed_on.connect(_on_passed_on)
    links.register(
        "Standing volunteers",
        "signups.standing_volunteers",
        "Who comes every week, until they say.",
    )
    if standing_routes.page_for_away not in away.asked_first:
        away.asked_first.append(standing_routes.page_for_away)
        away.taken_back.append(_on_back_again)
    # A standing place is forgotten first: it would make the places again.
    for room in (standing_privacy, privacy):
        if room.forget not in erasers:
            erasers.append(room.forget)
            exporters.append(room.held)


def _on_shifts_made(shift_ids: list[int]) -> None:
    making.fill(shift_ids=shift_ids)


def _on_passed_on(pattern_id: int, *, to: int) -> None:
    making.follow(pattern_id, to)


def _on_back_again(volunteer_id: int) -> None:
    service.back_again(volunteer_id)
