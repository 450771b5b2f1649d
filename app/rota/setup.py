"""Hangs the rota on the app: its pages, and their entries for a group's managers."""

from __future__ import annotations

from flask import Flask

from app.groups import links
from app.rota.routes import advice, begin, bp, grid

ROOMS = (advice, begin, grid)  # importing them hangs the views on the blueprint


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    links.register("Rota", "rota.week", "Who is in, week by week, and where it is thin.")
