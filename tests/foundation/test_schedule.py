"""The schedule: one holder, nothing forgotten, nothing fatal."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.foundation import clock, schedule
from app.foundation.extensions import db
from app.foundation.schedule import PeriodicTask

RAN: list[str] = []


def tick() -> None:
    RAN.append("tick")


def explode() -> None:
    raise RuntimeError("a task that fails")


TICK = f"{__name__}.tick"
EXPLODE = f"{__name__}.explode"


@pytest.fixture
def only_ours(app):
    """The app with none of the features' tasks."""
    RAN.clear()
    before = app.extensions.get("schedule", {})
    app.extensions["schedule"] = {}
    yield app
    app.extensions["schedule"] = before


def note(path: str) -> PeriodicTask:
    return db.session.scalars(select(PeriodicTask).where(PeriodicTask.path == path)).one()


def test_only_one_holds_the_schedule(app):
    assert schedule.hold("first")
    assert not schedule.hold("second")
    assert schedule.hold("first")


def test_another_takes_over_when_the_holder_falls_silent(app):
    schedule.hold("first")
    with clock.stopped_at(clock.now() + timedelta(seconds=30)):
        assert schedule.hold("second")
        assert not schedule.hold("first")


def test_a_lease_given_back_is_free_at_once(app):
    schedule.hold("first")
    schedule.let_go("first")
    assert schedule.hold("second")


def test_only_the_holder_can_give_the_lease_back(app):
    schedule.hold("first")
    schedule.let_go("second")
    assert not schedule.hold("second")


def test_of_many_that_ask_at_once_one_holds_the_schedule(app):
    barrier = threading.Barrier(6)
    answers: list[bool] = []

    def ask(name: str) -> None:
        with app.app_context():
            barrier.wait()
            answers.append(schedule.hold(name))

    threads = [threading.Thread(target=ask, args=(f"worker-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 5 + [True]


def test_a_new_task_is_due_at_once_and_then_after_its_pause(only_ours):
    schedule.every(60, TICK)
    [task] = schedule.due()
    assert schedule.run(task)
    assert RAN == ["tick"]
    assert schedule.due() == []
    with clock.stopped_at(clock.now() + timedelta(seconds=61)):
        assert schedule.due() == [task]


def test_a_task_whose_worker_was_killed_is_due_at_once(only_ours):
    schedule.every(86400, TICK)
    schedule._note(TICK, began_at=clock.now())
    assert [task.path for task in schedule.due()] == [TICK]


def test_a_failing_task_is_loud_counted_and_harmless(only_ours, caplog):
    schedule.every(60, EXPLODE)
    [task] = schedule.due()
    assert not schedule.run(task)
    assert "a task that fails" in caplog.text
    assert note(EXPLODE).failures == 1
    assert schedule.due() == []


def test_every_periodic_task_of_the_features_exists(app):
    for path in schedule.registered(app):
        assert callable(schedule.import_string(path)), path
