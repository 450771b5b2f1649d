from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from app.accounts import jobs, passwords, service
from app.accounts.models import SMS, AuditEvent, Proof, User
from app.accounts.service import proofs, sign_in
from app.foundation import clock
from app.foundation.extensions import db, limiter
from tests import factories
from tests.letters import Recorded

PASSWORD = "pears on a wall"
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def asha(app: Flask) -> User:
    return factories.user(
        name="Asha Patel",
        email="asha@example.org",
        phone="+447700900123",
        phone_verified_at=clock.now(),
        password_hash=passwords.hashed(PASSWORD),
    )


def by_password(client: FlaskClient, password: str = PASSWORD, **said: str) -> Any:
    said.setdefault("address", "asha@example.org")
    return client.post("/sign-in", data=said | {"password": password})


def ask_for_code(client: FlaskClient, address: str) -> Any:
    answer = client.post("/sign-in", data={"address": address, "way": "code"})
    for proof in db.session.scalars(select(Proof).where(Proof.secret_hash == "")).all():
        jobs.send_proof(proof.id)
    return answer


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def words(answer: Any) -> str:
    """The page without what is new in every answer."""
    return re.sub(r'nonce="[^"]+"', "", answer.text)


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_the_right_password_signs_in(client: FlaskClient, asha: User) -> None:
    assert by_password(client).status_code == 302
    assert is_in(client)


def test_an_email_address_is_known_however_it_is_typed(client: FlaskClient, asha: User) -> None:
    by_password(client, address=" ASHA@example.ORG ")
    assert is_in(client)


def test_a_phone_and_a_password_sign_in(client: FlaskClient, asha: User) -> None:
    by_password(client, address="07700 900 123")
    assert is_in(client)


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(
    client: FlaskClient, asha: User
) -> None:
    wrong = words(by_password(client, "not the one")).replace("asha@", "@")
    unknown = words(by_password(client, "not the one", address="nobody@example.org"))
    assert sign_in.NOT_RIGHT in wrong
    assert unknown.replace("nobody@", "@") == wrong


