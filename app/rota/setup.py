"""Hangs the rota on the app: its pages, and their entries for a group's managers."""

from __future__ import annotations

from flask import Flask

from app.groups import links
from app.rota.changing import routes as changing
from app.rota.routes import advice, begin, bp, grid

ROOMS = (advice, begin, grid)  # importing them hangs the views on the blueprint


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    app.register_blueprint(changing.bp)
    links.register("Rota", "rota.week", "Who is in, week by week, and where it is thin.")
    links.register("Closed days", "changing.closures", "Bank holidays and days when you are shut.")
    links.register("Recent changes", "changing.recent", "Who changed the rota, and undo.")
