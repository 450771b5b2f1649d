from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import audit, passwords, service, session
from app.accounts.models import EMAIL, AuditEvent, CountyRole, User
from app.foundation.extensions import db
from tests import factories
from tests.letters import Recorded

SignIn = Callable[[User], FlaskClient]


def test_a_new_user_confirms_and_is_in(app: Flask, client: FlaskClient, outbox: Recorded) -> None:
    user = service.create_user("Asha", email="asha@example.org")
    service.send_verification(user, EMAIL)
    with app.test_request_context():
        session.ask_for_code(user, EMAIL, "/account/name")
        held = dict(session.session)
    with client.session_transaction() as kept:
        kept.update(held)
    assert "Check your email" in client.get("/sign-up/confirm").text
    client.post("/sign-up/confirm/again")
    answer = client.post("/sign-up/confirm", data={"code": outbox.code()})
    assert answer.location == "/account/name"
    assert client.get("/account").status_code == 200


def test_a_code_that_is_typed_already_is_not_asked_for_again(
    app: Flask, client: FlaskClient, outbox: Recorded
) -> None:
    user = service.create_user("Asha", email="asha@example.org")
    service.send_verification(user, EMAIL)
    with app.test_request_context():
        session.ask_for_code(user, EMAIL, "/account/name")
        held = dict(session.session)
    elsewhere = app.test_client()
    for one in (client, elsewhere):
        with one.session_transaction() as kept:
            kept.update(held)
    code = outbox.code()
    client.post("/sign-up/confirm", data={"code": code})
    for answer in (
        elsewhere.get("/sign-up/confirm"),
        elsewhere.post("/sign-up/confirm", data={"code": code}),
        elsewhere.post("/sign-up/confirm/again"),
    ):
        assert answer.location == "/sign-in?next=/account/name"
    assert "That is confirmed." in elsewhere.get("/sign-in").text
    assert elsewhere.get("/account").status_code == 302


def test_a_new_email_address_is_confirmed_by_its_code(sign_in: SignIn, outbox: Recorded) -> None:
    user = factories.user(email="old@example.org")
    client = sign_in(user)
    client.post("/account/email", data={"email": "new@example.org"})
    client.post("/account/confirm/email", data={"code": outbox.code()})
    assert user.email == "new@example.org"


def test_a_bad_phone_is_refused_and_kept_on_the_page(sign_in: SignIn) -> None:
    answer = sign_in(factories.user()).post("/account/phone", data={"phone": "0116 12"})
    assert 'href="#phone"' in answer.text
    assert "0116 12" in answer.text


def test_changing_the_password_needs_the_one_before(sign_in: SignIn) -> None:
    user = factories.user(password_hash=passwords.hashed("pears on a wall"))
    client = sign_in(user)
    answer = client.post(
        "/account/password", data={"current": "wrong", "password": "plums in a basket"}
    )
    assert 'href="#current"' in answer.text
    client.post(
        "/account/password", data={"current": "pears on a wall", "password": "plums in a basket"}
    )
    assert passwords.matches(user.password_hash, "plums in a basket")
    assert client.get("/account").status_code == 200


def test_a_changed_name_shows(sign_in: SignIn) -> None:
    client = sign_in(factories.user())
    client.post("/account/name", data={"name": "Asha  Patel"})
    assert "Asha Patel" in client.get("/account").text


@pytest.mark.parametrize("path", ["/admin/people", "/admin/audit"])
def test_only_an_administrator_sees_the_administrators_pages(sign_in: SignIn, path: str) -> None:
    assert sign_in(factories.coordinator()).get(path).status_code == 403
    assert sign_in(factories.administrator()).get(path).status_code == 200


def test_an_administrator_finds_people_by_name_and_role(sign_in: SignIn) -> None:
    client = sign_in(factories.administrator(name="Ada"))
    factories.user(name="Wanda Wood")
    factories.coordinator(name="Walter Wood")
    assert "Wanda" in client.get("/admin/people?words=wood").text
    found = client.get("/admin/people?words=wood&role=coordinator").text
    assert "Walter" in found
    assert "Wanda" not in found


@pytest.mark.parametrize("words", ["Élodie", "élodie z", "z " * 1500])
def test_people_are_found_by_any_letters_and_any_number_of_words(
    sign_in: SignIn, words: str
) -> None:
    client = sign_in(factories.administrator(name="Ada"))
    factories.user(name="Zed Élodie" if words.startswith("É") else "Zed élodie")
    found = client.get("/admin/people", query_string={"words": words})
    assert "Zed" in found.text
    assert "1 person" in found.text


