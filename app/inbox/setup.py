"""Hangs the feature on the app: webhooks, inbox, the sweep, the look for what was missed."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.foundation.health import register_metric
from app.inbox import cli, missed, notify_webhooks, privacy, routes, webhooks
from app.volunteers.service import erasers, exporters

ROOMS = (cli,)  # importing it hangs its command on the ledger's group


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(webhooks.bp)
    app.register_blueprint(notify_webhooks.bp)
    app.register_blueprint(routes.bp)
    schedule.every(15, "app.inbox.jobs.sweep", app)
    schedule.every(300, "app.inbox.jobs.fetch_missed", app)
    register_metric(missed.collect, app)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
