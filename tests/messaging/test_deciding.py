"""What a coordinator does about uncertain messages: check, send again, leave; one or several."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rq import Queue
from sqlalchemy import select, update

from app.accounts.models import AuditEvent, User
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import deciding, delivery, service
from app.messaging.models import Message, State
from tests import factories
from tests.carrier import StubCarrier
from tests.messaging.test_delivery import letter, state_of


@pytest.fixture
def coordinator(sign_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return sign_in(factories.coordinator())


def uncertain(stub: StubCarrier, number: int = 1, *, taken: bool = True) -> int:
    """A text whose answer was lost ten minutes ago, taken by the carrier or not."""
    message_id = service.write(letter(number, cause=f"test:{number}"))
    stub.answer = lambda _form: "drop" if taken else (500, None)
    delivery.deliver(queue.URGENT)
    stub.answer = lambda _form: None
    with transaction():
        db.session.execute(
            update(Message)
            .where(Message.id == message_id)
            .values(sending_at=clock.now() - timedelta(minutes=10))
        )
    assert state_of(message_id) == State.UNCERTAIN
    return message_id or 0


def decide(client: FlaskClient, choice: str, ids: list[int], **said: str) -> str:
    data = {"choice": choice, "message": [str(one) for one in ids], **said}
    answer = client.post("/messages/decide", data=data, follow_redirects=True)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_the_page_shows_each_with_its_reason_and_the_three_choices(
    coordinator: FlaskClient, stub_carrier: StubCarrier
) -> None:
    uncertain(stub_carrier)
    said = " ".join(coordinator.get("/messages").text.split())
    assert "The carrier&#39;s answer was lost." in said or "10 minutes ago" in said
    for words in ("Check with the carrier", "Send again", "Leave"):
        assert words in said
    assert factories.drama_phone(1) not in said


def test_checking_heals_what_the_carrier_took(
    coordinator: FlaskClient, stub_carrier: StubCarrier
) -> None:
    message_id = uncertain(stub_carrier)
    assert "The carrier has taken 1 message." in decide(coordinator, "check", [message_id])
    assert state_of(message_id) == State.ACCEPTED
    assert actions() == ["checked uncertain messages"]


def test_checking_looks_at_the_ticked_ones_only(
    coordinator: FlaskClient, stub_carrier: StubCarrier
) -> None:
    first, second = uncertain(stub_carrier, 1), uncertain(stub_carrier, 2)
    decide(coordinator, "check", [first])
    assert (state_of(first), state_of(second)) == (State.ACCEPTED, State.UNCERTAIN)


def test_checking_says_when_it_cannot_tell(
    coordinator: FlaskClient, stub_carrier: StubCarrier
) -> None:
    message_id = uncertain(stub_carrier)
    stub_carrier.take(stub_carrier.taken[0])  # twice: which of them was it?
    assert "Of 1 it cannot tell for sure." in decide(coordinator, "check", [message_id])
    assert state_of(message_id) == State.UNCERTAIN


def test_checking_says_when_the_carrier_cannot_be_asked(
    coordinator: FlaskClient,
    stub_carrier: StubCarrier,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message_id = uncertain(stub_carrier)
    monkeypatch.setitem(app.config, "TWILIO_API_URL", "http://127.0.0.1:1")
    assert "The carrier cannot be asked now." in decide(coordinator, "check", [message_id])
    assert state_of(message_id) == State.UNCERTAIN


def test_many_are_checked_by_a_worker(
    coordinator: FlaskClient, stub_carrier: StubCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "CHECKED_AT_ONCE", 1)
    ids = [uncertain(stub_carrier, number) for number in (1, 2)]
    assert "a worker is asking the carrier" in decide(coordinator, "check", ids)
    waiting = Queue(queue.ORDINARY, connection=queue.connection()).jobs
    assert [job.func_name for job in waiting] == [deciding.RECONCILE]


@pytest.mark.parametrize(
    ("choice", "state", "action"),
    [
        ("send-again", State.QUEUED, "sent an uncertain message again"),
        ("leave", State.FAILED, "left an uncertain message"),
    ],
)
def test_several_are_decided_at_once_after_asking_once_more(
    coordinator: FlaskClient, stub_carrier: StubCarrier, choice: str, state: State, action: str
) -> None:
    ids = [uncertain(stub_carrier, number) for number in (1, 2)]
    asked = decide(coordinator, choice, ids)
    assert "No, go back" in asked
    assert [state_of(one) for one in ids] == [State.UNCERTAIN] * 2
    assert actions() == []
    assert "2 messages" in decide(coordinator, choice, ids, sure="yes")
    assert [state_of(one) for one in ids] == [state] * 2
    # The same press once more changes nothing and is not noted.
    assert "2 messages had been settled before." in decide(coordinator, choice, ids, sure="yes")
    assert actions() == [action] * 2


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"choice": "check"}, "Tick at least one message first."),
        ({"choice": "burn", "message": ["1"]}, "Choose what to do"),
        ({"message": ["1"]}, "Choose what to do"),
        ({"choice": "leave", "message": ["999"]}, "There is nothing to decide."),
        ({"choice": "leave", "message": ["x", "9" * 40]}, "Tick at least one message first."),
    ],
)
def test_what_makes_no_sense_is_told_and_changes_nothing(
    coordinator: FlaskClient, said: dict[str, object], sentence: str
) -> None:
    answer = coordinator.post("/messages/decide", data=said, follow_redirects=True)
    assert sentence in answer.text
    assert actions() == []


def test_only_coordinators_decide(sign_in: Callable[[User], FlaskClient]) -> None:
    client = sign_in(factories.user())
    assert client.post("/messages/decide", data={"choice": "leave"}).status_code == 403


def test_the_page_needs_few_statements(
    coordinator: FlaskClient, stub_carrier: StubCarrier, count_queries: Callable[[], object]
) -> None:
    for number in (1, 2, 3):
        uncertain(stub_carrier, number)
    db.session.remove()
    with count_queries() as statements:
        coordinator.get("/messages")
    assert len(statements) <= 12
