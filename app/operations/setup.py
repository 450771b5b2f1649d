"""Hangs the feature on the app: the page, the checks in the schedule, the metrics."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.foundation.health import register_metric
from app.operations import metrics
from app.operations.routes import bp
from app.web.navigation import register


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    schedule.every(30, "app.operations.jobs.check", app)
    schedule.every(60, "app.operations.jobs.check_books", app)
    schedule.every(60, "app.operations.jobs.count_messages", app)
    schedule.every(24 * 60 * 60, "app.operations.jobs.learn_rows", app)
    register_metric(metrics.collect, app)
    register("Operations", "operations.index", "administrator")
