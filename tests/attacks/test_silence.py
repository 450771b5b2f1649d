"""Nobody's name, number, address or words in what the service writes to its logs."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.foundation import queue
from app.foundation.extensions import db
from app.foundation.logs import JsonFormatter, PlainFormatter
from app.inbox import acting
from app.inbox import service as inbox
from app.messaging import delivery, recovery
from app.messaging import service as messaging
from tests import factories
from tests.attacks.test_webhooks import SMS, text_from
from tests.carrier import StubCarrier
from tests.messaging.test_delivery import letter

PRIVATE = ("900123", "quill", "Quill", "example.org", "Zebedee", "sausages", "LE65")
EMAIL = "zebedee.quill@example.org"


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything that was logged, at INFO and above, as production and `make run` write it."""
    caplog.set_level(logging.INFO)

    def lines() -> str:
        formatters = (JsonFormatter(), PlainFormatter())
        return "\n".join(
            formatter.format(record)
            for record in caplog.records
            for formatter in formatters
            # The test client's and the stub's own chatter is not the service's.
            if not record.name.startswith(("asyncio", "werkzeug"))
        )

    return lines


def tells(text: str) -> list[str]:
    return [word for word in PRIVATE if word in text]


def test_signing_up_and_in_leaves_no_trace_of_who(
    client: FlaskClient, written: Callable[[], str]
) -> None:
    form = {
        "name": "Zebedee Quill",
        "contact": EMAIL,
        "postcode": "LE65 1AA",
        "age_band": "adult",
        "may_ask": "y",
    }
    client.post("/sign-up", data=form)
    for address in (EMAIL, "07700 900123"):
        client.post("/sign-in", data={"address": address, "password": "sausages and mash"})
        client.post("/sign-in", data={"address": address, "way": "code"})
        client.post("/sign-in/forgotten", data={"address": address})
    client.get(f"/opportunities?near={EMAIL}&x=07700900123")
    client.get(f"/nowhere/{EMAIL}")
    assert tells(written()) == []


def test_a_text_leaves_no_trace_of_who_even_when_it_fails(
    client: FlaskClient, written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.volunteer(name="Zebedee Quill", phone="+447700900123", email=EMAIL)
    assert text_from(client, "+447700900123", "I like sausages") == 200

    def fail(*_: object) -> None:
        db.session.connection().exec_driver_sql("SELECT nothing FROM reply WHERE 'sausages' = ''")

    monkeypatch.setattr(acting, "act", fail)
    inbox.process_all()
    client.post(SMS, data={"From": "+447700900123", "Body": "sausages"})
    text = written()
    assert "could not be processed" in text
    # A statement that we write by hand shows itself; what people said is a parameter.
    assert [word for word in tells(text) if word != "sausages"] == []


@pytest.mark.parametrize("answer", [(400, 21211), (500, None), (429, 20429), "drop"])
def test_sending_leaves_no_trace_of_whom(
    app: Flask, stub_carrier: StubCarrier, written: Callable[[], str], answer: object
) -> None:
    stub_carrier.answer = lambda _form: answer
    messaging.write(letter(123, body="Zebedee likes sausages"))
    delivery.deliver(queue.URGENT, seconds=0)
    recovery.sweep()
    recovery.reconcile()
    assert tells(written()) == []


def test_a_fault_on_a_page_leaves_no_trace_of_what_was_typed(
    app: Flask,
    client: FlaskClient,
    written: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    errors_are_pages: None,
) -> None:
    factories.user(email=EMAIL, name="Zebedee Quill")
    monkeypatch.setattr(
        "app.accounts.routes.sign_in.read_address",
        lambda *_: 1 / 0,
        raising=False,
    )
    monkeypatch.setattr("app.accounts.queries.holders", lambda *_: 1 / 0)
    answer = client.post("/sign-in", data={"address": EMAIL, "password": "sausages"})
    assert answer.status_code == 500
    text = written()
    assert "ZeroDivisionError" in text
    assert tells(text) == []
