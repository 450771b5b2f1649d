"""A text's whole life through GOV.UK Notify."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import carrier_health, delivery, recovery, service
from app.messaging.carriers import notify as carrier
from app.messaging.models import Message, Receipt, State
from tests.messaging.test_delivery import letter, state_of
from tests.notify import CALLBACK_TOKEN, StubNotify, receipt


@pytest.fixture
def notify(app: Flask, stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch) -> StubNotify:
    """Notify's stand-in, as the only carrier."""
    monkeypatch.setitem(app.config, "SMS_PROVIDER", "notify")
    carrier_health.forget()
    return stub_notify


def call(client: FlaskClient, said: dict[str, Any]) -> None:
    header = {"Authorization": f"Bearer {CALLBACK_TOKEN}"}
    assert client.post("/webhooks/notify/status", json=said, headers=header).status_code == 204


def message(message_id: int | None) -> Message:
    db.session.rollback()
    return db.session.get_one(Message, message_id)


def long_ago(ago: timedelta) -> None:
    with transaction():
        db.session.execute(
            update(Message)
            .where(Message.state == State.UNCERTAIN)
            .values(sending_at=clock.now() - ago)
        )


def test_a_text_leaves_and_the_ledger_knows_by_whom(notify: StubNotify) -> None:
    message_id = service.write(letter(body="Can you help tonight?"))
    assert delivery.deliver(queue.URGENT) == 1
    [text] = notify.taken
    row = message(message_id)
    assert (row.state, row.carrier, row.carrier_id) == (State.ACCEPTED, "notify", text["id"])
    assert (text["reference"], text["body"]) == (row.token, row.body)


def test_its_counts_reach_the_overview(notify: StubNotify) -> None:
    for number in range(1, 8):
        service.write(letter(number))
    delivery.deliver(queue.URGENT)
    [row] = carrier_health.overview()
    assert (row.name, row.is_in_use, row.asked, row.faults) == ("notify", True, 7, 0)
    assert row.median_seconds is not None
    assert 0 < row.median_seconds < 5


@pytest.mark.parametrize(
    ("statuses", "state", "reason"),
    [
        (["delivered"], State.DELIVERED, ""),
        (["delivered", "delivered"], State.DELIVERED, ""),
        (["permanent-failure"], State.UNDELIVERED, "does not exist"),
        (["temporary-failure"], State.UNDELIVERED, "switched off"),
        (["technical-failure"], State.FAILED, "fault"),
        (["sending", "delivered", "sending", "pending"], State.DELIVERED, ""),
        (["temporary-failure", "delivered"], State.UNDELIVERED, "switched off"),
        (["no-such-status"], State.ACCEPTED, ""),
        ([""], State.ACCEPTED, ""),
    ],
)
def test_receipts_move_it_forward_late_doubled_and_shuffled(
    client: FlaskClient, notify: StubNotify, statuses: list[str], state: State, reason: str
) -> None:
    message_id = service.write(letter())
    delivery.deliver(queue.URGENT)
    for status in statuses:
        call(client, receipt(notify.taken[0], status))
    row = message(message_id)
    assert row.state == state
    assert reason in row.reason
    assert bool(row.reason) == bool(reason)
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == len(statuses)


def test_each_receipt_finds_its_own_message(client: FlaskClient, notify: StubNotify) -> None:
    ids = [service.write(letter(number)) for number in range(1, 21)]
    delivery.deliver(queue.URGENT)
    calls = [receipt(text, "delivered") for text in notify.taken[::2]] * 2
    random.Random(3).shuffle(calls)
    for said in calls:
        call(client, said)
    delivered = {text["reference"] for text in notify.taken[::2]}
    for message_id in ids:
        row = message(message_id)
        assert (row.state == State.DELIVERED) == (row.token in delivered)


def test_a_receipt_before_the_answer_is_recorded_wins(
    client: FlaskClient, notify: StubNotify
) -> None:
    """The text was taken, its answer lost: the receipt names it by our token."""
    message_id = service.write(letter())
    notify.answer = lambda _request: "drop"
    delivery.deliver(queue.URGENT)
    assert state_of(message_id) == State.UNCERTAIN
    call(client, receipt(notify.taken[0], "delivered"))
    row = message(message_id)
    assert (row.state, row.carrier_id) == (State.DELIVERED, notify.taken[0]["id"])


