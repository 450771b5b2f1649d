"""The carrier's calls as nobody should make them, and as odd phones do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.inbox import service
from app.inbox.models import Reply, ReplyState
from app.messaging import service as messaging
from app.messaging.models import Message, Receipt, State
from app.volunteers.models import OptOut
from tests import factories
from tests.conftest import AUTH_TOKEN

SMS, STATUS = "/webhooks/twilio/sms", "/webhooks/twilio/status"


def signature(path: str, form: dict[str, Any], token: str = AUTH_TOKEN) -> dict[str, str]:
    made = RequestValidator(token).compute_signature(f"http://localhost{path}", form)
    return {"X-Twilio-Signature": made}


def text_from(
    client: FlaskClient, number: str, body: str = "hello", sid: str = "SM1", path: str = SMS
) -> int:
    form = {"MessageSid": sid, "From": number, "To": "+447700900000", "Body": body}
    return client.post(path, data=form, headers=signature(path, form)).status_code


def count(table: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def answers() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.purpose == "answer")))


@pytest.mark.parametrize("path", [SMS, STATUS])
def test_a_signature_of_another_address_or_form_is_refused(client: FlaskClient, path: str) -> None:
    form = {"MessageSid": "SM1", "From": "+447700900001", "Body": "YES"}
    signed = signature(path, form)
    other = STATUS if path == SMS else SMS
    for address, sent in [
        (other, form),
        (f"{path}?m=x", form),
        (path, form | {"Body": "STOP"}),
        (path, form | {"Extra": "1"}),
        (path, {}),
    ]:
        assert client.post(address, data=sent, headers=signed).status_code == 403
    assert client.post(path, json=form, headers=signed).status_code == 403
    assert client.get(path, headers=signed).status_code == 405
    assert client.post(path, data=form, headers={"X-Twilio-Signature": ""}).status_code == 403
    assert (count(Reply), count(Receipt)) == (0, 0)


def test_a_signed_body_of_another_kind_stores_no_words(client: FlaskClient) -> None:
    """JSON has no form: what was signed is an empty one, and nothing is read from it."""
    answer = client.post(
        SMS, json={"Body": "YES", "From": "+447700900001"}, headers=signature(SMS, {})
    )
    assert answer.status_code == 200
    service.process_all()
    assert count(Message) == 0


def test_a_query_is_part_of_what_is_signed(client: FlaskClient) -> None:
    path = f"{SMS}?a=1&b=%20x&c=%C3%A9"
    assert text_from(client, "+447700900001", path=path) == 200
    form = {"MessageSid": "SM2", "From": "+447700900001", "Body": "x"}
    moved = client.post(f"{SMS}?b=%20x&a=1&c=%C3%A9", data=form, headers=signature(path, form))
    assert moved.status_code == 403


def test_doubled_fields_are_signed_and_read_as_one(client: FlaskClient) -> None:
    form = MultiDict(
        [("MessageSid", "SM1"), ("From", "+447700900001"), ("Body", "YES"), ("Body", "STOP")]
    )
    assert client.post(SMS, data=form, headers=signature(SMS, form)).status_code == 200
    service.process_all()
    assert count(Reply) == 1
    assert count(OptOut) == 0


def test_two_texts_without_an_id_are_two_texts(client: FlaskClient) -> None:
    assert text_from(client, "+447700900001", "YES", sid="") == 200
    assert text_from(client, "+447700900002", "NO", sid="") == 200
    service.process_all()
    assert count(Reply) == 2


@pytest.mark.parametrize("sender", ["ROYALMAIL", "62442", "", "whatsapp:+447700900001", "\u0000"])
@pytest.mark.parametrize("body", ["HELP", "STOP", "START", "YES", "hello?", ""])
def test_who_is_no_phone_is_kept_and_not_answered(
    client: FlaskClient, sender: str, body: str
) -> None:
    assert text_from(client, sender, body) == 200
    service.process_all()
    reply = db.session.scalar(select(Reply))
    assert reply is not None
    assert reply.state in (ReplyState.DONE, ReplyState.WAITING)
    assert answers() == []


@pytest.mark.parametrize("body", ["STOP", "HELP", "START", "Reply HELP for help, STOP to end."])
def test_two_machines_do_not_talk_for_ever(client: FlaskClient, body: str) -> None:
    for n in range(40):
        assert text_from(client, "+447700900001", body, sid=f"SM{n}") == 200
    service.process_all()
    assert count(Reply) == 40
    assert len(answers()) <= service.MOST_ANSWERS


@pytest.mark.parametrize(
    "body",
    ["🙏" * 1600, "a" * 20_000, "\n\r\t", "\ufeff\u200b", "ＹＥＳ", "١٢ YES", "9" * 5000, "%s{}"],
)
def test_an_odd_body_is_kept_and_read(client: FlaskClient, body: str) -> None:
    factories.volunteer(phone="+447700900001")
    assert text_from(client, "+447700900001", body) == 200
    service.process_all()
    assert db.session.scalar(select(Reply.state)) in (ReplyState.DONE, ReplyState.WAITING)
    for message in answers():
        assert len(message.body) <= 1600


def ask() -> Message:
    message_id = messaging.write(
        Letter(
            channel="sms",
            to="+447700900005",
            body="Can you help?",
            cause="test:1",
            recipient="volunteer:5",
            purpose="ask",
        )
    )
    return db.session.get_one(Message, message_id)


def receipt(client: FlaskClient, token: str, sid: str, status: str, **more: str) -> int:
    path = f"{STATUS}?m={token}"
    form = {"MessageSid": sid, "MessageStatus": status, **more}
    return client.post(path, data=form, headers=signature(path, form)).status_code


def test_receipts_of_strangers_and_replays_move_nothing(app: Flask, client: FlaskClient) -> None:
    message = ask()
    for token in ("", "x" * 32, "%00", "é"):
        assert receipt(client, token, "SMother", "delivered") in (204, 403)
    db.session.rollback()
    assert db.session.get_one(Message, message.id).state == State.QUEUED
    assert receipt(client, message.token, "SM1", "delivered") == 204
    db.session.rollback()
    # It was not sent yet: what is queued is not delivered by a call from outside.
    assert db.session.get_one(Message, message.id).state == State.QUEUED


@pytest.mark.parametrize("status", ["", "nonsense", "DELIVERED", "delivered" * 100, "\u0000"])
def test_a_status_that_nobody_knows_is_kept(app: Flask, client: FlaskClient, status: str) -> None:
    message = ask()
    assert receipt(client, message.token, "SM1", status, ErrorCode="x" * 900) == 204
    assert count(Receipt) == 1
    db.session.rollback()
    assert db.session.get_one(Message, message.id).state == State.QUEUED
