"""Several processes at the same work, and one that is killed in the middle of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select, update

from app.broadcasts import queries, service
from app.broadcasts.models import Broadcast, BroadcastState, Pace, Recipient
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import delivery, ledger, recovery
from app.messaging import service as messaging
from app.messaging.carriers.twilio import TwilioCarrier
from app.messaging.models import Message, State
from tests import factories
from tests.attacks import processes
from tests.carrier import StubCarrier
from tests.messaging.test_delivery import letter

SPAWN = multiprocessing.get_context("spawn")
NUMBER = 150


@pytest.fixture
def elsewhere(settings: dict[str, object], stub_carrier: StubCarrier) -> dict[str, object]:
    """What another process needs to work on the same rows against the same carrier."""
    db.session.remove()
    return {
        **settings,
        "TWILIO_API_URL": stub_carrier.url,
        "SMS_SEGMENTS_PER_SECOND": 10_000.0,
        "QUIET_HOURS": (clock.now().time(), clock.now().time()),
    }


def run(target: Any, *args: Any, number: int = 2, per_process: int = 1) -> None:
    barrier = SPAWN.Barrier(number * per_process)
    workers = [
        SPAWN.Process(target=target, args=(args[0], barrier, *args[1:])) for _ in range(number)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * number


def write_texts(number: int = NUMBER) -> None:
    with transaction():
        for n in range(number):
            messaging.write(letter(n))
    db.session.remove()


def states() -> dict[State, int]:
    db.session.rollback()
    rows = db.session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {row[0]: row[1] for row in rows}


def request_to(people: int) -> tuple[int, int]:
    for n in range(people):
        factories.volunteer(phone=factories.drama_phone(n))
    boss = factories.coordinator()
    shift = factories.shift(starts_at=clock.now() + timedelta(hours=30), places=3)
    draft = service.draft([shift.id], boss.id)
    service.word(draft.id, draft.text, pace=Pace.WAVES, emergency_reason="A flood is coming.")
    return draft.id, boss.id


def test_two_processes_deliver_each_text_once(
    app: Flask, elsewhere: dict[str, object], stub_carrier: StubCarrier
) -> None:
    write_texts()
    run(processes.deliver, elsewhere, queue.URGENT)
    assert set(stub_carrier.times_texted().values()) == {1}
    assert states() == {State.ACCEPTED: NUMBER}


def test_a_killed_process_loses_nothing_and_repeats_nothing(
    app: Flask, elsewhere: dict[str, object], stub_carrier: StubCarrier
) -> None:
    write_texts()
    stub_carrier.answer = lambda _form: time.sleep(0.05)
    barrier = SPAWN.Barrier(2)
    worker = SPAWN.Process(target=processes.deliver, args=(elsewhere, barrier, queue.URGENT))
    worker.start()
    barrier.wait(30)
    deadline = time.monotonic() + 20
    while len(stub_carrier.taken) < 25 and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(int(worker.pid or 0), signal.SIGKILL)
    worker.join(10)
    stub_carrier.answer = lambda _form: None
    gone = len(stub_carrier.taken)
    assert 25 <= gone < NUMBER
    with clock.stopped_at(clock.now() + timedelta(minutes=5)):
        found = recovery.sweep()
        delivery.deliver(queue.URGENT)
        recovery.sweep()
    counts = states()
    assert found["uncertain"] == counts.get(State.UNCERTAIN, 0)
    assert counts.get(State.UNCERTAIN, 0) <= TwilioCarrier.at_once + delivery.SENT_AT_ONCE
    assert counts[State.ACCEPTED] + counts.get(State.UNCERTAIN, 0) == NUMBER
    assert max(stub_carrier.times_texted().values()) == 1
    # The carrier's own list settles the rest, or a person does.
    with clock.stopped_at(clock.now() + timedelta(minutes=7)):
        recovery.reconcile()
    assert max(stub_carrier.times_texted().values()) == 1


def test_a_wiped_redis_loses_no_text(app: Flask, stub_carrier: StubCarrier, redis_url: str) -> None:
    write_texts(30)
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
        assert recovery.sweep()["lanes"] == 1
        assert redis.exists("rq:queue:urgent")
    assert delivery.deliver(queue.URGENT) == 30
    assert set(stub_carrier.times_texted().values()) == {1}


def test_a_stopped_redis_stops_no_text(
    app: Flask, stub_carrier: StubCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    monkeypatch.setitem(app.extensions, "redis", gone)
    write_texts(20)
    recovery.sweep()
    assert delivery.deliver(queue.URGENT) == 20
    gone.close()


def test_many_who_press_send_start_one_request(app: Flask, elsewhere: dict[str, object]) -> None:
    draft_id, boss_id = request_to(30)
    db.session.remove()
    run(
        processes.start,
        elsewhere,
        draft_id,
        boss_id,
        number=2,
        per_process=processes.THREADS,
    )
    assert db.session.scalar(select(func.count()).select_from(Recipient)) == 30
    assert db.session.get_one(Broadcast, draft_id).state == BroadcastState.RUNNING


def test_many_who_advance_one_request_ask_nobody_twice(
    app: Flask, elsewhere: dict[str, object], stub_carrier: StubCarrier
) -> None:
    draft_id, boss_id = request_to(60)
    service.start(draft_id, boss_id)
    db.session.remove()
    run(processes.advance, elsewhere, draft_id, number=2, per_process=processes.THREADS)
    broadcast = db.session.get_one(Broadcast, draft_id)
    counted = queries.tally(broadcast, queries.shifts_of(draft_id))
    assert broadcast.wave == 1
    assert counted.adds_up
    assert 0 < counted.asked < 60
    run(processes.deliver, elsewhere, queue.URGENT)
    assert set(stub_carrier.times_texted().values()) == {1}
    assert len(stub_carrier.taken) == counted.asked


def test_a_stop_during_delivery_leaves_the_numbers_right(
    app: Flask, elsewhere: dict[str, object], stub_carrier: StubCarrier
) -> None:
    draft_id, boss_id = request_to(300)
    service.start(draft_id, boss_id)
    service.ask_everyone(draft_id, boss_id)
    service.advance(draft_id)
    db.session.remove()
    stub_carrier.answer = lambda _form: time.sleep(0.05)
    barrier = SPAWN.Barrier(2)
    worker = SPAWN.Process(target=processes.deliver, args=(elsewhere, barrier, queue.URGENT))
    worker.start()
    barrier.wait(30)
    while len(stub_carrier.taken) < 21:
        time.sleep(0.005)
    held = service.stop(draft_id, boss_id)
    worker.join(60)
    assert worker.exitcode == 0
    counts = states()
    assert counts[State.CANCELLED] == held
    assert counts[State.ACCEPTED] == len(stub_carrier.taken) == 300 - held
    assert held > 0
    assert set(stub_carrier.times_texted().values()) == {1}


def test_a_lease_that_ran_out_is_not_sent_by_its_old_holder(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    write_texts(3)
    old = ledger.lease(queue.URGENT, "old")
    with transaction():
        past = clock.now() - timedelta(seconds=1)
        db.session.execute(update(Message).values(lease_until=past))
    recovery.sweep()
    new = ledger.lease(queue.URGENT, "new")
    assert [row[0] for row in old] == [row[0] for row in new]
    assert ledger.begin_sending([row[0] for row in old], "old") == []
    assert len(ledger.begin_sending([row[0] for row in new], "new")) == 3
