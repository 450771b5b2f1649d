"""Hangs the feature on the app: the sweep, its heartbeat and counts, the one-tap answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from flask import Flask
from prometheus_client.core import GaugeMetricFamily, Metric

from app.foundation import clock, health, schedule
from app.reminders import privacy, queries, routes, service
from app.reminders.models import Outcome
from app.signups.signals import places_changed
from app.volunteers.service import erasers, exporters

SWEEP_SECONDS = 60
DAY_SECONDS = 86400


def _on_places_changed(
    shift_id: int, *, has_room_still: bool | None = None, **_more: object
) -> None:
    # With a word on the room that is left, somebody took a place: nothing to hold back.
    if has_room_still is None:
        service.hold_back(shift_id)


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    schedule.every(SWEEP_SECONDS, "app.reminders.jobs.sweep", app)
    schedule.every(DAY_SECONDS, "app.reminders.jobs.forget_old", app)
    health.register_check("reminders", lambda: queries.pulse().beats, app)
    health.register_metric(collect, app)
    places_changed.connect(_on_places_changed)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)


def collect() -> Iterable[Metric]:
    """The pulse, and what became of the reminders of the last day. Two statements."""
    pulse = queries.pulse()
    if pulse.since_beat is not None:
        yield GaugeMetricFamily(
            "many_hands_reminders_age_seconds",
            "Seconds since the sweep of the reminders last ended",
            value=max(0.0, pulse.since_beat.total_seconds()),
        )
    yield GaugeMetricFamily(
        "many_hands_reminders_late_seconds",
        "How late the oldest reminder is that is due and not written; 0 when none is",
        value=max(0.0, pulse.latest_is.total_seconds()) if pulse.latest_is else 0.0,
    )
    counted = GaugeMetricFamily(
        "many_hands_reminders_last_day",
        "Reminders that were due in the last 24 hours, by what became of them",
        labels=["outcome"],
    )
    hours = queries.by_hour(clock.now() - timedelta(days=1))
    for outcome in Outcome:
        counted.add_metric([outcome.value], sum(hour.number(outcome) for hour in hours))
    yield counted
