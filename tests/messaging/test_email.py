"""Emails over real SMTP: their parts, their way out, and a server that says no."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient

from app.foundation import queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.messaging import delivery, ledger, service
from app.messaging.carriers.smtp import SmtpConnection
from app.messaging.models import Message, State
from app.signups import service as signups
from app.signups.models import Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel
from tests import factories


class MailServer:
    """Keeps what it took; `answer` is what it says to the next emails."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer_to_address = "250 OK"
        self.answer_to_email = "250 OK"

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer_to_address.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_address

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer_to_email.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.taken.append(mail)
        return self.answer_to_email


@pytest.fixture
def mail_server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    server = MailServer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}")
    yield server
    controller.stop()


def write(**said: str) -> int:
    letter = {
        "channel": "email",
        "to": "asha@example.org",
        "subject": "Hello",
        "body": "Hello there.",
        "cause": "test:1",
        "recipient": "user:1",
        "purpose": "hello",
    }
    return service.write(Letter(**(letter | said))) or 0


def state_of(message_id: int) -> tuple[State, str]:
    db.session.rollback()
    message = db.session.get_one(Message, message_id)
    return message.state, message.reason


def test_a_confirmation_has_text_html_and_the_invitation(
    app: Flask, mail_server: MailServer
) -> None:
    person = factories.volunteer(prefers=Channel.EMAIL)
    signups.claim(factories.shift().id, person.id, way=Way.WEB)
    assert delivery.deliver(queue.EMAIL) == 1
    mail = mail_server.taken[0]
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    calendar = list(mail.walk())[-1]
    assert calendar.get_param("method") == "REQUEST"
    assert "BEGIN:VEVENT" in calendar.get_payload(decode=True).decode()


def test_whoever_has_enough_leaves_with_one_click(
    app: Flask, mail_server: MailServer, client: FlaskClient
) -> None:
    person = factories.volunteer(prefers=Channel.EMAIL)
    address = person.email or ""
    signups.claim(factories.shift().id, person.id, way=Way.WEB)
    delivery.deliver(queue.EMAIL)
    mail = mail_server.taken[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(mail["List-Unsubscribe"]).strip("<>")
    path = url.removeprefix(app.config["PUBLIC_URL"])
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert volunteers.is_opted_out(Channel.EMAIL, address)


def test_an_email_that_was_asked_for_has_no_unsubscribe(
    app: Flask, mail_server: MailServer
) -> None:
    write()
    delivery.deliver(queue.EMAIL)
    assert mail_server.taken[0]["List-Unsubscribe"] is None


def test_nobody_who_opted_out_of_email_gets_one(app: Flask, mail_server: MailServer) -> None:
    volunteers.opt_out(Channel.EMAIL, "asha@example.org", how="test")
    message_id = write()
    delivery.deliver(queue.EMAIL)
    assert state_of(message_id)[0] == State.SUPPRESSED
    assert mail_server.taken == []


@pytest.mark.parametrize(
    ("to_address", "to_email", "state"),
    [
        ("550 No such user", "250 OK", State.FAILED),
        ("450 Try later", "250 OK", State.QUEUED),
        ("250 OK", "554 Looks like spam", State.FAILED),
        ("250 OK", "451 Busy", State.QUEUED),
    ],
)
def test_what_the_server_says_is_what_happens(
    app: Flask, mail_server: MailServer, to_address: str, to_email: str, state: State
) -> None:
    mail_server.answer_to_address, mail_server.answer_to_email = to_address, to_email
    message_id = write()
    delivery.deliver(queue.EMAIL, seconds=0)
    assert state_of(message_id)[0] == state


def test_a_server_that_is_away_is_tried_again_later(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:9")
    message_id = write()
    delivery.deliver(queue.EMAIL, seconds=0)
    assert state_of(message_id) == (State.QUEUED, "The mail server could not be reached.")


def test_a_connection_that_was_cut_is_opened_again(app: Flask, mail_server: MailServer) -> None:
    first, second = write(), write(recipient="user:2")
    connection = SmtpConnection(app.config["SMTP_URL"], app.config["MAIL_FROM"])
    leased = ledger.lease(queue.EMAIL, "worker")
    one, other = ledger.begin_sending([each.id for each in leased], "worker")
    outcomes = [(one, connection.send(one))]
    connection._server.sock.close()  # type: ignore[union-attr]
    outcomes.append((other, connection.send(other)))
    connection.close()
    ledger.record(outcomes)
    assert {state_of(first)[0], state_of(second)[0]} == {State.ACCEPTED}


def test_without_a_server_an_administrator_is_named(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "")
    message_id = write()
    delivery.deliver(queue.EMAIL)
    assert state_of(message_id)[0] == State.FAILED
