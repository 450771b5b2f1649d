"""Jobs as nudges: the row is the truth, so a lost nudge costs only time."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from flask import Flask, current_app
from redis import Redis, RedisError
from rq import Queue

from app.foundation.transaction import after_commit, in_transaction

log = logging.getLogger(__name__)

# In the order in which a worker looks at them: an answer never waits behind a bulk send.
ANSWERS: Final = "answers"
URGENT: Final = "urgent"
ORDINARY: Final = "ordinary"
EMAIL: Final = "email"
QUEUES: Final = (ANSWERS, URGENT, ORDINARY, EMAIL)
JOB_SECONDS: Final = 180
TOGETHER: Final = 0.05  # seconds


def connection() -> Redis:
    """The app's connection pool to Redis, with timeouts so that nothing hangs."""
    if "redis" not in current_app.extensions:
        current_app.extensions["redis"] = Redis.from_url(
            current_app.config["REDIS_URL"],
            socket_timeout=5,
            socket_connect_timeout=2,
            health_check_interval=30,
        )
    redis: Redis = current_app.extensions["redis"]
    return redis


def enqueue(path: str, *args: int | str, queue: str = ORDINARY) -> None:
    """Ask a worker to call the function at a dotted path, after the commit.

    Arguments are ids and plain words, never rows. When Redis cannot be
    reached the nudge is dropped with a warning: the sweep finds the row.
    """
    if queue not in QUEUES:
        raise ValueError(f"No worker serves the queue {queue!r}.")

    def leave() -> None:
        try:
            Queue(queue, connection=connection()).enqueue_call(
                path, args=args, timeout=JOB_SECONDS, result_ttl=0, failure_ttl=7 * 86400
            )
        except RedisError:
            log.warning("nudge lost, the sweep will find the work: %s", path)

    if in_transaction():
        after_commit(leave)
    else:
        leave()


def enqueue_once(path: str, *args: int | str, queue: str = ORDINARY) -> None:
    """As `enqueue`, unless the same nudge already waits; forgotten after ten seconds.

    The job calls `taken_up` before it looks for work, so that what is written
    while it runs is nudged for again.
    """
    key = _once_key(path, *args)

    def leave() -> None:
        try:
            if not connection().set(key, 1, nx=True, ex=10):
                return
        except RedisError:
            log.warning("nudge lost, the sweep will find the work: %s", path)
            return
        enqueue(path, *args, queue=queue)

    if in_transaction():
        after_commit(leave, key=key)
    else:
        leave()


class _Waiting:
    """When this process last left a nudge, and whether the next one waits already."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.left_at = -TOGETHER
        self.next_waits = False


def enqueue_soon(path: str, queue: str = ORDINARY) -> None:
    """As `enqueue_once`, where many nudges come at once from this process.

    The first leaves after the commit; those of the next 50 ms leave together
    at their end. A process that is killed in between loses no more than a nudge.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # a proxy
    waiting: _Waiting = app.extensions.setdefault("nudges", {}).setdefault(path, _Waiting())

    def leave() -> None:
        with waiting.lock:
            pause = waiting.left_at + TOGETHER - time.monotonic()
            if pause > 0:
                if not waiting.next_waits:
                    waiting.next_waits = True
                    threading.Timer(pause, leave_late).start()
                return
            waiting.left_at = time.monotonic()
        enqueue_once(path, queue=queue)

    def leave_late() -> None:
        with waiting.lock:
            waiting.next_waits = False
            waiting.left_at = time.monotonic()
        with app.app_context():
            enqueue_once(path, queue=queue)

    if in_transaction():
        after_commit(leave, key=path)
    else:
        leave()


def taken_up(path: str, *args: int | str) -> None:
    """Say that a job of `enqueue_once` has begun."""
    try:
        connection().delete(_once_key(path, *args))
    except RedisError:
        log.warning("Redis is away; the sweep goes on without it")


def has_waiting(queue: str) -> bool:
    """Whether a job waits in the queue that no worker has taken; no while Redis is away."""
    try:
        return Queue(queue, connection=connection()).count > 0
    except RedisError:
        return False


def is_reachable() -> bool:
    """Whether Redis answers, so that a nudge reaches a worker."""
    try:
        return bool(connection().ping())
    except RedisError:
        return False


def _once_key(path: str, *args: int | str) -> str:
    return ":".join(("nudge", path, *map(str, args)))
