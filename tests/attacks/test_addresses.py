"""What a request says of itself is the visitor's word: the host, the proxies, the scheme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
from app.accounts.models import User
from app.foundation.extensions import db
from tests.attacks.conftest import County, doors

Enter = Callable[[User | None], FlaskClient]
PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "k" * 40,
    "DATABASE_URL": "postgresql://db/x",
    "REDIS_URL": "redis://r",
    "PUBLIC_URL": "https://help.example.org",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "t",
    "TWILIO_FROM_NUMBER": "+447700900000",
    "SMTP_URL": "smtp://mail",
    "MAIL_FROM": "x@example.org",
}


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Original-URL", "Forwarded"])
def test_a_host_that_a_visitor_names_stands_on_no_page(
    app: Flask, county: County, client_of: Enter, header: str
) -> None:
    wrong = []
    for user in (None, county.person):
        client = client_of(user)
        for method, path, rule in doors(app, county.values):
            # A visit may end the session or the calendar; what is told is what counts here.
            if rule.endpoint in ("accounts.sign_out", "accounts.sign_out_everywhere"):
                continue
            db.session.rollback()
            answer = client.open(path, method=method, headers={header: "evil.example.org"})
            told = answer.get_data().decode(errors="replace") + str(answer.headers)
            if "evil.example.org" in told:
                wrong.append((method, path))
    assert wrong == []


def test_production_keeps_its_cookies_to_itself() -> None:
    made = config.from_environment(PRODUCTION)
    assert str(made["SESSION_COOKIE_NAME"]).startswith("__Host-")
    for flag in ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "REMEMBER_COOKIE_SECURE"):
        assert made[flag] is True
    assert made["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert made["SECOND_FACTOR_REQUIRED"] is True
    assert made["ALLOW_DRAMA_NUMBERS"] is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", config.DEMO_SECRET),
        ("SECRET_KEY", "short"),
        ("PUBLIC_URL", "http://help.example.org"),
        ("SMS_PROVIDER", "simulator"),
        ("TWILIO_AUTH_TOKEN", ""),
        ("TRUSTED_PROXIES", "-1"),
    ],
)
def test_production_refuses_what_is_not_safe(name: str, value: str) -> None:
    with pytest.raises(config.ConfigurationError):
        config.from_environment(PRODUCTION | {name: value})
