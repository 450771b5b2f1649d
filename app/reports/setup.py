"""Hangs the reports on the app: the count that runs by itself, what is told of a person."""

from __future__ import annotations

from typing import Final

from flask import Flask

from app.foundation import schedule
from app.reports import privacy
from app.volunteers.service import exporters

# What is marked on a shift is in the charts a few minutes later.
COUNT_SECONDS: Final = 600


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    schedule.every(COUNT_SECONDS, "app.reports.jobs.count", app)
    if privacy.held not in exporters:
        exporters.append(privacy.held)
