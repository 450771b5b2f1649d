"""What this feature adds to `/metrics`; never read from a process's memory."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.schedule import PeriodicTask
from app.inbox.models import Reply, ReplyState
from app.messaging import carrier_health
from app.messaging.holding import SendingHold
from app.operations.models import Alarm, ConservationBreach
from app.operations.queries.moment import SWEEP
from app.operations.rules.problems import Kind


def collect() -> Iterable[Metric]:
    """Replies, books, sweep, hold and alarms. Three statements."""
    now = clock.now()
    replies = select(func.count()).select_from(Reply)
    row = db.session.execute(
        select(
            replies.where(Reply.state == ReplyState.NEW).scalar_subquery().label("new"),
            select(func.min(Reply.created_at))
            .where(Reply.state == ReplyState.NEW)
            .scalar_subquery()
            .label("new_since"),
            replies.where(Reply.state == ReplyState.WAITING).scalar_subquery().label("waiting"),
            select(func.count())
            .select_from(ConservationBreach)
            .where(ConservationBreach.mended_at.is_(None))
            .scalar_subquery()
            .label("breaches"),
            select(PeriodicTask.ended_at)
            .where(PeriodicTask.path == SWEEP)
            .scalar_subquery()
            .label("swept_at"),
            select(func.count())
            .select_from(SendingHold)
            .where(SendingHold.is_open)
            .scalar_subquery()
            .label("holds"),
        )
    ).one()
    yield GaugeMetricFamily(
        "many_hands_replies_unprocessed", "Texts that came in and wait for a worker", value=row.new
    )
    yield GaugeMetricFamily(
        "many_hands_replies_unprocessed_seconds",
        "Age of the oldest text that waits for a worker",
        value=(now - row.new_since).total_seconds() if row.new_since else 0.0,
    )
    yield GaugeMetricFamily(
        "many_hands_replies_waiting", "Texts that came in and wait for a person", value=row.waiting
    )
    yield GaugeMetricFamily(
        "many_hands_conservation_breaches",
        "Urgent requests that asked another number of people than they have messages for",
        value=row.breaches,
    )
    if row.swept_at is not None:
        yield GaugeMetricFamily(
            "many_hands_sweep_age_seconds",
            "Seconds since the sweep last ended",
            value=max(0.0, (now - row.swept_at).total_seconds()),
        )
    yield GaugeMetricFamily(
        "many_hands_sending_held", "1 while a person holds all sending", value=row.holds
    )
    yield from _alarms()
    resting = carrier_health.resting_because()
    rests = GaugeMetricFamily(
        "many_hands_carrier_resting", "1 for a carrier that rests", labels=["carrier"]
    )
    for name in carrier_health.names():
        rests.add_metric([name], int(name in resting))
    yield rests


def _alarms() -> Iterable[Metric]:
    told: dict[Kind, int] = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Alarm.kind, func.count())
            .where(Alarm.is_open, Alarm.told_at.is_not(None))
            .group_by(Alarm.kind)
        )
    }
    alarms = GaugeMetricFamily(
        "many_hands_alarms", "Alarms that were told and are not over", labels=["kind"]
    )
    for kind in Kind:
        alarms.add_metric([kind.value], told.get(kind, 0))
    yield alarms
