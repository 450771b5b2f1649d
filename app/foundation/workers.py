"""A worker process: the queues in the main thread, the schedule beside it.

RQ's usual worker forks a process for each job, some 30 ms each; ours are
short, trusted and bounded by `JOB_SECONDS`, so they run in this process
(`SimpleWorker`) and an answer leaves within milliseconds. The price: a long
job holds up its process, so a second process keeps the answers' lane free
(`worker.py --queues answers,email`).
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from types import FrameType
from typing import Final
from uuid import uuid4

from flask import Flask
from redis import Redis, RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError, StopRequested
from rq.executions import Execution
from rq.job import Job

from app.foundation import clock, health, logs, schedule

log = logging.getLogger(__name__)

SWEEP_EVERY: Final = 1.0
BEAT_EVERY: Final = 10.0
LONGEST_PAUSE: Final = 5.0


def name_of(job: Job) -> str:
    """The dotted path that a job calls; "unknown" for one that cannot be read."""
    try:
        return str(job.func_name)
    except DeserializationError:
        return "unknown"


class JobWorker(SimpleWorker):
    """RQ's worker, each job inside the app's context and so with a session of its own."""

    max_connection_wait_time = LONGEST_PAUSE

    def __init__(
        self,
        app: Flask,
        queues: Sequence[str],
        name: str,
        connection: Redis,
        stopping: threading.Event,
    ) -> None:
        self.app = app
        self.stopping = stopping
        super().__init__(list(queues), name=name, connection=connection)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        began = time.perf_counter()
        # The end of the app's context returns the session's connection.
        with logs.about(worker=self.name, job_id=job.id), self.app.app_context():
            succeeded = super().perform_job(job, queue, execution)
            log.log(
                logging.INFO if succeeded else logging.ERROR,
                "job %s %s",
                name_of(job),
                "ended" if succeeded else "failed",
                extra={
                    "queue": queue.name,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                },
            )
            return succeeded

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the job in hand, then end; a second signal ends at once."""
        self.stopping.set()
        try:
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call] # RQ gives no types here
        except RedisError:
            # The wish to stop could not be noted in Redis; it is noted here.
            self._stop_requested = True


class Sweeper:
    """Keeps the heartbeat and, while it holds the lease, the schedule.

    Two threads: a task may take longer than the lease lasts, so the lease is
    renewed beside it. Nothing that a task does ends either thread.
    """

    def __init__(
        self, app: Flask, name: str, stopping: threading.Event, queues: Sequence[str] = ()
    ) -> None:
        self.app = app
        self.name = name
        self.stopping = stopping
        self.queues = queues
        self._held_until: datetime | None = None
        self._failures: Counter[str] = Counter()
        self._threads = [
            threading.Thread(target=self._keep_alive, name="pulse", daemon=True),
            threading.Thread(target=self._sweep, name="sweeper", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float = 5.0) -> None:
        """Wait a little for a task in hand, then give the lease and the name back."""
        self.stopping.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        try:
            with self.app.app_context():
                if not self._threads[1].is_alive():
                    schedule.let_go(self.name)
                health.fall_silent(self.name)
        except Exception:
            # At the end of a process the lease runs out by itself; say so and go.
            log.warning("the schedule's lease could not be given back", exc_info=True)

    def holds_the_schedule(self) -> bool:
        return self._held_until is not None and clock.now() < self._held_until

    def _keep_alive(self) -> None:
        with logs.about(worker=self.name):
            self._keep_alive_until_stopped()

    def _keep_alive_until_stopped(self) -> None:
        beat_at = renew_at = 0.0
        while not self.stopping.is_set():
            now = time.monotonic()
            try:
                with self.app.app_context():
                    if now >= renew_at:
                        asked = clock.now()
                        self._held_until = (
                            asked + schedule.LEASE if schedule.hold(self.name) else None
                        )
                        # Whoever does not hold it asks each second, to take over soon.
                        wait = (
                            schedule.RENEW_AFTER.total_seconds()
                            if self._held_until
                            else SWEEP_EVERY
                        )
                        renew_at = now + wait
                    if now >= beat_at:
                        health.beat(self.name, self.queues)
                        beat_at = now + BEAT_EVERY
                self._recovered("pulse")
            except Exception:
                # The database may be away for a moment; this thread outlives that.
                self._failed("pulse")
            self.stopping.wait(SWEEP_EVERY)

    def _sweep(self) -> None:
        with logs.about(worker=self.name):
            self._sweep_until_stopped()

    def _sweep_until_stopped(self) -> None:
        while not self.stopping.is_set():
            try:
                if self.holds_the_schedule():
                    self._run_what_is_due()
                self._recovered("sweep")
            except Exception:
                # As above: a database that is away must not end the schedule.
                self._failed("sweep")
            self.stopping.wait(SWEEP_EVERY)

    def _failed(self, part: str) -> None:
        """Say what went wrong in full once, then once a minute that it still does."""
        count = self._failures[part] = self._failures[part] + 1
        if count == 1:
            log.exception("the worker's %s failed; it tries again each second", part)
        elif count % 60 == 0:
            log.error("the worker's %s has failed for %d seconds", part, count)

    def _recovered(self, part: str) -> None:
        if self._failures.pop(part, 0):
            log.info("the worker's %s works again", part)

    def _run_what_is_due(self) -> None:
        with self.app.app_context():
            tasks = schedule.due()
        for task in tasks:
            if self.stopping.is_set() or not self.holds_the_schedule():
                return
            with self.app.app_context():
                schedule.run(task)


def serve(app: Flask, queues: Sequence[str], *, burst: bool = False) -> None:
    """Serve the queues and ask for the schedule until told to stop.

    The first SIGTERM or SIGINT lets the job in hand finish. While Redis is
    away the schedule goes on and the queues are tried again, at most every
    five seconds. With `burst`, end once the queues are empty.
    """
    name = f"{socket.gethostname()}.{os.getpid()}.{uuid4().hex[:6]}"
    stopping = threading.Event()
    sweeper = Sweeper(app, name, stopping, queues)

    def stop(_signum: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sweeper.start()
    log.info("worker %s serves %s", name, ", ".join(queues))
    pause = 0.5
    try:
        while not stopping.is_set():
            began = time.monotonic()
            try:
                _serve_until_something_breaks(app, queues, name, stopping, burst)
            except StopRequested:
                stopping.set()
            except RedisError as error:
                log.warning("Redis cannot be reached (%s); trying again", type(error).__name__)
            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
            if burst or stopping.is_set():
                break
            pause = 0.5 if time.monotonic() - began > 30 else min(pause * 2, LONGEST_PAUSE)
            stopping.wait(pause)
    finally:
        sweeper.finish()
        log.info("worker %s has stopped", name)


def _serve_until_something_breaks(
    app: Flask, queues: Sequence[str], name: str, stopping: threading.Event, burst: bool
) -> None:
    # A connection of its own: RQ waits on it for minutes, which the app's must not.
    connection = Redis.from_url(
        str(app.config["REDIS_URL"]), socket_connect_timeout=2, health_check_interval=30
    )
    try:
        # A new name each time: RQ refuses one that it believes to be alive.
        worker = JobWorker(app, queues, f"{name}.{uuid4().hex[:6]}", connection, stopping)
        worker.work(burst=burst, logging_level=None)
    finally:
        connection.close()
