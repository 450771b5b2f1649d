"""Hangs the feature on the app: webhooks, commands, the sweep, the ledger as the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from flask import Flask, current_app
from prometheus_client.core import GaugeMetricFamily, Metric

from app.foundation import clock, outbox, queue, schedule
from app.foundation.health import register_metric
from app.messaging import carrier_health, figures, notify_webhooks, privacy, webhooks
from app.messaging.cli import cli
from app.messaging.models import State
from app.messaging.routes import bp
from app.messaging.service import LedgerOutbox, hold_back
from app.volunteers.models import Channel
from app.volunteers.service import erasers, exporters, opt_out_listeners
from app.web import banners
from app.web.navigation import register


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(webhooks.bp)
    app.register_blueprint(notify_webhooks.bp)
    app.register_blueprint(bp)
    app.cli.add_command(cli)
    outbox.register(app, LedgerOutbox())
    if _hold_back not in opt_out_listeners:
        opt_out_listeners.append(_hold_back)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
    schedule.every(15, "app.messaging.jobs.sweep", app)
    schedule.every(30, "app.messaging.jobs.reconcile", app)
    schedule.every(15, "app.messaging.jobs.check_carriers", app)
    register_metric(collect, app)
    register_metric(collect_rate, app)
    banners.add("messaging/standstill.html", carrier_health.banner)
    register("Messages", "messaging.overview", "coordinator")


def _hold_back(channel: Channel, address: str) -> None:
    hold_back(channel, address)


def collect() -> Iterable[Metric]:
    """The ledger at a glance; what has come to rest as it was last counted."""
    now = clock.now()
    counts = figures.counts()
    states = GaugeMetricFamily(
        "many_hands_messages", "Messages in the ledger by state", labels=["state"]
    )
    for state, number in counts.by_state.items():
        states.add_metric([state.value], number)
    yield states
    if counts.counted_at is not None:
        yield GaugeMetricFamily(
            "many_hands_messages_counted_age_seconds",
            "Age of the figures of the states accepted and later; the others are of this moment",
            value=(now - counts.counted_at).total_seconds(),
        )
    yield GaugeMetricFamily(
        "many_hands_messages_uncertain",
        "Messages that may have arrived or not; a person decides",
        value=counts.by_state[State.UNCERTAIN],
    )
    waiting = GaugeMetricFamily(
        "many_hands_lane_messages", "Messages of a lane that have not left", labels=["lane"]
    )
    ages = GaugeMetricFamily(
        "many_hands_lane_queue_seconds",
        "Age of the oldest message of a lane that may leave now",
        labels=["lane"],
    )
    oldest = figures.oldest_due(figures.queued())
    for lane in queue.QUEUES:
        waiting.add_metric([lane], counts.waiting(lane))
        since = oldest.get(lane)
        ages.add_metric([lane], max(0.0, (now - since).total_seconds()) if since else 0.0)
    yield waiting
    yield ages
    first = min(oldest.values(), default=None)
    yield GaugeMetricFamily(
        "many_hands_message_queue_seconds",
        "Age of the oldest message that may leave now",
        value=max(0.0, (now - first).total_seconds()) if first else 0.0,
    )
    taken = GaugeMetricFamily(
        "many_hands_accepted_last_minute",
        "Messages that began to leave within the last minute and were accepted",
        labels=["carrier"],
    )
    for name, number in figures.accepted_lately(figures.carriers(), timedelta(minutes=1)).items():
        taken.add_metric([name], number)
    yield taken


def collect_rate() -> Iterable[Metric]:
    """Read from Redis, and so apart from the ledger: it may be away."""
    ahead = GaugeMetricFamily(
        "many_hands_sender_busy_seconds",
        "Seconds for which a sender has taken its rate in advance",
        labels=["sender"],
    )
    share = GaugeMetricFamily(
        "many_hands_sender_share",
        "The share of its full rate at which a sender goes; below 1 after the carrier said 429",
        labels=["sender"],
    )
    for name, bucket in figures.senders().items():
        ahead.add_metric([name], bucket.busy_seconds)
        share.add_metric([name], bucket.share)
    yield ahead
    yield share
    yield GaugeMetricFamily(
        "many_hands_sender_segments_per_second",
        "The rate that is set for the sender of texts",
        value=float(current_app.config["SMS_SEGMENTS_PER_SECOND"]),
    )
