"""Codes, links and guesses: how often, how long, and by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from app.accounts.models import CountyRole, Proof, User
from app.accounts.service import proofs, second_factor
from app.accounts.service import sign_in as signing_in
from app.foundation import clock
from app.foundation.extensions import db
from app.groups import service as groups
from app.messaging.models import Message
from tests import factories

EMAIL = "keys@example.org"
PASSWORD = "three random words here"


@pytest.fixture
def limited(settings: dict[str, object], app: Flask) -> Iterator[FlaskClient]:
    """A client of an app that counts tries, as in production."""
    strict = create_app({**settings, "RATELIMIT_ENABLED": True})
    yield strict.test_client()
    with strict.app_context():
        db.session.remove()
        db.engine.dispose()


def last_words() -> str:
    db.session.rollback()
    newest = select(Message.body).order_by(Message.id.desc()).limit(1)
    return str(db.session.scalar(newest))


def sent_code() -> str:
    """What the worker sends for the newest wish."""
    db.session.rollback()
    proofs.send(db.session.scalars(select(Proof.id).order_by(Proof.id.desc())).first() or 0)
    return code_in(last_words())


def code_in(words: str) -> str:
    found = re.search(r"\b(\d{3}) ?(\d{3})\b", words)
    assert found, words
    return found[1] + found[2]


def test_guesses_of_a_password_come_to_an_end(limited: FlaskClient) -> None:
    user = factories.user(email=EMAIL)
    signing_in.set_password(user.id, PASSWORD)
    answers = [
        limited.post("/sign-in", data={"address": EMAIL, "password": f"guess {n}"}).status_code
        for n in range(12)
    ]
    assert answers[0] == 200
    assert answers[-1] == 429
    # Another way to spell the address is the same address.
    other = {"address": f"  {EMAIL.upper()} ", "password": PASSWORD}
    assert limited.post("/sign-in", data=other).status_code == 429


def test_guesses_of_a_code_come_to_an_end_and_then_the_right_one_is_late(
    app: Flask, client: FlaskClient
) -> None:
    factories.user(email=EMAIL)
    client.post("/sign-in", data={"address": EMAIL, "way": "code"})
    right = sent_code()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(12):
        assert client.post("/sign-in/code", data={"code": wrong}).status_code == 200
    assert client.post("/sign-in/code", data={"code": right}).status_code == 200
    assert client.get("/account").status_code == 302


def test_a_code_is_good_once_and_not_for_long(app: Flask, client: FlaskClient) -> None:
    factories.user(email=EMAIL)
    client.post("/sign-in", data={"address": EMAIL, "way": "code"})
    code = sent_code()
    with clock.stopped_at(clock.now() + timedelta(minutes=16)):
        assert client.post("/sign-in/code", data={"code": code}).status_code in (200, 302)
        assert client.get("/account").status_code == 302
    client.post("/sign-in", data={"address": EMAIL, "way": "code"})
    code = sent_code()
    thief = app.test_client()
    with client.session_transaction() as held, thief.session_transaction() as copied:
        copied.update(held)
    assert client.post("/sign-in/code", data={"code": code}).status_code == 302
    assert client.get("/account").status_code == 200
    thief.post("/sign-in/code", data={"code": code})
    assert thief.get("/account").status_code == 302


def test_a_reset_is_good_once_and_ends_other_sessions(app: Flask, client: FlaskClient) -> None:
    user = factories.user(email=EMAIL)
    elsewhere = app.test_client()
    with elsewhere.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user.get_id(), True
    assert elsewhere.get("/account").status_code == 200
    client.post("/sign-in/forgotten", data={"address": EMAIL})
    client.post("/sign-in/code", data={"code": sent_code()})
    with client.session_transaction() as session:
        copied = dict(session)
    assert client.post("/sign-in/new-password", data={"password": PASSWORD}).status_code == 302
    db.session.rollback()
    assert elsewhere.get("/account").status_code == 302
    thief = app.test_client()
    with thief.session_transaction() as session:
        session.update(copied)
    answer = thief.post("/sign-in/new-password", data={"password": "another three words"})
    assert answer.location == "/sign-in/forgotten"


def test_a_code_of_an_app_is_good_once(app: Flask, client: FlaskClient) -> None:
    user = factories.user(email=EMAIL, county_role=CountyRole.COORDINATOR)
    second_factor.begin(user.id)
    key = str(second_factor.key(db.session.get_one(User, user.id)))
    second_factor.confirm(user.id, pyotp.TOTP(key).at(clock.now()))
    code = pyotp.TOTP(key).at(clock.now() + timedelta(seconds=30))
    assert second_factor.passes(user.id, code)
    assert not second_factor.passes(user.id, code)


def test_a_password_alone_does_not_let_in_who_has_a_second_factor(
    app: Flask, client: FlaskClient
) -> None:
    user = factories.user(email=EMAIL, county_role=CountyRole.COORDINATOR)
    signing_in.set_password(user.id, PASSWORD)
    second_factor.begin(user.id)
    key = str(second_factor.key(db.session.get_one(User, user.id)))
    second_factor.confirm(user.id, pyotp.TOTP(key).at(clock.now()))
    answer = client.post("/sign-in", data={"address": EMAIL, "password": PASSWORD})
    assert answer.location == "/sign-in/second-factor"
    for path in ("/broadcasts", "/inbox", "/account", "/my/shifts"):
        assert client.get(path).location.startswith("/sign-in"), path


def test_an_invitation_is_good_once_and_until_it_ends(app: Flask, client: FlaskClient) -> None:
    group = factories.group()
    boss = factories.manager(group)
    groups.invite(group.id, "new@example.org", boss)
    found = re.search(r"/invitations/(\S+)", last_words())
    assert found
    path = f"/invitations/{found[1]}"
    with clock.stopped_at(clock.now() + timedelta(days=15)):
        assert client.get(path).status_code == 410
    form = {"name": "New Manager", "password": PASSWORD}
    assert client.post(path, data=form).status_code == 302
    assert app.test_client().get(path).status_code == 410
    assert app.test_client().post(path, data=form).status_code == 410


def test_the_same_words_whether_or_not_there_is_an_account(app: Flask, client: FlaskClient) -> None:
    factories.user(email=EMAIL)
    pages = {}
    for address in (EMAIL, "nobody@example.org"):
        visitor = app.test_client()
        asked = visitor.post("/sign-in", data={"address": address, "way": "code"})
        page = visitor.get(asked.location).get_data(as_text=True)
        failed = visitor.post("/sign-in", data={"address": address, "password": "x" * 12})
        pages[address] = (
            asked.status_code,
            re.sub(r"nonce-?=?\"?[\w-]+", "", page),
            failed.status_code,
        )
    first, second = pages.values()
    assert (first[0], first[2]) == (second[0], second[2])
    clean = [re.sub(r"nonce=\"[^\"]+\"", "", page) for page in (first[1], second[1])]
    assert clean[0] == clean[1]