def test_an_unknown_address_costs_a_hash_too(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []

    def counting(kept: str | None, _password: str) -> bool:
        seen.append(kept)
        return False

    monkeypatch.setattr(passwords, "matches", counting)
    by_password(client, address="nobody@example.org")
    assert seen == [None]


def test_a_disabled_account_stays_out(client: FlaskClient) -> None:
    factories.user(
        email="asha@example.org", is_enabled=False, password_hash=passwords.hashed(PASSWORD)
    )
    by_password(client)
    assert not is_in(client)


def test_an_address_that_was_never_confirmed_lets_nobody_in(client: FlaskClient) -> None:
    service.create_user("Asha", email="asha@example.org", password=PASSWORD)
    by_password(client)
    assert not is_in(client)


def test_failures_are_written_down_without_an_address(client: FlaskClient, asha: User) -> None:
    by_password(client, "not the one")
    event = db.session.scalars(select(AuditEvent)).one()
    assert event.action == "sign-in failed"
    assert "asha" not in str(event.detail)


def test_a_code_by_text_signs_in(client: FlaskClient, asha: User, outbox: Recorded) -> None:
    ask_for_code(client, "07700 900123")
    assert (outbox.last.channel, outbox.last.to) == (SMS, "+447700900123")
    client.post("/sign-in/code", data={"code": outbox.code()})
    assert is_in(client)


def test_a_code_works_only_in_the_browser_that_asked(
    app: Flask, client: FlaskClient, asha: User, outbox: Recorded
) -> None:
    ask_for_code(client, "07700 900123")
    other = app.test_client()
    other.post("/sign-in/code", data={"code": outbox.code()})
    assert not is_in(other)


def test_asking_for_a_code_looks_the_same_for_a_stranger(
    client: FlaskClient, asha: User, outbox: Recorded, count_queries: Any
) -> None:
    with count_queries() as for_known:
        known = client.post("/sign-in", data={"address": "asha@example.org", "way": "code"})
    page = words(client.get("/sign-in/code"))
    with count_queries() as for_stranger:
        stranger = client.post("/sign-in", data={"address": "no@example.org", "way": "code"})
    assert (stranger.status_code, stranger.location) == (known.status_code, known.location)
    assert words(client.get("/sign-in/code")) == page
    assert for_stranger == for_known


def test_nothing_is_sent_to_a_stranger(client: FlaskClient, asha: User, outbox: Recorded) -> None:
    ask_for_code(client, "nobody@example.org")
    assert outbox.letters == []


def test_a_lost_nudge_is_made_good(client: FlaskClient, asha: User, outbox: Recorded) -> None:
    client.post("/sign-in", data={"address": "asha@example.org", "way": "code"})
    with clock.stopped_at(clock.now() + timedelta(seconds=20)):
        jobs.send_waiting()
        jobs.send_waiting()
    assert len(outbox.letters) == 1


def test_looking_at_a_link_does_not_use_it_up(
    client: FlaskClient, asha: User, outbox: Recorded
) -> None:
    ask_for_code(client, "asha@example.org")
    for _ in range(3):
        assert client.get(outbox.path()).status_code == 200
    client.post(outbox.path())
    assert is_in(client)


def test_a_link_works_once(app: Flask, asha: User, client: FlaskClient, outbox: Recorded) -> None:
    ask_for_code(client, "asha@example.org")
    client.post(outbox.path())
    other = app.test_client()
    assert other.post(outbox.path()).status_code == 410
    assert other.get(outbox.path()).status_code == 410


def test_a_link_ends_after_fifteen_minutes(
    client: FlaskClient, asha: User, outbox: Recorded
) -> None:
    ask_for_code(client, "asha@example.org")
    with clock.stopped_at(clock.now() + timedelta(minutes=15)):
        assert client.post(outbox.path()).status_code == 410


def test_an_invented_link_is_no_link(client: FlaskClient) -> None:
    assert client.post("/sign-in/link/abc").status_code == 410


def test_those_who_share_a_phone_choose_who_they_are(
    client: FlaskClient, asha: User, outbox: Recorded
) -> None:
    ravi = factories.user(name="Ravi", phone="+447700900123", phone_verified_at=clock.now())
    ask_for_code(client, "07700 900123")
    answer = client.post("/sign-in/code", data={"code": outbox.code()}, follow_redirects=True)
    assert "Ravi" in answer.text
    client.post("/sign-in/who", data={"who": str(ravi.id)})
    assert "Ravi" in client.get("/account").text


def test_nobody_else_can_be_chosen(client: FlaskClient, asha: User, outbox: Recorded) -> None:
    factories.user(name="Ravi", phone="+447700900123", phone_verified_at=clock.now())
    stranger = factories.user(name="Stranger")
    ask_for_code(client, "07700 900123")
    client.post("/sign-in/code", data={"code": outbox.code()})
    client.post("/sign-in/who", data={"who": str(stranger.id)})
    assert not is_in(client)


def test_a_forgotten_password_is_replaced_and_other_sessions_end(
    app: Flask, asha: User, client: FlaskClient, outbox: Recorded
) -> None:
    elsewhere = app.test_client()
    by_password(elsewhere)
    client.post("/sign-in/forgotten", data={"address": "asha@example.org"})
    jobs.send_proof(db.session.scalars(select(Proof.id)).one())
    client.post("/sign-in/code", data={"code": outbox.code()})
    assert not is_in(client)
    client.post("/sign-in/new-password", data={"password": "plums in a basket"})
    assert is_in(client)
    assert not is_in(elsewhere)
    client.post("/sign-out")
    by_password(client, "plums in a basket")
    assert is_in(client)


def test_a_weak_new_password_is_refused_beside_its_field(
    client: FlaskClient, asha: User, outbox: Recorded
) -> None:
    client.post("/sign-in/forgotten", data={"address": "asha@example.org"})
    jobs.send_proof(db.session.scalars(select(Proof.id)).one())
    client.post("/sign-in/code", data={"code": outbox.code()})
    answer = client.post("/sign-in/new-password", data={"password": "password123"})
    assert 'href="#password"' in answer.text


def test_the_way_back_is_taken_after_the_sign_in(client: FlaskClient, asha: User) -> None:
    answer = client.get("/account/name?x=1")
    assert answer.location == "/sign-in?next=/account/name?x%3D1"
    said = {"address": "asha@example.org", "password": PASSWORD}
    answer = client.post(answer.location, data=said)
    assert answer.location == "/account/name?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "/\t/evil"],
)
def test_another_sites_address_is_no_way_back(
    client: FlaskClient, asha: User, elsewhere: str
) -> None:
    answer = client.post(
        "/sign-in",
        query_string={"next": elsewhere},
        data={"address": "asha@example.org", "password": PASSWORD},
    )
    assert answer.location == "/"


