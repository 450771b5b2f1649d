"""Hangs the feature on the app: its pages, and the task that forgets old files."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.groups import links
from app.spreadsheets import service
from app.spreadsheets.routes import bp
from app.volunteers.service import erasers

HOUR_SECONDS = 3600


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    schedule.every(HOUR_SECONDS, "app.spreadsheets.jobs.forget_old_files", app)
    if service.forget_person not in erasers:
        erasers.append(service.forget_person)
    links.register(
        "Rota as a spreadsheet",
        "spreadsheets.index",
        "Take it out, change it in Excel, and bring it back.",
    )
