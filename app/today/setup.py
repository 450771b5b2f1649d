"""Hangs the feature on the app: the board, the tablet, and the codes that people scan."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.groups import links
from app.today import routes

DAILY = 24 * 3600


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    links.register("Today", "today.index", "Who is here, who is late, and who just came in.")
    schedule.every(DAILY, "app.today.jobs.forget_knocks", app)