def test_a_receipt_of_another_system_is_kept_and_moves_nothing(
    client: FlaskClient, notify: StubNotify
) -> None:
    message_id = service.write(letter())
    delivery.deliver(queue.URGENT)
    stranger = receipt(notify.taken[0], "delivered") | {"id": "x", "reference": None}
    call(client, stranger)
    assert state_of(message_id) == State.ACCEPTED
    assert db.session.scalar(select(Receipt.message_id)) is None


@pytest.mark.parametrize("answer", ["drop", "fault"])
def test_what_was_taken_is_healed_by_the_list_and_never_sent_again(
    notify: StubNotify, answer: str
) -> None:
    ids = [service.write(letter(number, body="The same words")) for number in range(1, 4)]
    notify.answer = lambda _request: answer
    delivery.deliver(queue.URGENT)
    assert {state_of(each) for each in ids} == {State.UNCERTAIN}
    notify.answer = lambda _request: None
    notify.taken[0]["status"] = "delivered"
    found = recovery.reconcile()
    assert (found["uncertain"], found["healed"], found["left"]) == (3, 3, 0)
    assert {each: message(each).carrier_id for each in ids} == {
        each: next(text["id"] for text in notify.taken if text["reference"] == message(each).token)
        for each in ids
    }
    delivered = [each for each in ids if state_of(each) == State.DELIVERED]
    assert [message(each).token for each in delivered] == [notify.taken[0]["reference"]]
    delivery.deliver(queue.URGENT)
    assert set(notify.times_texted().values()) == {1}


def test_what_it_never_had_goes_again_once_that_is_certain(notify: StubNotify) -> None:
    message_id = service.write(letter())
    notify.answer = lambda _request: (500, "Exception", "Internal server error")
    delivery.deliver(queue.URGENT)
    notify.answer = lambda _request: None
    long_ago(timedelta(minutes=10))
    assert recovery.reconcile()["left"] == 1
    assert state_of(message_id) == State.UNCERTAIN
    long_ago(carrier.LIST_LAGS + timedelta(minutes=1))
    assert recovery.reconcile()["again"] == 1
    delivery.deliver(queue.URGENT)
    assert state_of(message_id) == State.ACCEPTED
    assert len(notify.taken) == 1


def test_a_refused_number_fails_with_the_reason_in_words(notify: StubNotify) -> None:
    message_id = service.write(letter())
    notify.answer = lambda _request: (400, "ValidationError", "phone_number Not enough digits")
    delivery.deliver(queue.URGENT)
    row = message(message_id)
    assert (row.state, row.reason) == (State.FAILED, "The number is not a mobile.")
    assert row.error_code == "ValidationError"


def test_a_wrong_key_loses_nothing(notify: StubNotify) -> None:
    message_id = service.write(letter())
    notify.answer = lambda _request: (403, "AuthError", "Invalid token: API key not found")
    delivery.deliver(queue.URGENT, seconds=0)
    row = message(message_id)
    assert row.state == State.QUEUED
    assert "credentials" in row.reason
    notify.answer = lambda _request: None
    with clock.stopped_at(clock.now() + timedelta(minutes=1)):
        assert delivery.deliver(queue.URGENT) == 1


def test_after_the_limit_of_the_day_the_only_carrier_is_asked_after_midnight(
    notify: StubNotify,
) -> None:
    evening = (clock.now() + timedelta(days=1)).replace(hour=19, minute=0)
    full = (429, "TooManyRequestsError", "Exceeded send limits (250000) for today")
    notify.answer = lambda _request: full
    with clock.stopped_at(evening):
        message_id = service.write(letter())
        delivery.deliver(queue.URGENT, seconds=0)
    row = message(message_id)
    midnight = datetime.combine(evening.date() + timedelta(days=1), datetime.min.time(), UTC)
    assert row.state == State.QUEUED
    assert midnight < row.not_before < midnight + timedelta(minutes=2)
    assert notify.asked == 1
