"""Hangs the feature on the app: the volunteers' pages and the managers'."""

from __future__ import annotations

from flask import Flask

from app.accounts import intents
from app.foundation import schedule
from app.groups import links
from app.signups import (
    calendar_routes,
    first_place,
    first_place_routes,
    link_routes,
    manager_routes,
    new_time_routes,
    policy_routes,
    privacy,
    routes,
    team_routes,
)
from app.signups.standing import setup as standing
from app.signups.swaps import routes as swap_routes
from app.volunteers.service import erasers, exporters

MINUTE_SECONDS = 60
# Importing them hangs the views on the blueprint.
ROOMS = (
    routes,
    manager_routes,
    policy_routes,
    link_routes,
    first_place_routes,
    swap_routes,
    team_routes,
    new_time_routes,
    calendar_routes,
    *standing.ROOMS,
)


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    intents.register(first_place.NAME, first_place.INTENT)
    schedule.every(MINUTE_SECONDS, "app.signups.jobs.sweep", app)
    links.register(
        "Calendars",
        "signups.group_addresses",
        "See your shifts in your own calendar program.",
        under=links.Under.SETTINGS,
    )
    links.register("Swaps", "signups.swaps", "Who swaps shifts with whom, and what waits for you.")
    links.register(
        "Applications waiting",
        "signups.applications",
        "Who asks for a place where you say yes first.",
        under=links.Under.PEOPLE,
    )
    # A standing place is forgotten first: it would make the places again.
    standing.init_app(app)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