def test_signing_out_everywhere_ends_every_session(app: Flask, asha: User) -> None:
    here, there = app.test_client(), app.test_client()
    by_password(here)
    by_password(there)
    here.post("/account/sign-out-everywhere")
    assert not is_in(here)
    assert not is_in(there)


def test_a_session_ends_after_twelve_idle_hours(client: FlaskClient, asha: User) -> None:
    with clock.stopped_at(NOW):
        by_password(client)
    with clock.stopped_at(NOW + timedelta(hours=11, minutes=59)):
        assert is_in(client)
    with clock.stopped_at(NOW + timedelta(hours=23, minutes=58)):
        assert is_in(client)
    with clock.stopped_at(NOW + timedelta(hours=36)):
        assert not is_in(client)


def test_a_coordinators_session_ends_after_thirty_idle_minutes(client: FlaskClient) -> None:
    factories.coordinator(email="asha@example.org", password_hash=passwords.hashed(PASSWORD))
    with clock.stopped_at(NOW):
        by_password(client)
    with clock.stopped_at(NOW + timedelta(minutes=29)):
        assert is_in(client)
    with clock.stopped_at(NOW + timedelta(minutes=60)):
        assert not is_in(client)


def test_even_a_busy_session_ends_after_two_weeks(client: FlaskClient, asha: User) -> None:
    with clock.stopped_at(NOW):
        by_password(client)
    for hours in range(11, 14 * 24, 11):
        with clock.stopped_at(NOW + timedelta(hours=hours)):
            assert is_in(client)
    with clock.stopped_at(NOW + timedelta(days=14, hours=1)):
        assert not is_in(client)


def test_signing_in_and_out_is_written_down(client: FlaskClient, asha: User) -> None:
    by_password(client)
    client.post("/sign-out")
    assert actions() == ["signed in", "signed out"]


@pytest.fixture
def throttled(asha: User, settings: dict[str, object]) -> Iterator[FlaskClient]:
    """A browser before an app that counts, which that of the other tests does not."""
    counting = create_app({**settings, "RATELIMIT_ENABLED": True})
    yield counting.test_client()
    limiter.enabled = False
    with counting.app_context():
        db.session.remove()
        db.engine.dispose()


def test_ten_wrong_passwords_for_one_address_are_enough(throttled: FlaskClient) -> None:
    client = throttled
    for _ in range(10):
        assert by_password(client, "not the one").status_code == 200
    answer = by_password(client)
    assert answer.status_code == 429
    assert "Too many tries" in answer.text
    # Somebody else in the same library still gets in.
    assert by_password(client, address="other@example.org").status_code == 200


def test_old_proofs_are_forgotten(client: FlaskClient, asha: User) -> None:
    ask_for_code(client, "asha@example.org")
    with clock.stopped_at(clock.now() + timedelta(days=2)):
        proofs.forget_old()
    assert db.session.scalars(select(Proof)).all() == []
