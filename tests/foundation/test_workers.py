"""A worker in a process of its own, with a real Redis and a real database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis, RedisError
from sqlalchemy import select

from app.foundation import clock, health, local_redis, queue, schedule, workers
from app.foundation.extensions import db
from app.foundation.health import WorkerHeartbeat
from app.foundation.schedule import ScheduleLease

ROOT = Path(__file__).resolve().parent.parent.parent

Worker = Callable[..., "subprocess.Popen[bytes]"]


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("It did not happen in time.")
        time.sleep(0.05)
        db.session.rollback()


def environment(settings: dict[str, object], **changes: str) -> dict[str, str]:
    return {
        **os.environ,
        "APP_ENV": "test",
        "DATABASE_URL": str(settings["SQLALCHEMY_DATABASE_URI"]),
        "REDIS_URL": str(settings["REDIS_URL"]),
        "DATA_FOLDER": str(settings["DATA_FOLDER"]),
        **changes,
    }


@pytest.fixture
def start_worker(app, settings) -> Iterator[Worker]:
    """Start `worker.py` with arguments; ended at the end of the test, however it went."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **changes: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "worker.py", *arguments],
            cwd=ROOT,
            env=environment(settings, **changes),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def heartbeats() -> list[str]:
    db.session.rollback()  # what was read before is not what is there now
    return list(db.session.scalars(select(WorkerHeartbeat.name)))


def test_a_worker_runs_jobs_says_that_it_is_alive_and_ends_in_good_order(app, start_worker):
    process = start_worker()
    wait_for(heartbeats)
    queue.enqueue("app.foundation.clock.now", queue=queue.EMAIL)
    wait_for(lambda: queue.Queue(queue.EMAIL, connection=queue.connection()).is_empty())
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert heartbeats() == []


def test_a_job_that_is_left_while_the_worker_waits_is_done(app, start_worker):
    start_worker("--queues", "answers,email")
    wait_for(heartbeats)
    redis = queue.connection()
    for _ in range(5):
        queue.enqueue("app.foundation.clock.now", queue=queue.ANSWERS)
        # A job without a result is gone from Redis once it has run.
        wait_for(lambda: not list(redis.scan_iter("rq:job:*")))


def test_sigterm_lets_the_job_in_hand_finish(app, start_worker):
    process = start_worker()
    wait_for(heartbeats)
    redis = queue.connection()
    queue.Queue(queue.ANSWERS, connection=redis).enqueue_call(
        "time.sleep", args=(1.5,), result_ttl=60, job_id="long"
    )
    job = queue.Queue(queue.ANSWERS, connection=redis).fetch_job("long")
    wait_for(lambda: job.get_status() == "started")
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert job.get_status() == "finished"


def test_the_schedule_and_the_heartbeat_need_no_redis(app, start_worker):
    process = start_worker(REDIS_URL="redis://127.0.0.1:1/0")
    wait_for(heartbeats)
    wait_for(lambda: db.session.scalar(select(ScheduleLease.holder)))
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_a_worker_comes_back_when_redis_does(app, start_worker, tmp_path):
    server, url = local_redis.start(tmp_path, durable=False)
    port = url.split(":")[2].split("/")[0]
    start_worker(REDIS_URL=url)
    with Redis.from_url(url) as redis:
        wait_for(lambda: redis.smembers("rq:workers"))
    local_redis.stop(server)
    again = subprocess.Popen(
        [str(local_redis.find_executable()), "--port", port, "--save", ""],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    try:
        with Redis.from_url(url) as redis:
            wait_for(lambda: _answers(redis))
            queue.Queue(queue.ANSWERS, connection=redis).enqueue_call("time.time", job_id="after")
            job = queue.Queue(queue.ANSWERS, connection=redis).fetch_job("after")
            wait_for(lambda: job.get_status() == "finished", seconds=30)
    finally:
        local_redis.stop(again)


def _answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False


def test_another_worker_takes_the_schedule_when_its_holder_is_killed(app, start_worker):
    first = start_worker()
    wait_for(lambda: db.session.scalar(select(ScheduleLease.holder)))
    holder = db.session.scalar(select(ScheduleLease.holder))
    start_worker()
    wait_for(lambda: len(heartbeats()) == 2)
    first.kill()
    first.wait()
    wait_for(lambda: db.session.scalar(select(ScheduleLease.holder)) != holder, seconds=90)


def test_a_queue_that_nobody_knows_is_refused(settings):
    done = subprocess.run(
        [sys.executable, "worker.py", "--queues", "answers,bulk"],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no such queue: bulk" in done.stderr


def test_a_lease_that_ran_out_is_not_believed(app):
    sweeper = workers.Sweeper(app, "worker", workers.threading.Event())
    assert not sweeper.holds_the_schedule()
    sweeper._held_until = clock.now() + schedule.LEASE
    assert sweeper.holds_the_schedule()
    with clock.stopped_at(clock.now() + timedelta(seconds=21)):
        assert not sweeper.holds_the_schedule()


def test_the_heartbeat_is_younger_than_what_readiness_allows():
    assert health.WORKER_SILENT_AFTER.total_seconds() > workers.BEAT_EVERY * 3
