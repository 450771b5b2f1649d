"""Hangs the feature on the app: its pages, the sweep, and what is taken back elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, url_for

from app.accounts import trail
from app.annual import queries
from app.annual.routes import bp
from app.annual.service import taking_back
from app.foundation import schedule
from app.stories import signals
from app.web import navigation


def _called(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    return {
        one: (words, url_for("annual.report", report_id=one))
        for one, words in queries.called(ids).items()
    }


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    schedule.every(30, "app.annual.jobs.sweep", app)
    navigation.register("Annual report", "annual.desk", "coordinator")
    trail.explain("annualreport", _called)
    navigation.add_to_foot("Annual reports", "annual.index")
    signals.study_taken_back.connect(taking_back.study)
    signals.picture_taken_back.connect(taking_back.picture)
    signals.thanks_taken_back.connect(taking_back.thanks)
