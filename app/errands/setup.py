"""Hangs the feature on the app: its page, and the sweep that takes up what was forgotten."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_login import current_user

from app.errands import kinds, queries
from app.errands.routes import bp
from app.foundation import schedule


def _own_errands() -> list[tuple[Any, kinds.Kind]]:
    """For templates: the errands that are news to the signed-in user, with their kinds."""
    if not current_user.is_authenticated:
        return []
    return [(errand, kinds.of(errand)) for errand in queries.news(current_user.id)]


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    app.add_template_global(_own_errands, "own_errands")
    schedule.every(15, "app.errands.jobs.sweep", app)
    schedule.every(3600, "app.errands.jobs.forget_old", app)
