"""What monitors are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.core import GaugeMetricFamily

from app.foundation import clock, health, queue, schedule
from app.foundation.extensions import db


@pytest.fixture
def redis_is_away(app, monkeypatch):
    """Point the app at a port that nobody listens on."""
    monkeypatch.setitem(app.config, "REDIS_URL", "redis://127.0.0.1:1/0")
    kept = app.extensions.pop("redis", None)
    yield
    app.extensions.pop("redis", None)
    if kept is not None:
        app.extensions["redis"] = kept


def test_alive_says_so_even_without_redis(client, redis_is_away):
    assert client.get("/healthz").json == {"alive": "ok"}


@pytest.fixture
def a_schedule(app):
    """A worker holds the schedule and has just run a task."""
    schedule.hold("worker")
    schedule._note("app.tests.task", began_at=clock.now(), ended_at=clock.now())


def test_ready_when_everything_answers(client, a_schedule):
    health.beat("worker")
    answer = client.get("/readyz")
    assert answer.json == {
        "database": "ok",
        "redis": "ok",
        "worker": "ok",
        "schedule": "ok",
        "migrations": "ok",
        "reminders": "ok",
    }
    assert answer.status_code == 200


def test_being_asked_whether_it_is_ready_costs_little(client, a_schedule, count_queries):
    with count_queries() as statements:
        client.get("/readyz")
    # The database answers, the worker, the schedule, the version that it has, the reminders.
    assert len([one for one in statements if "pg_catalog" not in one and "main." not in one]) <= 6


def test_not_ready_while_nobody_holds_the_schedule(client, a_schedule):
    health.beat("worker")
    with clock.stopped_at(clock.now() + timedelta(seconds=90)):
        assert client.get("/readyz").json["schedule"] == "failed"
        assert "many_hands_schedule_held 0.0" in client.get("/metrics").text


def test_not_ready_while_a_task_that_hangs_holds_up_the_others(client, a_schedule):
    with clock.stopped_at(clock.now() + timedelta(minutes=6)):
        schedule.hold("worker")
        assert client.get("/readyz").json["schedule"] == "failed"


def test_a_task_that_takes_its_time_is_no_alarm(client, a_schedule):
    with clock.stopped_at(clock.now() + timedelta(minutes=4)):
        schedule.hold("worker")
        assert client.get("/readyz").json["schedule"] == "ok"


def test_not_ready_without_a_worker(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["worker"] == "failed"
    assert answer.json["database"] == "ok"


def test_not_ready_when_the_last_worker_is_silent_for_a_minute(client):
    with clock.stopped_at(clock.now() - timedelta(seconds=61)):
        health.beat("worker")
    assert client.get("/readyz").json["worker"] == "failed"


def test_a_worker_that_ends_in_good_order_no_longer_counts(client):
    health.beat("worker")
    health.fall_silent("worker")
    assert client.get("/readyz").json["worker"] == "failed"


def test_not_ready_without_redis(client, redis_is_away):
    health.beat("worker")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["redis"] == "failed"
    assert answer.json["worker"] == "ok"


def test_not_ready_when_a_migration_is_missing(client, monkeypatch):
    monkeypatch.setattr(
        health.MigrationContext, "get_current_heads", lambda _self: ("an-older-one",)
    )
    assert client.get("/readyz").json["migrations"] == "failed"


def test_the_answer_says_nothing_of_the_inside(client, redis_is_away):
    assert b"127.0.0.1" not in client.get("/readyz").data


def test_heartbeats_of_long_ago_are_forgotten(app):
    with clock.stopped_at(clock.now() - timedelta(days=2)):
        health.beat("long-gone")
    health.beat("worker")
    names = db.session.scalars(db.select(health.WorkerHeartbeat.name)).all()
    assert names == ["worker"]


def test_metrics_count_workers_failures_and_waiting_jobs(client):
    health.beat("worker")
    schedule._note("app.tests.task", began_at=clock.now(), ended_at=clock.now(), failures=3)
    queue.enqueue("app.foundation.clock.now", queue=queue.ANSWERS)
    said = client.get("/metrics").text
    assert "many_hands_workers 1.0" in said
    assert 'many_hands_periodic_failures_total{task="app.tests.task"} 3.0' in said
    assert 'many_hands_queue_jobs{queue="answers"} 1.0' in said


def test_metrics_tell_which_queues_are_served_and_how_old_the_heartbeats_are(client):
    with clock.stopped_at(clock.now() - timedelta(minutes=3)):
        health.beat("killed", [queue.URGENT])
    health.beat("one", [queue.ANSWERS, queue.EMAIL])
    said = client.get("/metrics").text
    assert "many_hands_workers 1.0" in said
    assert 'many_hands_workers_serving{queue="answers"} 1.0' in said
    assert 'many_hands_workers_serving{queue="urgent"} 0.0' in said
    oldest = next(
        line for line in said.splitlines() if line.startswith("many_hands_worker_heartbeat_oldest")
    )
    assert 179 < float(oldest.split()[1]) < 240


def test_metrics_tell_since_when_a_task_fails(client):
    def fails() -> None:
        raise RuntimeError("no")

    task = schedule.Every("app.tests.task", timedelta(seconds=1))
    for seconds in (90, 60):
        with (
            clock.stopped_at(clock.now() - timedelta(seconds=seconds)),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(schedule, "import_string", lambda _path: fails)
            assert not schedule.run(task)
    said = client.get("/metrics").text
    line = next(one for one in said.splitlines() if 'failing_seconds{task="app.tests.task"}' in one)
    assert 89 < float(line.split()[1]) < 150
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "import_string", lambda _path: lambda: None)
        assert schedule.run(task)
    assert (
        'many_hands_periodic_failing_seconds{task="app.tests.task"} 0.0'
        in client.get("/metrics").text
    )


def test_a_feature_can_add_a_metric(app, client):
    before = list(app.extensions.get("metrics", []))
    health.register_metric(lambda: [GaugeMetricFamily("many_hands_trial", "A trial", value=7)])
    try:
        assert "many_hands_trial 7.0" in client.get("/metrics").text
    finally:
        app.extensions["metrics"] = before


def test_metrics_leave_out_only_the_part_that_fails(client, redis_is_away):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "many_hands_workers 0.0" in answer.text
    assert "many_hands_queue_jobs" not in answer.text
