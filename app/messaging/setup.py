"""Hangs the feature on the app: webhooks, commands, the sweep, the ledger as the outbox."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask
from prometheus_client.core import GaugeMetricFamily, Metric

from app.foundation import clock, outbox, schedule
from app.foundation.health import register_metric
from app.messaging import privacy, queries, webhooks
from app.messaging.cli import cli
from app.messaging.routes import bp
from app.messaging.service import LedgerOutbox, hold_back
from app.volunteers.models import Channel
from app.volunteers.service import erasers, exporters, opt_out_listeners
from app.web.navigation import register


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(webhooks.bp)
    app.register_blueprint(bp)
    app.cli.add_command(cli)
    outbox.register(app, LedgerOutbox())
    if _hold_back not in opt_out_listeners:
        opt_out_listeners.append(_hold_back)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
    schedule.every(15, "app.messaging.jobs.sweep", app)
    schedule.every(120, "app.messaging.jobs.reconcile", app)
    register_metric(collect, app)
    register("Messages", "messaging.overview", "coordinator")


def _hold_back(channel: Channel, address: str) -> None:
    hold_back(channel, address)


def collect() -> Iterable[Metric]:
    """How many messages are in each state, and how long the oldest has waited."""
    states = GaugeMetricFamily(
        "many_hands_messages", "Messages in the ledger by state", labels=["state"]
    )
    for state, number in queries.counts().items():
        states.add_metric([state.value], number)
    yield states
    oldest = queries.oldest_due()
    age = max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
    yield GaugeMetricFamily(
        "many_hands_message_queue_seconds", "Age of the oldest message that is due", value=age
    )
