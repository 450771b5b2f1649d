"""Hangs the feature on the app: its pages, and the task that forgets old files."""

from __future__ import annotations

from typing import Final

from flask import Flask, url_for

from app.errands import kinds
from app.errands.kinds import Kind
from app.errands.models import Errand
from app.foundation import schedule
from app.groups import links
from app.spreadsheets import service
from app.spreadsheets.routes import bp
from app.volunteers.service import erasers

HOUR_SECONDS = 3600


def _look_page(errand: Errand) -> str:
    return url_for("spreadsheets.look", group_id=errand.group_id, import_id=errand.about_id)


def _choose_page(errand: Errand) -> str:
    return url_for("spreadsheets.index", group_id=errand.group_id)


ERRANDS: Final = (
    Kind(
        service.LOOK,
        "import",
        service.look,
        _look_page,
        "See what will happen",
        _choose_page,
    ),
    Kind(
        service.APPLY,
        "import",
        service.apply_errand,
        _look_page,
        "See what was done",
        _look_page,
    ),
)


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    for kind in ERRANDS:
        kinds.register(kind)
    schedule.every(HOUR_SECONDS, "app.spreadsheets.jobs.forget_old_files", app)
    if service.forget_person not in erasers:
        erasers.append(service.forget_person)
    links.register(
        "Rota as a spreadsheet",
        "spreadsheets.index",
        "Take it out, change it in Excel, and bring it back.",
    )
