"""Every door, with what nobody should send through it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.accounts.models import User
from app.foundation.extensions import db
from tests import factories
from tests.attacks.conftest import County, doors

Enter = Callable[[User | None], FlaskClient]
# Posted to by machines that show no page of ours first: signed, or the address is the proof.
WITHOUT_A_TOKEN = {
    "inbox_notify_webhooks.sms",
    "inbox_webhooks.sms",
    "messaging_notify_webhooks.status",
    "messaging_webhooks.status",
    "volunteers.unsubscribe",
    # No session opens these, only a program's token (tests/api/test_access.py).
    "api.cancel_shift",
    "api.create_shift",
    "api.create_signup",
    "api.withdraw_signup",
}


def codes(app: Flask, county: County, client: FlaskClient, **odd: Any) -> dict[str, int]:
    found = {}
    for method, path, rule in doors(app, county.values, **odd):
        if rule.endpoint in ("health.readyz",):
            continue
        db.session.rollback()
        found[f"{method} {path[:90]}"] = client.open(path, method=method).status_code
    return found


@pytest.mark.parametrize("number", [0, 10**10, 2**63, 10**30])
def test_a_number_that_no_row_has_is_no_fault_of_ours(
    app: Flask, county: County, client_of: Enter, number: int, errors_are_pages: None
) -> None:
    found = codes(app, county, client_of(county.administrator), number=number)
    assert {door: code for door, code in found.items() if code >= 500} == {}


@pytest.mark.parametrize("word", ["a\0b", "é²", "x" * 3000, "%_", "<script>", "٣"])
def test_a_word_that_leads_nowhere_is_no_fault_of_ours(
    app: Flask, county: County, client_of: Enter, word: str, errors_are_pages: None
) -> None:
    found = codes(app, county, client_of(county.administrator), word=word)
    assert {door: code for door, code in found.items() if code >= 500} == {}


def test_every_form_needs_its_token(
    app: Flask, county: County, settings: dict[str, object]
) -> None:
    strict = create_app({**settings, "WTF_CSRF_ENABLED": True})
    client = strict.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = county.administrator.get_id()
        session["_fresh"] = True
    let_in = {
        rule.endpoint: answer.status_code
        for method, path, rule in doors(strict, county.values)
        if method == "POST" and (answer := client.post(path, data={})).status_code != 400
    }
    with strict.app_context():
        db.engine.dispose()
    assert set(let_in) == {name for name in let_in if name in WITHOUT_A_TOKEN}
    assert "volunteers.unsubscribe" in let_in


def test_every_page_refuses_scripts_and_styles_in_itself(
    app: Flask, county: County, client_of: Enter
) -> None:
    wrong = []
    for user in (None, county.person, county.manager, county.coordinator, county.administrator):
        client = client_of(user)
        for method, path, _rule in doors(app, county.values):
            if method != "GET":
                continue
            db.session.rollback()
            answer = client.get(path)
            policy = answer.headers.get("Content-Security-Policy", "")
            # Where nothing at all may be loaded by default, a script is not either.
            scripts_are_held = "script-src" in policy or "default-src 'none'" in policy
            if "unsafe" in policy or not scripts_are_held:
                wrong.append((path, policy))
            if answer.mimetype != "text/html":
                continue
            page = answer.get_data(as_text=True)
            if re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", page):
                wrong.append((path, "inline style or handler"))
            for script in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page):
                if "nonce" not in script and "application/" not in script:
                    wrong.append((path, script))
            kept = answer.headers.get("Cache-Control", "")
            # Only what everybody is told in the same words may be kept, as the list to frame is.
            for_all = "public" in kept and page == app.test_client().get(path).get_data(
                as_text=True
            )
            if user is None or answer.status_code != 200 or for_all:
                continue
            if "no-store" not in kept:
                wrong.append((path, kept))
    assert wrong == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_another_method_changes_nothing_and_is_no_fault(
    app: Flask, county: County, client_of: Enter, method: str, errors_are_pages: None
) -> None:
    client = client_of(county.administrator)
    wrong = []
    for _method, path, rule in doors(app, county.values):
        db.session.rollback()
        status = client.open(path, method=method).status_code
        if status >= 500 and rule.endpoint != "health.readyz":
            wrong.append((path, status))
        if method == "PATCH" and rule.endpoint in ("api.change_shift", "api.read_shift"):
            assert status == 401  # the one address that knows this method wants a token
        elif method not in ("HEAD", "OPTIONS") and status not in (404, 405):
            wrong.append((path, status))
    assert wrong == []


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=0",
        "page=abc",
        "page=1000000000",
        "page=" + "9" * 40,
        "page=%D9%A3",
        "page=%00",
        "page=%FF%FE",
        "page[]=1&page=2",
        "until=9999-12-31&since=0001-01-01",
        "skill=%C2%B2",
        "about=" + "9" * 30,
        "actor=-" + "9" * 30,
        "actor=%2B" + "9" * 14,
        "day=9999-12-31",
        *(f"{name}={'9' * 30}&day=2026-12-01" for name in ("shift", "shifts", "site", "slot")),
        "near=" + "x" * 7000,
        "name=%25_%27%22%5C",
        "words=%25_%27%22%5C",
        "miles=" + "9" * 50,
        "view=%3Cscript%3E",
        "reason=x&state=y",
    ],
)
def test_an_odd_search_is_no_fault_of_ours(
    app: Flask, county: County, client_of: Enter, query: str, errors_are_pages: None
) -> None:
    client = client_of(county.administrator)
    wrong = []
    for method, path, rule in doors(app, county.values):
        if method == "GET" and rule.endpoint != "health.readyz":
            db.session.rollback()
            status = client.get(f"{path}?{query}").status_code
            if status >= 500:
                wrong.append((path, status))
    assert wrong == []


def test_a_fault_tells_nothing_of_itself(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, errors_are_pages: None
) -> None:
    def fail() -> None:
        raise RuntimeError("secret +447700900123 ann@example.org")

    monkeypatch.setitem(app.view_functions, "web.privacy", fail)
    answer = client.get("/privacy")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert not any(word in page for word in ("secret", "Traceback", "RuntimeError", "example.org"))


def test_wildcards_in_a_search_are_letters(app: Flask, client_of: Enter) -> None:
    group = factories.group()
    factories.known_to(factories.volunteer(name="Plain Person"), group)
    factories.known_to(factories.volunteer(name="Odd_100% Person"), group)
    client = client_of(factories.manager(group))
    page = client.get(f"/groups/{group.id}/volunteers?name=_100%25").get_data(as_text=True)
    assert "Odd_100% Person" in page
    assert "Plain Person" not in page


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example.org",
        "https://evil.example.org",
        "/\\evil.example.org",
        "/\t/evil.example.org",
        "/%09/evil.example.org",
        "\n//evil.example.org",
        "/../..//evil.example.org",
        "/.//evil.example.org",
        "javascript:alert(1)",
        "/sign-out",
    ],
)
def test_signing_in_never_leads_to_another_site(app: Flask, client_of: Enter, back: str) -> None:
    client = client_of(factories.user())
    answer = client.get("/sign-in", query_string={"next": back})
    where = answer.location or "/"
    assert where.startswith("/")
    assert not where.startswith(("//", "/\\"))
    assert "\t" not in where
    assert where != "/sign-out"
