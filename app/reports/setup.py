"""Hangs the reports on the app: pages, the count that runs by itself, what is told of a person."""

from __future__ import annotations

from typing import Final

from flask import Flask

from app.foundation import schedule
from app.groups import links
from app.reports import privacy
from app.reports.routes import bp
from app.reports.rules import telling
from app.volunteers.service import exporters
from app.web import navigation

# What is marked on a shift is in the charts a few minutes later.
COUNT_SECONDS: Final = 600


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    app.add_template_filter(telling.hours, "chart_hours")
    navigation.register("Charts", "reports.index", "coordinator administrator")
    links.register(
        "Charts", "reports.group_index", "How full your shifts are, and the hours that people give."
    )
    schedule.every(COUNT_SECONDS, "app.reports.jobs.count", app)
    if privacy.held not in exporters:
        exporters.append(privacy.held)
