from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import jobs, passwords
from app.accounts.models import Proof, User
from app.accounts.service import second_factor
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from tests import factories
from tests.letters import Recorded

PASSWORD = "pears on a wall"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def asha(app: Flask) -> User:
    return factories.user(email="asha@example.org", password_hash=passwords.hashed(PASSWORD))


def code(user: User, moment: datetime | None = None) -> str:
    return pyotp.TOTP(str(second_factor.key(user))).at(moment or clock.now())


def set_up(user: User) -> list[str]:
    second_factor.begin(user.id)
    # An earlier code, so that the present one is still good.
    return second_factor.confirm(user.id, code(user, clock.now() - timedelta(seconds=30)))


def sign_in(client: FlaskClient) -> None:
    client.post("/sign-in", data={"address": "asha@example.org", "password": PASSWORD})


def test_the_secret_is_kept_encrypted(asha: User) -> None:
    second_factor.begin(asha.id)
    assert str(second_factor.key(asha)) not in str(asha.totp_secret)


def test_the_password_alone_no_longer_lets_in(client: FlaskClient, asha: User) -> None:
    set_up(asha)
    sign_in(client)
    assert client.get("/account").status_code == 302
    client.post("/sign-in/second-factor", data={"code": code(asha)})
    assert client.get("/account").status_code == 200


def test_a_code_in_urdu_digits_lets_in_too(client: FlaskClient, asha: User) -> None:
    set_up(asha)
    sign_in(client)
    zero = ord("\N{EXTENDED ARABIC-INDIC DIGIT ZERO}")
    typed = "".join(chr(zero + int(digit)) for digit in code(asha))
    client.post("/sign-in/second-factor", data={"code": typed})
    assert client.get("/account").status_code == 200


def test_a_code_is_good_once(asha: User) -> None:
    with clock.stopped_at(NOW):
        set_up(asha)
        assert second_factor.passes(asha.id, code(asha))
        assert not second_factor.passes(asha.id, code(asha))


def test_an_older_code_than_the_last_is_refused(asha: User) -> None:
    with clock.stopped_at(NOW):
        set_up(asha)
        assert second_factor.passes(asha.id, code(asha))
        assert not second_factor.passes(asha.id, code(asha, NOW - timedelta(seconds=30)))


def test_a_slow_clock_is_forgiven_for_half_a_minute(asha: User) -> None:
    with clock.stopped_at(NOW):
        set_up(asha)
    with clock.stopped_at(NOW + timedelta(minutes=5)):
        assert not second_factor.passes(asha.id, code(asha, NOW + timedelta(minutes=4)))
        assert second_factor.passes(asha.id, code(asha, NOW + timedelta(minutes=4, seconds=30)))


def test_each_recovery_code_is_good_once(asha: User) -> None:
    codes = set_up(asha)
    assert len(set(codes)) == 8
    assert second_factor.passes(asha.id, codes[0].upper().replace("-", " "))
    assert not second_factor.passes(asha.id, codes[0])
    assert second_factor.passes(asha.id, codes[1])


def test_new_recovery_codes_end_the_old(asha: User) -> None:
    old = set_up(asha)
    second_factor.renew_recovery_codes(asha.id)
    assert not second_factor.passes(asha.id, old[0])


def test_a_wrong_first_code_does_not_turn_it_on(asha: User) -> None:
    second_factor.begin(asha.id)
    with pytest.raises(Refusal):
        second_factor.confirm(asha.id, "abc")
    assert not asha.has_second_factor


def test_a_coordinator_is_led_to_set_it_up(
    app: Flask,
    sign_in: Callable[[User], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "SECOND_FACTOR_REQUIRED", True)
    user = factories.coordinator()
    client = sign_in(user)
    assert client.get("/account").location == "/account/second-factor"
    client.post("/account/second-factor")
    page = client.get("/account/second-factor").text
    assert "<svg" in page
    assert "style=" not in page
    answer = client.post("/account/second-factor", data={"code": code(user)})
    assert len(re.findall(r"<code>[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}</code>", answer.text)) == 8
    assert client.get("/account").status_code == 200


def test_a_volunteer_is_not(
    app: Flask,
    sign_in: Callable[[User], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "SECOND_FACTOR_REQUIRED", True)
    assert sign_in(factories.user()).get("/account").status_code == 200


def test_taking_it_off_needs_a_code(sign_in: Callable[[User], FlaskClient], asha: User) -> None:
    set_up(asha)
    client = sign_in(asha)
    client.post("/account/second-factor/remove", data={"code": "000000x"})
    assert asha.has_second_factor
    client.post("/account/second-factor/remove", data={"code": code(asha)})
    assert not asha.has_second_factor


def test_a_new_password_does_not_get_past_the_second_factor(
    client: FlaskClient, asha: User, outbox: Recorded
) -> None:
    set_up(asha)
    client.post("/sign-in/forgotten", data={"address": "asha@example.org"})
    jobs.send_proof(db.session.scalars(select(Proof.id)).one())
    client.post("/sign-in/code", data={"code": outbox.code()})
    answer = client.post("/sign-in/new-password", data={"password": "plums in a basket"})
    assert answer.location == "/sign-in/second-factor"
    assert client.get("/account").status_code == 302
    client.post("/sign-in/second-factor", data={"code": code(asha)})
    assert client.get("/account").status_code == 200
