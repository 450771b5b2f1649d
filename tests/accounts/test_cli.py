from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import jobs
from app.accounts.models import CountyRole, Proof
from app.accounts.service import second_factor
from app.foundation.extensions import db
from app.messaging.models import Message
from app.messaging.service import LedgerOutbox
from tests import factories


def run(app: Flask, *args: str) -> str:
    return str(app.test_cli_runner().invoke(args=["users", *args]).output)


def test_a_printed_link_signs_its_user_in(app: Flask, client: FlaskClient) -> None:
    factories.user(name="Asha", email="asha@example.org")
    printed = run(app, "link", "Asha@example.org").strip()
    client.post(printed.removeprefix("http://localhost"))
    assert "Asha" in client.get("/account").text


def test_a_role_is_given(app: Flask) -> None:
    user = factories.user(email="asha@example.org")
    run(app, "role", "asha@example.org", "coordinator")
    assert user.county_role == CountyRole.COORDINATOR


def test_a_lost_app_is_taken_off(app: Flask) -> None:
    user = factories.user(email="asha@example.org")
    second_factor.begin(user.id)
    run(app, "reset-second-factor", "asha@example.org")
    assert user.totp_secret is None


def test_an_unknown_address_is_said_in_words(app: Flask) -> None:
    assert "No user has this email address." in run(app, "link", "nobody@example.org")


def test_a_code_reaches_the_ledger(app: Flask, client: FlaskClient) -> None:
    app.extensions["outbox"] = LedgerOutbox()
    factories.user(email="asha@example.org")
    client.post("/sign-in", data={"address": "asha@example.org", "way": "code"})
    jobs.send_proof(db.session.scalars(select(Proof.id)).one())
    message = db.session.scalars(select(Message)).one()
    assert (message.to_address, message.is_service) == ("asha@example.org", True)
