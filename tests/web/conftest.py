"""A small app with only the front end on it: no database, no features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, flash, render_template_string
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin
from flask_wtf import CSRFProtect

from app import web
from app.foundation.errors import Refusal
from app.web import banners, navigation


class Person(UserMixin):
    """Somebody who is signed in."""

    id = "1"

    def __init__(self, *, is_coordinator: bool = False, is_administrator: bool = False) -> None:
        self.is_coordinator = is_coordinator
        self.is_administrator = is_administrator


PEOPLE = {
    "volunteer": Person(),
    "coordinator": Person(is_coordinator=True),
    "administrator": Person(is_coordinator=True, is_administrator=True),
}


@pytest.fixture
def page_app(monkeypatch: pytest.MonkeyPatch) -> Flask:
    # The features of another test's app must not be asked who a person is.
    monkeypatch.setattr(navigation, "_recognisers", [])
    monkeypatch.setattr(navigation, "_contributors", [])
    monkeypatch.setattr(banners, "_banners", {})
    app = Flask("app")
    app.config.update(
        TESTING=True,
        SECRET_KEY="secret-of-the-tests-and-of-nothing-else",
        APP_ENV="development",
        PUBLIC_URL="http://localhost",
        TIMEZONE="Europe/London",
        ALLOW_DRAMA_NUMBERS=True,
        PROPAGATE_EXCEPTIONS=False,
    )
    CSRFProtect(app)
    LoginManager(app).request_loader(lambda request: PEOPLE.get(request.headers.get("As", "")))
    web.init_app(app)

    @app.get("/page")
    def page() -> str:
        return render_template_string(
            '{% extends "base.html" %}{% block content %}hello{% endblock %}'
        )

    @app.get("/flashed")
    def flashed() -> str:
        flash("You have a place.", "success")
        flash("Two people <dropped> out.", "warning")
        return page()

    @app.get("/refused")
    def refused() -> str:
        raise Refusal("The shift has begun.")

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("07700 900123 is secret")

    @app.post("/send")
    def send() -> str:
        return "sent"

    for endpoint in ("home.index", "opportunities.search", "broadcasts.index", "accounts.sign_in"):
        app.add_url_rule(f"/{endpoint}", endpoint, lambda: page())
    return app


@pytest.fixture
def visitor(page_app: Flask) -> FlaskClient:
    return page_app.test_client()


@pytest.fixture
def rendered(page_app: Flask) -> Callable[..., str]:
    """Render a piece of a template as a page would."""

    def render(source: str, **values: Any) -> str:
        with page_app.test_request_context("/page?q=books&page=3"):
            return render_template_string(source, **values)

    return render
