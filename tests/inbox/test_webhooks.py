"""The carrier's calls: signed, stored once, answered with 200."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select, update
from twilio.request_validator import RequestValidator

from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.inbox import service
from app.inbox.models import Reply
from app.messaging import service as messaging
from app.messaging.models import Message, Receipt, State
from tests.conftest import AUTH_TOKEN


def call(client: FlaskClient, path: str, form: dict[str, str], token: str = AUTH_TOKEN) -> int:
    signature = RequestValidator(token).compute_signature(f"http://localhost{path}", form)
    answer = client.post(path, data=form, headers={"X-Twilio-Signature": signature})
    return answer.status_code


def form(sid: str = "SM1", body: str = "YES", number: str = "+447700900888") -> dict[str, str]:
    return {"MessageSid": sid, "From": number, "To": "+447700900000", "Body": body}


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Reply)) or 0


@pytest.mark.parametrize("path", ["/webhooks/twilio/sms", "/webhooks/twilio/status"])
def test_a_wrong_signature_is_403_and_leaves_nothing(client: FlaskClient, path: str) -> None:
    assert call(client, path, form(), token="somebody else's") == 403
    assert client.post(path, data=form()).status_code == 403
    assert stored() == 0
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == 0


@pytest.mark.parametrize("body", ["YES", "", "🙏" * 1600, "\u0000null", "a" * 1600])
def test_whatever_it_says_it_is_stored_and_answered(client: FlaskClient, body: str) -> None:
    assert call(client, "/webhooks/twilio/sms", form(body=body)) == 200
    assert stored() == 1
    service.process_all()
    assert stored() == 1


def test_a_doubled_call_is_one_reply(client: FlaskClient) -> None:
    assert [call(client, "/webhooks/twilio/sms", form()) for _ in range(2)] == [200, 200]
    assert stored() == 1


def test_a_text_costs_one_statement_and_a_receipt_two(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    call(client, "/webhooks/twilio/sms", form())
    with count_queries() as statements:
        call(client, "/webhooks/twilio/sms", form("SM2"))
    assert len(statements) == 1
    message = messaging.write(
        Letter(
            channel="sms",
            to="+447700900888",
            body="Can you help?",
            cause="test:1",
            recipient="volunteer:1",
            purpose="ask",
        )
    )
    with transaction():
        token = db.session.scalar(
            update(Message)
            .where(Message.id == message)
            .values(state=State.UNCERTAIN)
            .returning(Message.token)
        )
    with count_queries() as statements:
        receipt = {"MessageSid": "SM3", "MessageStatus": "delivered"}
        call(client, f"/webhooks/twilio/status?m={token}", receipt)
    assert len(statements) == 2
    assert db.session.get_one(Message, message).state == State.DELIVERED


def test_a_carriers_call_begins_no_session_and_is_kept_by_nobody(client: FlaskClient) -> None:
    path = "/webhooks/twilio/sms"
    signature = RequestValidator(AUTH_TOKEN).compute_signature(f"http://localhost{path}", form())
    headers = {"X-Twilio-Signature": signature, "Cookie": "session=anything"}
    answer = client.post(path, data=form(), headers=headers)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_call_that_is_refused_is_answered_like_any_page(client: FlaskClient) -> None:
    answer = client.post("/webhooks/twilio/sms", data=form())
    assert answer.status_code == 403
    assert "script-src" in answer.headers["Content-Security-Policy"]


def test_while_redis_is_away_a_text_is_kept_and_answered(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setitem(app.extensions, "redis", nowhere)
    assert call(client, "/webhooks/twilio/sms", form()) == 200
    assert stored() == 1


def test_a_receipt_is_kept(client: FlaskClient, app: Flask) -> None:
    path = "/webhooks/twilio/status?m=unknown"
    assert call(client, path, {"MessageSid": "SM1", "MessageStatus": "delivered"}) == 204
    assert db.session.scalar(select(Receipt.status)) == "delivered"
