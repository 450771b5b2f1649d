"""Receipts, the carrier's own list, and what a person decides."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import delivery, receipts, recovery, service
from app.messaging.carriers.twilio import NUMBERS_ASKED_ONE_BY_ONE
from app.messaging.models import Message, Receipt, State
from app.volunteers import service as volunteers
from app.volunteers.models import Channel
from tests import factories
from tests.carrier import StubCarrier
from tests.messaging.test_delivery import letter, state_of


def accepted(stub: StubCarrier, number: int = 1) -> Message:
    message_id = service.write(letter(number))
    delivery.deliver(queue.URGENT)
    return db.session.get_one(Message, message_id)


def receipt(message: Message, status: str, code: str = "") -> None:
    payload = {"MessageSid": message.carrier_id or "SM" + "9" * 32, "MessageStatus": status}
    receipts.receive(message.token, payload | ({"ErrorCode": code} if code else {}))


def test_receipts_move_a_message_forward(app: Flask, stub_carrier: StubCarrier) -> None:
    message = accepted(stub_carrier)
    receipt(message, "sent")
    assert state_of(message.id) == State.SENT
    receipt(message, "delivered")
    assert state_of(message.id) == State.DELIVERED


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["delivered", "sent", "queued"], State.DELIVERED),
        (["delivered", "delivered"], State.DELIVERED),
        (["delivered", "failed"], State.DELIVERED),
        (["undelivered", "sent"], State.UNDELIVERED),
        (["failed", "delivered"], State.FAILED),
        (["no-such-status"], State.ACCEPTED),
    ],
)
def test_late_doubled_and_shuffled_receipts_do_no_harm(
    app: Flask, stub_carrier: StubCarrier, statuses: list[str], state: State
) -> None:
    message = accepted(stub_carrier)
    for status in statuses:
        receipt(message, status)
    assert state_of(message.id) == state
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == len(statuses)


def test_a_receipt_heals_an_uncertain_message(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = service.write(letter())
    stub_carrier.answer = lambda _form: "drop"
    delivery.deliver(queue.URGENT)
    message = db.session.get_one(Message, message_id)
    assert message.state == State.UNCERTAIN
    receipt(message, "delivered")
    assert state_of(message_id) == State.DELIVERED


def test_a_receipt_of_the_carriers_opt_out_is_honoured(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    message = accepted(stub_carrier)
    receipt(message, "failed", "21610")
    assert volunteers.is_opted_out(Channel.SMS, factories.drama_phone(1))


def test_a_receipt_for_nobody_is_kept(app: Flask) -> None:
    receipts.receive("nobody", {"MessageSid": "SMx", "MessageStatus": "sent"})
    assert db.session.scalar(select(Receipt.message_id)) is None
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == 1


def uncertain(stub: StubCarrier, number: int = 1, *, taken: bool = True) -> int:
    message_id = service.write(letter(number, cause=f"test:{number}"))
    stub.answer = lambda _form: "drop" if taken else (500, None)
    delivery.deliver(queue.URGENT)
    with transaction():
        db.session.execute(update(Message).values(sending_at=clock.now() - timedelta(minutes=3)))
    return message_id or 0


def test_the_carriers_list_heals_what_it_took(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = uncertain(stub_carrier)
    assert recovery.reconcile() == {"uncertain": 1, "healed": 1, "again": 0, "left": 0}
    assert db.session.get_one(Message, message_id).carrier_id == stub_carrier.taken[0]["Sid"]


def test_what_the_carrier_never_had_is_sent_again(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = uncertain(stub_carrier, taken=False)
    stub_carrier.answer = lambda _form: None
    assert recovery.reconcile() == {"uncertain": 1, "healed": 0, "again": 1, "left": 0}
    assert delivery.deliver(queue.URGENT) == 1
    assert state_of(message_id) == State.ACCEPTED
    assert len(stub_carrier.taken) == 1


def test_a_list_that_may_lag_proves_nothing(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = uncertain(stub_carrier, taken=False)
    with transaction():
        db.session.execute(update(Message).values(sending_at=clock.now() - timedelta(minutes=1)))
    assert recovery.reconcile()["left"] == 1
    assert state_of(message_id) == State.UNCERTAIN


def test_what_was_tried_often_goes_to_a_person(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = uncertain(stub_carrier, taken=False)
    with transaction():
        db.session.execute(update(Message).values(attempts=recovery.MOST_ATTEMPTS))
    assert recovery.reconcile()["left"] == 1
    assert state_of(message_id) == State.UNCERTAIN


def test_two_alike_to_one_number_go_to_a_person(app: Flask, stub_carrier: StubCarrier) -> None:
    """The carrier has one of them, and nobody can tell which."""
    first = service.write(letter(cause="test:1", body="Help? STOP to opt out."))
    second = service.write(letter(cause="test:2", body="Help? STOP to opt out."))
    answers = iter(["drop", (500, None)])
    stub_carrier.answer = lambda _form: next(answers)
    delivery.deliver(queue.URGENT)
    with transaction():
        db.session.execute(update(Message).values(sending_at=clock.now() - timedelta(minutes=3)))
    assert recovery.reconcile()["left"] == 2
    assert state_of(first) == state_of(second) == State.UNCERTAIN


def test_many_in_doubt_are_settled_by_one_reading_of_the_list(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    number = NUMBERS_ASKED_ONE_BY_ONE + 5
    for n in range(number):
        service.write(letter(n, cause=f"test:{n}"))
    taken_or_not = itertools.cycle(["drop", (500, None)])
    stub_carrier.answer = lambda _form: next(taken_or_not)
    delivery.deliver(queue.URGENT)
    with transaction():
        db.session.execute(update(Message).values(sending_at=clock.now() - timedelta(minutes=3)))
    found = recovery.reconcile()
    assert (found["healed"], found["again"]) == (len(stub_carrier.taken), number - found["healed"])
    stub_carrier.answer = lambda _form: None
    delivery.deliver(queue.URGENT)
    assert set(stub_carrier.times_texted().values()) == {1}
    assert len(stub_carrier.taken) == number


def test_what_somebody_sent_again_meanwhile_is_left_alone(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    message_id = uncertain(stub_carrier, taken=False)
    [row] = recovery._doubtful(None, clock.now())["twilio"]
    with transaction():
        db.session.execute(update(Message).values(sending_at=clock.now()))
    assert recovery._decide(row, [], clock.now()) == "left"
    assert state_of(message_id) == State.UNCERTAIN


def test_what_is_listed_twice_stays_for_a_person(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = uncertain(stub_carrier)
    stub_carrier.take(stub_carrier.taken[0])
    assert recovery.reconcile()["left"] == 1
    assert state_of(message_id) == State.UNCERTAIN


def test_a_person_may_send_an_uncertain_message_again(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    message_id = uncertain(stub_carrier, taken=False)
    stub_carrier.answer = lambda _form: None
    service.send_again(message_id)
    assert delivery.deliver(queue.URGENT) == 1
    with pytest.raises(Refusal):
        service.send_again(message_id)


def test_a_person_may_leave_an_uncertain_message(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = uncertain(stub_carrier)
    service.leave(message_id)
    assert state_of(message_id) == State.FAILED


def test_a_stuck_or_forgotten_lane_is_nudged_by_the_sweep(app: Flask) -> None:
    service.write(letter())
    queue.connection().flushdb()  # Redis lost everything
    assert recovery.sweep()["lanes"] == 1
    assert queue.connection().llen("rq:queue:urgent") == 1
