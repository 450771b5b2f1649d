"""The sender's token bucket: shared by all, slower after a 429, never unlimited."""

from __future__ import annotations

import threading

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
    monkeypatch.setitem(app.config, "SMS_SEGMENTS_PER_SECOND", 10.0)
    monkeypatch.setattr(rate, "_alone", rate._Alone())


@pytest.fixture
def redis_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    monkeypatch.setitem(app.extensions, "redis", gone)


def given(*, at_once: bool = False) -> int:
    """How many segments are given before the first wait."""
    number = 0
    while number < 1000 and rate.take(1, at_once=at_once) == 0.0:
        number += 1
    return number


def test_a_second_is_given_at_once_and_then_one_waits() -> None:
    assert 11 <= given() <= 20  # ten, the one that overdraws, and what time passes meanwhile
    rate.take(50, at_once=True)
    assert 3 < rate.take(1, at_once=False) <= 5.2


def test_an_answer_never_waits_and_the_bulk_waits_for_it() -> None:
    assert given() < 20
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
    together = threading.Barrier(4)
    counted: list[int] = []

    def work() -> None:
        with app.app_context():
            together.wait()
            counted.append(given())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 11 <= sum(counted) <= 30


def test_a_wiped_redis_gives_no_more_than_another_second() -> None:
    given()
    queue.connection().flushdb()
    assert given() <= 20


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_each_worker_keeps_to_a_share() -> None:
    assert given() <= 2
    rate.take(8, at_once=True)  # a quarter of ten a second: 3.2 seconds' worth
    assert 1.5 < rate.take(1, at_once=False) < 3.7
    assert rate.seen() is None


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_the_share_is_by_the_workers_that_were_heard(app: Flask) -> None:
    for number in range(20):
        health.beat(f"worker-{number}")
    rate.take(1, at_once=False)
    # 20 workers of 10 a second: each may send one in two seconds.
    assert rate.take(1, at_once=True) == 0.0
    assert rate.take(1, at_once=False) == pytest.approx(4.0, abs=1.0)


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
