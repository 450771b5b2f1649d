"""Hangs the feature on the app: the volunteers' pages and the managers'."""

from __future__ import annotations

from flask import Flask

from app.signups import (
    link_routes,
    manager_routes,
    new_time_routes,
    policy_routes,
    privacy,
    routes,
    team_routes,
)
from app.volunteers.service import erasers, exporters

# Importing them hangs the views on the blueprint.
ROOMS = (routes, manager_routes, policy_routes, link_routes, team_routes, new_time_routes)


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
