"""The carrier's calls: signed, stored once, answered with 200."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.foundation.extensions import db
from app.inbox import service
from app.inbox.models import Reply
from app.messaging.models import Receipt
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


def test_a_receipt_is_kept(client: FlaskClient, app: Flask) -> None:
    path = "/webhooks/twilio/status?m=unknown"
    assert call(client, path, {"MessageSid": "SM1", "MessageStatus": "delivered"}) == 204
    assert db.session.scalar(select(Receipt.status)) == "delivered"
