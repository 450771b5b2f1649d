"""Hangs the feature on the app: its pages, and the sweep that takes up what was forgotten."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.groups import links
from app.suggestions import privacy
from app.suggestions.routes import bp
from app.volunteers.service import erasers, exporters


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    schedule.every(30, "app.suggestions.jobs.sweep", app)
    links.register(
        "Suggest a rota",
        "suggestions.start",
        "Who could take the open places of the coming weeks: a draft, yours to change.",
    )
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
