"""Texts on their way through the ledger, the stand-in, and back through the webhooks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.inbox.models import Reply
from app.messaging import delivery
from app.messaging import service as messaging
from app.messaging.models import Message, Receipt, State
from app.simulator import queries, service
from app.simulator.models import Direction, SimulatedCallback, SimulatedText
from app.simulator.pump import Pump
from app.simulator.rules import Dials
from tests.factories import drama_phone
from tests.simulator.conftest import handset_id

PHONE = drama_phone(555)
AT_ONCE = Dials(delay_seconds=0, jitter_seconds=0)


@pytest.fixture
def pump(simulated: Flask) -> Iterator[Pump]:
    service.turn_dials(AT_ONCE)
    with ThreadPoolExecutor(4) as pool:
        yield Pump(pool)


def until(met: Callable[[], bool], pump: Pump) -> None:
    """Let the pump turn until something holds; a minute is far more than enough."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        pump.turn()
        db.session.rollback()
        if met():
            return
        time.sleep(0.02)
    pytest.fail("The pump did not bring it about.")


def send(body: str = "Can you drive tonight? Reply 27 YES or 27 NO.", to: str = PHONE) -> int:
    """Write a text to the ledger and hand it to the carrier; the message's id."""
    letter = Letter(
        channel="sms", to=to, body=body, cause=f"test:{time.monotonic_ns()}",
        recipient="volunteer:1", purpose="ask",
    )  # fmt: skip
    message_id = messaging.write(letter)
    assert message_id is not None
    delivery.deliver(queue.ANSWERS)
    return message_id


def state(message_id: int) -> State:
    db.session.rollback()
    return db.session.get_one(Message, message_id).state


def quiet() -> bool:
    """Whether nothing is owed and nothing moves any more."""
    owed = select(func.count()).where(SimulatedCallback.sent_at.is_(None))
    moving = select(func.count()).where(SimulatedText.next_step_at.is_not(None))
    return not db.session.scalar(owed) and not db.session.scalar(moving)


def test_a_text_of_the_ledger_is_accepted_sent_and_delivered(pump):
    message_id = send()
    assert state(message_id) == State.ACCEPTED
    until(lambda: state(message_id) == State.DELIVERED, pump)
    until(quiet, pump)
    assert db.session.scalars(select(Receipt.status).order_by(Receipt.id)).all() == [
        "sent",
        "delivered",
    ]


def test_a_failure_reaches_the_ledger_with_a_reason_in_words(pump):
    service.turn_dials(Dials(delay_seconds=0, jitter_seconds=0, failed_percent=100))
    message_id = send()
    until(lambda: state(message_id) in (State.UNDELIVERED, State.FAILED), pump)
    assert db.session.get_one(Message, message_id).reason


def test_a_lost_answer_is_uncertain_until_the_receipt_heals_it(pump):
    service.turn_dials(Dials(delay_seconds=0, jitter_seconds=0, lost_percent=100))
    message_id = send()
    assert state(message_id) == State.UNCERTAIN
    until(lambda: state(message_id) == State.DELIVERED, pump)


def test_a_refusal_leaves_the_message_queued(pump):
    service.turn_dials(Dials(refused_percent=100))
    message_id = send()
    assert state(message_id) == State.QUEUED


def test_doubled_and_shuffled_receipts_end_in_the_same_state(pump):
    service.turn_dials(
        Dials(delay_seconds=0, jitter_seconds=0, doubled_percent=100, shuffled_percent=100)
    )
    message_id = send()
    until(lambda: not db.session.scalar(
        select(func.count()).where(SimulatedText.next_step_at.is_not(None))), pump)  # fmt: skip
    with transaction():  # nobody waits seconds for a test: what is late comes now
        db.session.execute(update(SimulatedCallback).values(due_at=clock.now()))
    until(quiet, pump)
    assert db.session.scalar(select(func.count(Receipt.id))) == 4
    assert state(message_id) == State.DELIVERED


