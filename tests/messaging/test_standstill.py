"""When texts hardly leave, those who would ask for help are told before they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import carrier_health
from app.messaging.carrier_health.resting import rest
from app.messaging.rules.outcomes import Fault, Outcome, Verdict, of_fault
from tests import factories
from tests.queries import counting

SignIn = Callable[[User], FlaskClient]
ACCEPTED = Outcome(Verdict.ACCEPTED, carrier_id="x")
LOST = of_fault(Fault.CUT_OFF)
WORDS = "Texts hardly leave just now"


@pytest.fixture(autouse=True)
def _one_carrier(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(app.config, "SMS_PROVIDER", "twilio")
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "")
    carrier_health.forget()
    yield
    carrier_health.forget()


def saw(name: str, *outcomes: Outcome) -> None:
    for outcome in outcomes:
        carrier_health.note(name, outcome, 0.1)
    carrier_health.flush(at_once=True)


def test_a_coordinator_is_told_where_help_is_asked_for(sign_in: SignIn) -> None:
    saw("twilio", *[LOST] * 9, ACCEPTED)
    desk = sign_in(factories.coordinator())
    for page in ("/", "/broadcasts", "/broadcasts/new", "/messages", "/inbox"):
        html = desk.get(page).text
        assert html.count(WORDS) == 1, page
        assert "9 of 10 requests failed in the last 2 minutes." in html
        assert "What is kept:" in html
        assert "tell an administrator" in html


def test_an_administrator_is_shown_the_way_to_the_carriers(sign_in: SignIn) -> None:
    saw("twilio", *[LOST] * 9)
    desk = sign_in(factories.administrator())
    assert "See how the carriers do" in desk.get("/broadcasts").text
    operations = desk.get("/operations").text
    assert WORDS in operations
    assert "See how the carriers do" not in operations


def test_nothing_is_said_while_texts_leave(sign_in: SignIn) -> None:
    saw("twilio", *[ACCEPTED] * 20, *[LOST] * 4)
    assert WORDS not in sign_in(factories.coordinator()).get("/broadcasts").text


def test_a_volunteer_is_not_worried_with_it(sign_in: SignIn, app: Flask) -> None:
    saw("twilio", *[LOST] * 9)
    assert WORDS not in sign_in(factories.user()).get("/").text


def test_one_carrier_in_trouble_is_no_standstill_while_the_other_does_well(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "notify")
    saw("twilio", *[LOST] * 9)
    with transaction():
        rest("twilio", "9 of 9 requests failed in the last 2 minutes.")
    assert carrier_health.standstill() == ""
    saw("notify", *[LOST] * 7, *[ACCEPTED] * 3)
    assert carrier_health.standstill() == "7 of 10 requests failed in the last 2 minutes."


def test_the_only_carrier_left_rests(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "notify")
    with transaction():
        rest("twilio", "It answers no more.")
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "")
    assert carrier_health.standstill() == "It answers no more."


def test_it_costs_two_statements(app: Flask) -> None:
    with counting(db.engine) as statements:
        carrier_health.standstill()
    assert len(statements) == 2
