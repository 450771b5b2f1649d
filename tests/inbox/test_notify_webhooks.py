"""Notify's calls about texts that came in: with our token, stored once, answered with 200."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.foundation import phone
from app.foundation.extensions import db
from app.inbox import service
from app.inbox.models import Reply, ReplyState
from app.messaging.models import Message, Receipt
from app.volunteers import service as volunteers
from app.volunteers.models import Channel
from tests import factories
from tests.notify import CALLBACK_TOKEN, inbound

SMS, STATUS = "/webhooks/notify/sms", "/webhooks/notify/status"


@pytest.fixture(autouse=True)
def _token(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "NOTIFY_CALLBACK_TOKEN", CALLBACK_TOKEN)


def call(client: FlaskClient, said: Any, header: str = f"Bearer {CALLBACK_TOKEN}") -> int:
    return client.post(SMS, json=said, headers={"Authorization": header}).status_code


def count(table: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("path", [SMS, STATUS])
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer ",
        "Bearer",
        CALLBACK_TOKEN,
        f"Basic {CALLBACK_TOKEN}",
        f"bearer {CALLBACK_TOKEN}",
        f"Bearer {CALLBACK_TOKEN[:-1]}",
        f"Bearer {CALLBACK_TOKEN}x",
        f"Bearer  {CALLBACK_TOKEN}",
        "Bearer é",
    ],
)
def test_a_wrong_token_is_403_and_leaves_nothing(
    client: FlaskClient, path: str, header: str
) -> None:
    answer = client.post(path, json=inbound("YES"), headers={"Authorization": header})
    assert answer.status_code == 403
    assert (count(Reply), count(Receipt)) == (0, 0)


@pytest.mark.parametrize("path", [SMS, STATUS])
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer", "Bearer None"])
def test_without_a_token_of_our_own_nobody_may_call(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str, header: str
) -> None:
    monkeypatch.setitem(app.config, "NOTIFY_CALLBACK_TOKEN", "")
    answer = client.post(path, json=inbound("YES"), headers={"Authorization": header})
    assert answer.status_code == 403
    assert (count(Reply), count(Receipt)) == (0, 0)


@pytest.mark.parametrize("path", ["/webhooks/twilio/sms", "/webhooks/twilio/status"])
def test_where_twilio_is_not_used_an_empty_token_signs_nothing(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setitem(app.config, "TWILIO_AUTH_TOKEN", "")
    form = {"MessageSid": "SM1", "From": "+447700900001", "Body": "STOP"}
    signature = RequestValidator("").compute_signature(f"http://localhost{path}", form)
    answer = client.post(path, data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403
    assert (count(Reply), count(Receipt)) == (0, 0)


@pytest.mark.parametrize("path", [SMS, STATUS])
@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'"text"', b"null", b"\xff"])
def test_what_is_no_object_is_400_and_leaves_nothing(
    client: FlaskClient, path: str, body: bytes
) -> None:
    headers = {"Authorization": f"Bearer {CALLBACK_TOKEN}", "Content-Type": "application/json"}
    assert client.post(path, data=body, headers=headers).status_code == 400
    assert (count(Reply), count(Receipt)) == (0, 0)


def test_a_text_is_stored_as_it_came(client: FlaskClient) -> None:
    said = inbound("YES please", "447700900123")
    assert call(client, said) == 200
    reply = db.session.scalar(select(Reply))
    assert reply is not None
    assert (reply.carrier_id, reply.body) == (said["id"], "YES please")
    assert (reply.from_address, reply.to_address) == ("+447700900123", "+447700900999")
    assert said.items() <= reply.payload.items()


def test_a_doubled_call_is_one_reply(client: FlaskClient) -> None:
    said = inbound("YES")
    assert [call(client, said) for _ in range(3)] == [200, 200, 200]
    assert count(Reply) == 1


@pytest.mark.parametrize("body", ["", "🙏" * 600, "\u0000null", "a" * 5000, "ભલે", None, 7, ["x"]])
def test_whatever_it_says_it_is_kept(client: FlaskClient, body: Any) -> None:
    assert call(client, inbound("x") | {"message": body}) == 200
    service.process_all()
    assert count(Reply) == 1


def test_a_stop_that_came_through_notify_takes_effect(client: FlaskClient) -> None:
    person = factories.volunteer()
    assert call(client, inbound("Stop", (person.phone or "").removeprefix("+"))) == 200
    service.process_all()
    assert volunteers.is_opted_out(Channel.SMS, person.phone or "")


def test_an_answer_is_written_to_the_phone_that_asked(client: FlaskClient) -> None:
    person = factories.volunteer()
    call(client, inbound("HELP", (person.phone or "").removeprefix("+")))
    service.process_all()
    answer = db.session.scalar(select(Message).where(Message.purpose == "answer"))
    assert answer is not None
    assert answer.to_address == person.phone
    assert db.session.scalar(select(Reply.state)) == ReplyState.DONE


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("447700900123", "+447700900123"),
        ("07700900123", "+447700900123"),
        ("+447700900123", "+447700900123"),
        ("33612345678", "+33612345678"),
        ("441509222222", "+441509222222"),
        ("01509222222", "+441509222222"),
        ("62442", "62442"),
        ("ROYALMAIL", "ROYALMAIL"),
        ("", ""),
        ("٠٧٧٠٠٩٠٠١٢٣", "+447700900123"),
        ("1" * 40, "1" * 40),
    ],
)
def test_numbers_are_kept_in_one_form(app: Flask, said: str, number: str) -> None:
    assert phone.as_e164(said) == number
