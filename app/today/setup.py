"""Hangs the feature on the app: the board, the tablet, and the codes that people scan."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.groups import links
from app.today import here_routes, routes, site_routes, tablet_routes

ROOMS = (routes, site_routes)  # importing them hangs the views on the blueprint
DAILY = 24 * 3600


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    for room in (routes, tablet_routes, here_routes):
        app.register_blueprint(room.bp)
    links.register("Today", "today.index", "Who is here, who is late, and who just came in.")
    schedule.every(DAILY, "app.today.jobs.forget_knocks", app)