def test_a_typed_text_arrives_as_a_reply(pump):
    send()
    typed = service.type_text(handset_id(PHONE), "27 YES").sid
    until(quiet, pump)
    reply = db.session.scalars(select(Reply)).one()
    assert (reply.carrier_id, reply.from_address, reply.body) == (typed, PHONE, "27 YES")
    assert reply.payload["NumMedia"] == "0"
    assert reply.payload["SmsStatus"] == "received"


def test_a_doubled_text_is_one_reply(pump):
    send()
    service.turn_dials(Dials(delay_seconds=0, jitter_seconds=0, doubled_percent=100))
    service.type_text(handset_id(PHONE), "NO")
    until(quiet, pump)
    assert db.session.scalar(select(func.count(SimulatedCallback.id)).where(
        SimulatedCallback.url.contains("/sms"))) == 2  # fmt: skip
    assert db.session.scalar(select(func.count(Reply.id))) == 1


def test_a_keyword_is_named_and_answered_by_the_carrier_itself(pump):
    send()
    service.type_text(handset_id(PHONE), "Stop")
    until(quiet, pump)
    assert db.session.scalars(select(Reply)).one().payload["OptOutType"] == "STOP"
    last = queries.conversation(handset_id(PHONE))[-1]
    assert last.direction == Direction.AUTOMATIC
    assert "START" in last.body


def test_a_call_that_fails_comes_again_and_is_given_up_in_the_end(pump, simulated):
    with transaction():
        db.session.add(
            SimulatedCallback(url="http://127.0.0.1:9/nobody", form={"a": "b"}, due_at=clock.now())
        )

    def tried(times: int) -> bool:
        call = db.session.scalars(select(SimulatedCallback)).one()
        return call.attempts == times and call.due_at < clock.now() + timedelta(seconds=30)

    for times in (1, 2):
        until(lambda times=times: tried(times), pump)
        with transaction():
            db.session.execute(update(SimulatedCallback).values(due_at=clock.now()))
    until(quiet, pump)
    call = db.session.scalars(select(SimulatedCallback)).one()
    assert (call.attempts, call.answer) == (3, "ConnectionError")


def test_a_call_under_way_is_taken_once_only(simulated):
    with transaction():
        for _ in range(3):
            db.session.add(SimulatedCallback(url="http://x/", form={}, due_at=clock.now()))
    assert len(service.take_calls(2)) == 2
    assert len(service.take_calls(2)) == 1
    assert service.take_calls(2) == []


def test_a_call_whose_pump_died_is_taken_again(simulated):
    with transaction():
        db.session.add(SimulatedCallback(url="http://x/", form={}, due_at=clock.now()))
    service.take_calls(1)
    with clock.stopped_at(clock.now() + service.LEASE + timedelta(seconds=1)):
        assert len(service.take_calls(1)) == 1


def test_no_transaction_is_open_while_a_call_is_under_way(pump, monkeypatch):
    def slow(call, signature):
        time.sleep(0.05)
        return True, "200"

    monkeypatch.setattr("app.simulator.pump.post", slow)
    with transaction():
        db.session.add(SimulatedCallback(url="http://x/", form={}, due_at=clock.now()))
    pump.turn()
    assert pump.under_way
    assert not db.session().in_transaction()


def test_the_process_ends_well_when_it_is_told_to(simulated: Flask, settings):
    environment = {
        **os.environ,
        "APP_ENV": "development",
        "FLASK_APP": "wsgi:app",
        "SMS_PROVIDER": "simulator",
        "DATABASE_URL": str(simulated.config["SQLALCHEMY_DATABASE_URI"]),
        "REDIS_URL": str(simulated.config["REDIS_URL"]),
        "PUBLIC_URL": str(simulated.config["PUBLIC_URL"]),
    }
    send()
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "simulator", "run"], cwd=root, env=environment
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not quiet():
            db.session.rollback()
            time.sleep(0.1)
        assert db.session.scalars(select(Receipt.status).order_by(Receipt.id)).all() == [
            "sent",
            "delivered",
        ]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
