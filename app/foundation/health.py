"""What monitors ask: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, cast

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from rq import Queue
from sqlalchemy import String, delete, func, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock, queue
from app.foundation.extensions import csrf, db, limiter
from app.foundation.model import Model
from app.foundation.schedule import PeriodicTask
from app.foundation.transaction import transaction
from app.foundation.upsert import rows_changed

log = logging.getLogger(__name__)
bp = Blueprint("health", __name__)

WORKER_SILENT_AFTER: Final = timedelta(seconds=60)
FORGET_WORKERS_AFTER: Final = timedelta(days=1)


class WorkerHeartbeat(Model):
    """When a worker process last said that it is alive; needs no Redis."""

    name: Mapped[str] = mapped_column(String(120), unique=True)
    at: Mapped[datetime]


def beat(name: str) -> None:
    """Note that the worker of this name is alive, and forget those long gone."""
    now = clock.now()
    with transaction():
        changed = db.session.execute(
            update(WorkerHeartbeat).where(WorkerHeartbeat.name == name).values(at=now)
        )
        if not rows_changed(changed):
            db.session.execute(insert(WorkerHeartbeat).values(name=name, at=now, created_at=now))
            gone = WorkerHeartbeat.at < now - FORGET_WORKERS_AFTER
            db.session.execute(delete(WorkerHeartbeat).where(gone))


def fall_silent(name: str) -> None:
    """Take away the heartbeat of a worker that ends in good order."""
    with transaction():
        db.session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.name == name))


def register_metric(collect: Callable[[], Iterable[Metric]], app: Flask | None = None) -> None:
    """Add to `/metrics` what `collect` returns each time it is asked.

    It reads from the database or Redis, never from this process's memory:
    several web processes answer, and each must tell the same.
    """
    (app or current_app).extensions.setdefault("metrics", []).append(collect)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Alive: this process answers. Says nothing of what it depends on."""
    return jsonify(alive="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Ready: each thing that the service needs, `ok` or `failed`; 503 if any failed."""
    checks: dict[str, Callable[[], bool]] = {
        "database": _database_answers,
        "redis": _redis_answers,
        "worker": _a_worker_is_alive,
        "migrations": schema_is_current,
    }
    result = {name: "ok" if _holds(name, check) else "failed" for name, check in checks.items()}
    return jsonify(result), 200 if set(result.values()) == {"ok"} else 503


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus text; a part that cannot be read is left out, not the whole."""
    registry = CollectorRegistry(auto_describe=False)
    collectors = [_ours, _queues, *current_app.extensions.get("metrics", [])]
    registry.register(cast(Collector, _Gathered(collectors)))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        # Whatever stands in the way, the answer is "not ready"; the log has the cause.
        log.warning("the readiness check of %s failed", name, exc_info=True)
        db.session.rollback()
        return False


def _database_answers() -> bool:
    return bool(db.session.scalar(text("SELECT 1")) == 1)


def _redis_answers() -> bool:
    return bool(queue.connection().ping())


def _a_worker_is_alive() -> bool:
    latest = db.session.scalar(select(func.max(WorkerHeartbeat.at)))
    return latest is not None and latest > clock.now() - WORKER_SILENT_AFTER


def schema_is_current() -> bool:
    """Whether the database has every migration that the code has."""
    config = current_app.extensions["migrate"].migrate.get_config()
    wanted = set(ScriptDirectory.from_config(config).get_heads())
    found = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    return bool(wanted) and wanted == found


class _Gathered:
    """Asks each part for its metrics at the moment of the scrape."""

    def __init__(self, collectors: list[Callable[[], Iterable[Metric]]]) -> None:
        self.collectors = collectors

    def collect(self) -> Iterable[Metric]:
        for collect in self.collectors:
            try:
                yield from list(collect())
            except Exception:
                # One part that fails must not blind the operator to the rest.
                log.exception("a metric could not be read")
                db.session.rollback()


def _ours() -> Iterable[Metric]:
    now = clock.now()
    workers = db.session.scalar(
        select(func.count())
        .select_from(WorkerHeartbeat)
        .where(WorkerHeartbeat.at > now - WORKER_SILENT_AFTER)
    )
    yield GaugeMetricFamily(
        "many_hands_workers", "Worker processes heard from in the last minute", value=workers or 0
    )
    failures = CounterMetricFamily(
        "many_hands_periodic_failures", "Failed runs of a periodic task", labels=["task"]
    )
    since = GaugeMetricFamily(
        "many_hands_periodic_age_seconds",
        "Seconds since a periodic task last ended",
        labels=["task"],
    )
    for path, count, ended_at in db.session.execute(
        select(PeriodicTask.path, PeriodicTask.failures, PeriodicTask.ended_at)
    ):
        failures.add_metric([path], count)
        if ended_at is not None:
            since.add_metric([path], (now - ended_at).total_seconds())
    yield failures
    yield since


def _queues() -> Iterable[Metric]:
    waiting = GaugeMetricFamily(
        "many_hands_queue_jobs", "Jobs that wait in a queue", labels=["queue"]
    )
    for name in queue.QUEUES:
        waiting.add_metric([name], Queue(name, connection=queue.connection()).count)
    yield waiting


def init_app(app: Flask) -> None:
    csrf.exempt(bp)
    limiter.exempt(bp)
    app.register_blueprint(bp)
