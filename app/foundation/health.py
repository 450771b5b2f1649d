"""What monitors ask: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
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
from app.foundation.schedule import SCHEDULE, PeriodicTask, ScheduleLease
from app.foundation.transaction import transaction
from app.foundation.upsert import rows_changed

log = logging.getLogger(__name__)
bp = Blueprint("health", __name__)

WORKER_SILENT_AFTER: Final = timedelta(seconds=60)
# The longest that a task may hold up the others; whoever holds the schedule begins one
# every few seconds otherwise.
SCHEDULE_SILENT_AFTER: Final = timedelta(minutes=5)
FORGET_WORKERS_AFTER: Final = timedelta(days=1)


class WorkerHeartbeat(Model):
    """When a worker process last said that it is alive, and what it serves; needs no Redis."""

    name: Mapped[str] = mapped_column(String(120), unique=True)
    at: Mapped[datetime]
    # The names of foundation.queue with commas between, in the order in which it looks at them.
    queues: Mapped[str] = mapped_column(String(120), default="")

    @property
    def serves(self) -> list[str]:
        return [name for name in self.queues.split(",") if name]


def beat(name: str, queues: Sequence[str] = ()) -> None:
    """Note that the worker of this name is alive, and forget those long gone."""
    now = clock.now()
    said = {"at": now, "queues": ",".join(queues)}
    with transaction():
        changed = db.session.execute(
            update(WorkerHeartbeat).where(WorkerHeartbeat.name == name).values(said)
        )
        if not rows_changed(changed):
            row = {"name": name, "created_at": now, **said}
            db.session.execute(insert(WorkerHeartbeat).values(row))
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


def register_check(name: str, holds: Callable[[], bool], app: Flask | None = None) -> None:
    """Add to `/readyz` something that a feature needs to be going on.

    `holds` runs one small statement, and raises or says no when it is not.
    """
    (app or current_app).extensions.setdefault("checks", {})[name] = holds


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Alive: this process answers. Says nothing of what it depends on."""
    return jsonify(alive="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Ready: each thing that the service needs, `ok` or `failed`; 503 if any failed.

    A small read for each, none of which grows with the ledger. `schedule` is the
    one that no alarm by email can tell of, because the schedule sends them.
    """
    checks: dict[str, Callable[[], bool]] = {
        "database": _database_answers,
        "redis": _redis_answers,
        "worker": _a_worker_is_alive,
        "schedule": the_schedule_goes_on,
        "migrations": schema_is_current,
        **current_app.extensions.get("checks", {}),
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


def the_schedule_goes_on() -> bool:
    """Whether somebody holds the schedule and has begun a periodic task lately."""
    row = db.session.execute(
        select(
            select(ScheduleLease.until).where(ScheduleLease.name == SCHEDULE).scalar_subquery(),
            select(func.max(PeriodicTask.began_at)).scalar_subquery(),
        )
    ).one()
    until, began_at = row
    now = clock.now()
    return (
        until is not None
        and began_at is not None
        and until > now - WORKER_SILENT_AFTER
        and began_at > now - SCHEDULE_SILENT_AFTER
    )


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
    yield from _workers()
    yield from _tasks()


def _workers() -> Iterable[Metric]:
    now = clock.now()
    # Those that fell silent without a word are kept for a day, and told by their age.
    known = db.session.execute(select(WorkerHeartbeat.at, WorkerHeartbeat.queues)).all()
    alive = [row for row in known if row.at > now - WORKER_SILENT_AFTER]
    yield GaugeMetricFamily(
        "many_hands_workers", "Worker processes heard from in the last minute", value=len(alive)
    )
    serving = GaugeMetricFamily(
        "many_hands_workers_serving",
        "Worker processes heard from in the last minute that serve a queue",
        labels=["queue"],
    )
    for name in queue.QUEUES:
        serving.add_metric([name], sum(name in row.queues.split(",") for row in alive))
    yield serving
    if known:
        ages = [(now - row.at).total_seconds() for row in known]
        yield GaugeMetricFamily(
            "many_hands_worker_heartbeat_newest_age_seconds",
            "Seconds since any worker was last heard from",
            value=max(0.0, min(ages)),
        )
        yield GaugeMetricFamily(
            "many_hands_worker_heartbeat_oldest_age_seconds",
            "Seconds since the worker that has been silent longest was heard from",
            value=max(0.0, max(ages)),
        )


def _tasks() -> Iterable[Metric]:
    now = clock.now()
    failures = CounterMetricFamily(
        "many_hands_periodic_failures", "Failed runs of a periodic task", labels=["task"]
    )
    since = GaugeMetricFamily(
        "many_hands_periodic_age_seconds",
        "Seconds since a periodic task last ended",
        labels=["task"],
    )
    failing = GaugeMetricFamily(
        "many_hands_periodic_failing_seconds",
        "Seconds for which a periodic task has failed each time; 0 while it does well",
        labels=["task"],
    )
    for path, count, ended_at, failing_since in db.session.execute(
        select(
            PeriodicTask.path,
            PeriodicTask.failures,
            PeriodicTask.ended_at,
            PeriodicTask.failing_since,
        )
    ):
        failures.add_metric([path], count)
        if ended_at is not None:
            since.add_metric([path], (now - ended_at).total_seconds())
        age = (now - failing_since).total_seconds() if failing_since else 0.0
        failing.add_metric([path], age)
    yield failures
    yield since
    yield failing
    until = db.session.scalar(select(ScheduleLease.until).where(ScheduleLease.name == SCHEDULE))
    yield GaugeMetricFamily(
        "many_hands_schedule_held",
        "1 while a worker holds the schedule; without it no sweep runs and no alarm is sent",
        value=int(until is not None and until > now),
    )


def _queues() -> Iterable[Metric]:
    waiting = GaugeMetricFamily(
        "many_hands_queue_jobs", "Jobs that wait in a queue", labels=["queue"]
    )
    failed = GaugeMetricFamily(
        "many_hands_failed_jobs", "Jobs that failed and are kept for a person", labels=["queue"]
    )
    redis = queue.connection()
    for name in queue.QUEUES:
        jobs = Queue(name, connection=redis)
        waiting.add_metric([name], jobs.count)
        # The key's own count: asking the registry would also tidy it, which is a worker's work.
        failed.add_metric([name], redis.zcard(jobs.failed_job_registry.key))
    yield waiting
    yield failed


def init_app(app: Flask) -> None:
    csrf.exempt(bp)
    limiter.exempt(bp)
    app.register_blueprint(bp)
