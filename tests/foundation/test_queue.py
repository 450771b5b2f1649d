"""Nudges: one for all that comes within a moment, and none of them forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from flask import Flask

from app.foundation import queue

PATH = "app.inbox.jobs.process"


def waiting() -> int:
    return int(queue.connection().llen("rq:queue:answers"))


def nudge_and_take_up() -> None:
    """A nudge, and a worker that is at once there for it."""
    queue.enqueue_soon(PATH, queue=queue.ANSWERS)
    queue.taken_up(PATH)


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()


@pytest.fixture
def together(app: Flask, monkeypatch: pytest.MonkeyPatch) -> float:
    """A longer moment, so that a busy machine gets all nudges of a test into it."""
    app.extensions.pop("nudges", None)  # when another test last left one
    monkeypatch.setattr(queue, "TOGETHER", 1.0)
    return 1.0


@pytest.mark.usefixtures("together")
def test_the_first_nudge_leaves_at_once_and_the_next_together_a_little_later() -> None:
    nudge_and_take_up()
    assert waiting() == 1
    for _ in range(20):
        nudge_and_take_up()
    assert waiting() == 1
    assert eventually(lambda: waiting() == 2)
    time.sleep(0.1)
    assert waiting() == 2


def test_what_the_worker_has_not_taken_up_is_not_nudged_for_again(together: float) -> None:
    for _ in range(3):
        queue.enqueue_soon(PATH, queue=queue.ANSWERS)
    time.sleep(1.2 * together)
    assert waiting() == 1
