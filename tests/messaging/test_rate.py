"""The sender's token bucket: shared by all, slower after a 429, never unlimited."""

from __future__ import annotations

import threading
import time

import pytest
from flask import Flask
from redis import Redis

from app.foundation import health, queue
from app.foundation.extensions import db
from app.messaging import delivery, jobs, rate, service
from app.messaging.models import Message, State
from tests.carrier import StubCarrier
from tests.messaging.test_delivery import letter


@pytest.fixture(autouse=True)
def _ten_a_second(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMS_SEGMENTS_PER_SECOND", RATE)
    monkeypatch.setattr(rate, "_alone", rate._Alone())


@pytest.fixture
def redis_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    monkeypatch.setitem(app.extensions, "redis", gone)


RATE = 10.0


def given() -> tuple[int, float]:
    """How many segments are given before the first wait, and how many came due meanwhile."""
    number, began = 0, time.monotonic()
    while number < 1000 and rate.take(1, at_once=False) == 0.0:
        number += 1
    return number, RATE * (time.monotonic() - began)


def assert_waits(seconds: float, since: float) -> None:
    """The next segment waits so long, less what has passed since a moment, and no longer."""
    waits = rate.take(1, at_once=False)
    assert seconds - (time.monotonic() - since) - 0.01 <= waits <= seconds + 0.01


def test_a_second_is_given_at_once_and_then_one_waits() -> None:
    number, meanwhile = given()
    assert 11 <= number <= 12 + meanwhile  # ten, and the one that overdraws
    assert rate.take(1, at_once=False) <= 1 / RATE


def test_whoever_comes_after_a_large_one_waits_for_all_of_it() -> None:
    began = time.monotonic()
    rate.take(50, at_once=True)
    assert_waits(50 / RATE - rate.BURST_SECONDS, began)


def test_an_answer_never_waits_and_the_bulk_waits_for_it() -> None:
    given()
    before = rate.take(1, at_once=False)
    assert rate.take(20, at_once=True) == 0.0
    assert rate.take(1, at_once=False) > before + 1.5


def test_long_texts_cost_what_they_weigh() -> None:
    assert rate.take(30, at_once=False) == 0.0
    assert rate.take(1, at_once=False) > 1.5


def test_a_429_slows_the_whole_sender_and_quiet_brings_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate, "RECOVERS_IN", 1e9)
    rate.slow_down(1.0)
    slowed = rate.seen()
    assert slowed is not None
    assert slowed.share == pytest.approx(0.5)
    rate.slow_down(1.0)  # many answers of the same moment are one wish
    seen = rate.seen()
    assert seen is not None
    assert seen.share == pytest.approx(slowed.share)
    monkeypatch.setattr(rate, "RECOVERS_IN", 1e-9)
    recovered = rate.seen()
    assert recovered is not None
    assert recovered.share == 1.0


def test_a_slowed_sender_takes_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "RECOVERS_IN", 1e9)
    rate.slow_down(1.0)
    rate.take(30, at_once=False)
    bucket = rate.seen()
    assert bucket is not None
    assert bucket.busy_seconds == pytest.approx(6.0, abs=0.3)


def test_a_few_429_among_many_answers_hardly_slow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "RECOVERS_IN", 1e9)
    rate.slow_down(0.05)
    seen = rate.seen()
    assert seen is not None
    assert seen.share == pytest.approx(0.975)


def test_it_never_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "RECOVERS_IN", 1e15)
    for _ in range(30):
        rate.slow_down(1.0)
        queue.connection().hset("rate:sms", "since", 0)  # as if a second had passed
    seen = rate.seen()
    assert seen is not None
    assert seen.share == pytest.approx(rate.SLOWEST, abs=0.001)


def test_many_at_once_share_one_bucket(app: Flask) -> None:
    together, began = threading.Barrier(4), time.monotonic()
    counted: list[int] = []

    def work() -> None:
        with app.app_context():
            together.wait()
            counted.append(given()[0])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 11 <= sum(counted) <= 12 + 4 + RATE * (time.monotonic() - began)


def test_a_wiped_redis_gives_no_more_than_another_second() -> None:
    given()
    queue.connection().flushdb()
    number, meanwhile = given()
    assert number <= 12 + meanwhile


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_each_worker_keeps_to_a_share() -> None:
    began = time.monotonic()
    rate.take(8, at_once=True)
    # A quarter of the rate, and of the burst.
    assert_waits(8 / (RATE / 4) - rate.BURST_SECONDS / 4, began)
    assert rate.seen() is None


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_the_share_is_by_the_workers_that_were_heard(app: Flask) -> None:
    for number in range(20):
        health.beat(f"worker-{number}")
    began = time.monotonic()
    # 20 workers of 10 a second: each may send one in two seconds.
    rate.take(2, at_once=True)
    assert_waits(2 / (RATE / 20) - rate.BURST_SECONDS / 20, began)


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_the_sweep_sends_by_itself(
    app: Flask,
    stub_carrier: StubCarrier,
) -> None:
    message_id = service.write(letter())
    db.session.rollback()
    jobs.sweep()
    db.session.rollback()
    assert db.session.get_one(Message, message_id).state == State.ACCEPTED


def test_with_redis_the_sweep_only_nudges(
    app: Flask,
    stub_carrier: StubCarrier,
) -> None:
    message_id = service.write(letter())
    db.session.rollback()
    jobs.sweep()
    db.session.rollback()
    assert db.session.get_one(Message, message_id).state == State.QUEUED


def test_the_carriers_429_reaches_the_bucket(app: Flask, stub_carrier: StubCarrier) -> None:
    service.write(letter())
    stub_carrier.answer = lambda _form: (429, 20429)
    delivery.deliver(queue.URGENT)
    seen = rate.seen()
    assert seen is not None
    assert seen.share < 0.6
