"""Hangs the feature on the app: pages, and the daily task that lets patterns go on."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.opportunities import manager_routes, routes

DAY_SECONDS = 86400
ROOMS = (routes, manager_routes)  # importing them hangs the views on the blueprint


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    schedule.every(DAY_SECONDS, "app.opportunities.jobs.extend_patterns", app)
