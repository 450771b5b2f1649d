"""Hangs the feature on the app: a group's messages to many, and what it prints."""

from __future__ import annotations

from flask import Flask

from app.groups import links
from app.rosters import paper, privacy, routes
from app.volunteers.service import erasers, exporters

ROOMS = (routes, paper)  # importing them hangs the views on the blueprint


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    links.register(
        "Messages",
        "rosters.index",
        "Write to a shift, a day or all your volunteers.",
        under=links.Under.MESSAGES,
    )
    links.register("Print", "rosters.paper", "The rota for the wall, and a phone list.")
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
