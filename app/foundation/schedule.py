"""What must happen again and again, held in SQL so that it needs no Redis.

Every worker process asks for the schedule; one holds it, by a lease. When the
holder dies, another takes over once the lease has run out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import Flask, current_app
from sqlalchemy import String, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.utils import import_string

from app.foundation import clock, logs
from app.foundation.extensions import db
from app.foundation.model import Model
from app.foundation.transaction import transaction
from app.foundation.upsert import rows_changed

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=20)
RENEW_AFTER: Final = timedelta(seconds=5)
SCHEDULE: Final = "schedule"


class ScheduleLease(Model):
    """Who may run the periodic tasks, and until when.

    The lock of this name is taken by an UPDATE that only matches when it is
    free, run out or already ours; no row lock outlives that statement.
    """

    name: Mapped[str] = mapped_column(String(60), unique=True)
    holder: Mapped[str] = mapped_column(String(120))
    until: Mapped[datetime]


class PeriodicTask(Model):
    """When a periodic task last began and ended, and how often it failed.

    `failing_since` is when the first of the failures without a success between
    them ended; nothing while the task does well.
    """

    path: Mapped[str] = mapped_column(String(200), unique=True)
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]


@dataclass(frozen=True)
class Every:
    """One registered task: its dotted path and the pause between two beginnings."""

    path: str
    pause: timedelta


def every(seconds: float, path: str, app: Flask | None = None) -> None:
    """Have a worker call the function at a dotted path every so many seconds.

    Features say this while the app is made. The function takes nothing, runs
    inside an app context and must bear being run again after a crash.
    """
    tasks = registered(app or current_app)
    tasks[path] = Every(path, timedelta(seconds=seconds))


def registered(app: Flask) -> dict[str, Every]:
    """The app's periodic tasks by their dotted path."""
    tasks: dict[str, Every] = app.extensions.setdefault("schedule", {})
    return tasks


def hold(holder: str) -> bool:
    """Take or renew the schedule's lease; whether `holder` has it now."""
    now = clock.now()
    with transaction():
        taken = db.session.execute(
            update(ScheduleLease)
            .where(
                ScheduleLease.name == SCHEDULE,
                (ScheduleLease.holder == holder) | (ScheduleLease.until < now),
            )
            .values(holder=holder, until=now + LEASE)
        )
        if rows_changed(taken):
            return True
        known = db.session.scalar(select(ScheduleLease.id).where(ScheduleLease.name == SCHEDULE))
    if known is not None:
        return False
    try:
        with transaction():
            row = {"name": SCHEDULE, "holder": holder, "until": now + LEASE, "created_at": now}
            db.session.execute(insert(ScheduleLease).values(row))
    except IntegrityError:
        return False  # another process was first, by a hair
    return True


def let_go(holder: str) -> None:
    """Give the lease back, so that another process need not wait for it to run out."""
    with transaction():
        db.session.execute(
            update(ScheduleLease)
            .where(ScheduleLease.name == SCHEDULE, ScheduleLease.holder == holder)
            .values(until=clock.now() - timedelta(seconds=1))
        )


def due() -> list[Every]:
    """The tasks whose time has come, those that wait longest first.

    A task that began and never ended (its worker was killed) is due at once.
    Only the holder of the lease may ask, else two processes do the same work.
    """
    now = clock.now()
    tasks = registered(current_app)
    known = {
        path: (began, ended)
        for path, began, ended in db.session.execute(
            select(PeriodicTask.path, PeriodicTask.began_at, PeriodicTask.ended_at)
        )
    }
    db.session.rollback()  # a read must not hold the database's snapshot
    waiting: list[tuple[datetime, Every]] = []
    for task in tasks.values():
        began, ended = known.get(task.path, (None, None))
        if began is None or ended is None or ended < began:
            waiting.append((now - task.pause, task))
        elif began + task.pause <= now:
            waiting.append((began + task.pause, task))
    return [task for _, task in sorted(waiting, key=lambda pair: pair[0])]


def _note(path: str, **values: object) -> None:
    with transaction():
        changed = db.session.execute(
            update(PeriodicTask).where(PeriodicTask.path == path).values(**values)
        )
        if not rows_changed(changed):
            row = {"path": path, "failures": 0, "created_at": clock.now(), **values}
            db.session.execute(insert(PeriodicTask).values(row))


def run(task: Every) -> bool:
    """Run one task and note how it went; its failure is loud and goes no further."""
    with logs.about(task=task.path):
        return _run(task)


def _run(task: Every) -> bool:
    _note(task.path, began_at=clock.now())
    try:
        function: Callable[[], object] = import_string(task.path)
        function()
    except Exception:
        log.exception("the periodic task %s failed", task.path)
        db.session.rollback()
        now = clock.now()
        _note(
            task.path,
            ended_at=now,
            failures=PeriodicTask.failures + 1,
            failing_since=func.coalesce(PeriodicTask.failing_since, now),
        )
        return False
    db.session.rollback()
    _note(task.path, ended_at=clock.now(), failing_since=None)
    return True
