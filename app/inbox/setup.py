"""Hangs the feature on the app: the webhooks, the inbox, the sweep of stored replies."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.inbox import notify_webhooks, privacy, routes, webhooks
from app.volunteers.service import erasers, exporters


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(webhooks.bp)
    app.register_blueprint(notify_webhooks.bp)
    app.register_blueprint(routes.bp)
    schedule.every(15, "app.inbox.jobs.sweep", app)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