def test_a_change_of_role_is_written_down(sign_in: SignIn) -> None:
    user = factories.user()
    sign_in(factories.administrator()).post(
        f"/admin/people/{user.id}", data={"role": "coordinator"}
    )
    assert user.county_role == CountyRole.COORDINATOR
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "county role changed")
    ).one()
    assert event.detail == {"was": "none", "now": "coordinator"}


def test_the_last_administrator_stays_one(sign_in: SignIn) -> None:
    user = factories.administrator()
    client = sign_in(user)
    answer = client.post(f"/admin/people/{user.id}", data={"role": "none"})
    assert "last administrator" in answer.text
    assert client.post(f"/admin/people/{user.id}/disable").status_code == 400
    assert user.is_enabled


def test_a_disabled_user_is_out_at_once(app: Flask, sign_in: SignIn) -> None:
    user = factories.user()
    theirs = app.test_client()
    with theirs.session_transaction() as held:
        held["_user_id"] = user.get_id()
    assert theirs.get("/account").status_code == 200
    sign_in(factories.administrator()).post(f"/admin/people/{user.id}/disable")
    assert theirs.get("/account").status_code == 302


def test_the_record_is_shown_and_narrowed(sign_in: SignIn) -> None:
    user = factories.user(name="Wanda Wood")
    client = sign_in(factories.administrator(name="Ada Adams"))
    client.get(f"/admin/people/{user.id}")
    page = client.get("/admin/audit").text
    assert "Viewed user" in page
    assert "Ada Adams" in page
    assert f'href="/admin/people/{user.id}">Wanda Wood</a>' in page
    assert "Nothing found" in client.get("/admin/audit?until=2020-01-01").text
    assert "Wanda Wood</a>" in client.get("/admin/audit?who=ada&action=*seen").text
    assert "Wanda Wood</a>" not in client.get("/admin/audit?who=ada&action=*done").text
    assert "Nothing found" in client.get("/admin/audit?who=nobody+at+all").text
    assert "Viewed audit trail</td>" not in page
    assert "Viewed audit trail</td>" in client.get("/admin/audit?action=viewed+audit+trail").text
    ada = db.session.scalar(select(User.id).where(User.name == "Ada Adams"))
    assert "Only what Ada Adams did" in client.get(f"/admin/audit?actor={ada}").text
    assert client.get("/admin/audit?since=nonsense").status_code == 200


def test_the_pages_of_the_record_take_few_queries(
    sign_in: SignIn, count_queries: Callable[[], object]
) -> None:
    client = sign_in(factories.administrator())
    for _ in range(3):
        client.get(f"/admin/people/{factories.user().id}")
    with count_queries() as statements:  # type: ignore[attr-defined] # a context manager
        client.get("/admin/audit")
    assert len(statements) <= 9


def test_the_record_says_what_it_is_about_in_words(sign_in: SignIn) -> None:
    group = factories.group(name="Gorse Covert Food Bank")
    asha = factories.volunteer(name="Asha Patel")
    client = sign_in(factories.administrator())
    audit.record("viewed volunteer", subject=asha, group_id=group.id)
    site = factories.site(group)
    audit.record("did something", subject=site)
    page = client.get("/admin/audit").text
    assert f'Asha Patel, <a class="govuk-link" href="/groups/{group.id}">Gorse Covert' in page
    assert f"Site {site.id}" in page


@pytest.mark.parametrize("path", ["/sign-up/confirm", "/sign-in/code"])
def test_whoever_is_in_and_goes_back_to_the_code_is_not_told_to_sign_in(sign_in, path):
    client = sign_in(factories.user())
    assert "took too long" not in client.get(path, follow_redirects=True).text


@pytest.mark.parametrize("path", ["/sign-up/confirm", "/sign-in/code"])
def test_whoever_comes_back_late_to_the_code_is_told_how_to_go_on(client, path):
    assert "took too long" in client.get(path, follow_redirects=True).text


def test_a_press_after_the_session_has_ended_leads_back_to_its_form(client):
    assert (
        client.post("/account/name", data={"name": "A"}).location == "/sign-in?next=/account/name"
    )
    assert client.post("/account/sign-out-everywhere").location == "/sign-in"
