"""What a person reads when something cannot be done."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from markupsafe import escape

from app.foundation import clock
from app.web import errors


def test_a_refusal_is_a_plain_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/refused")
    assert answer.status_code == 400
    assert "The shift has begun." in answer.text


def test_a_missing_page_says_where_to_go(visitor: FlaskClient) -> None:
    answer = visitor.get("/nowhere?phone=07700900123")
    assert answer.status_code == 404
    assert "Go to the home page" in answer.text
    assert "07700900123" not in answer.text


def test_a_form_from_another_visit_says_what_to_do(visitor: FlaskClient) -> None:
    answer = visitor.post("/send")
    assert answer.status_code == 400
    assert "This form has been open too long" in answer.text


def test_a_wrong_method_still_names_the_right_one(visitor: FlaskClient) -> None:
    answer = visitor.get("/send")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_fault_shows_nothing_of_its_cause_and_needs_no_database(
    page_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    page_app.config["TESTING"] = False
    caplog.set_level(logging.CRITICAL)
    answer = page_app.test_client().get("/broken", headers={"As": "volunteer"})
    assert answer.status_code == 500
    assert "07700" not in answer.text
    assert ">Home</a>" not in answer.text


def test_a_live_part_of_a_page_gets_only_the_words(visitor: FlaskClient) -> None:
    answer = visitor.get("/refused", headers={"HX-Request": "true"})
    assert "The shift has begun." in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 502])
def test_each_page_says_what_happened_what_is_kept_and_what_to_do(
    page_app: Flask, status: int
) -> None:
    page_app.config["TESTING"] = False
    page_app.add_url_rule("/fails", "fails", lambda: abort(status))
    answer = page_app.test_client().get("/fails")
    assert answer.status_code == status
    words = errors._WORDS.get(status) or errors._WORDS[500]
    for sentence in (words.title, words.happened, words.kept, words.next):
        assert str(escape(sentence)) in answer.text


def test_too_many_tries_says_when_to_try_again(
    page_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = Limiter(get_remote_address, app=page_app, storage_uri="memory://")
    monkeypatch.setattr(errors, "limiter", limiter)
    page_app.add_url_rule(
        "/rare", "rare", limiter.limit("1 per 10 minutes")(lambda: "once"), methods=["GET"]
    )
    visitor = page_app.test_client()
    with clock.stopped_at(datetime(2026, 11, 23, 18, 0, tzinfo=UTC)):
        assert visitor.get("/rare").text == "once"
        answer = visitor.get("/rare")
    assert answer.status_code == 429
    assert "Try again in 10 minutes, at 6:10pm." in answer.text
    assert 595 <= int(answer.headers["Retry-After"]) <= 600


@pytest.mark.parametrize(
    ("who", "offered", "hidden"),
    [
        ("", ["Find a role", "Sign in"], []),
        ("volunteer", ["Find a role"], ["Sign in"]),
        ("coordinator", [], ["Find a role", "Sign in"]),
    ],
)
def test_a_missing_page_offers_each_person_a_way_on(
    visitor: FlaskClient, who: str, offered: list[str], hidden: list[str]
) -> None:
    html = visitor.get("/nowhere", headers={"As": who}).text
    main = html[html.index("<main") : html.index("</main>")]
    assert all(f">{label}</a>" in main for label in offered)
    assert not any(f">{label}</a>" in main for label in hidden)


def test_a_fault_is_told_even_when_nobody_can_be_looked_up(
    page_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def cannot(request: object) -> None:
        raise RuntimeError("the database is away")

    page_app.config["TESTING"] = False
    caplog.set_level(logging.CRITICAL)
    page_app.login_manager.request_loader(cannot)  # type: ignore[attr-defined] # Flask-Login's
    answer = page_app.test_client().get("/page")
    assert answer.status_code == 500
    assert "What you had already saved is safe" in answer.text
