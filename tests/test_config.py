"""What the environment may say, and what it must not."""

from __future__ import annotations

import re

import pytest

import config

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "k" * 40,
    "DATABASE_URL": "postgresql://many@db/many",
    "REDIS_URL": "redis://redis:6379/0",
    "PUBLIC_URL": "https://many-hands.example.org",
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM_NUMBER": "+447700900000",
    "SMTP_URL": "smtp://mail.example.org:587",
    "MAIL_FROM": "Many Hands <hello@example.org>",
}

NOTIFY = {
    "NOTIFY_API_KEY": "any name"
    "-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0",
    "NOTIFY_SMS_TEMPLATE_ID": "f33517ff-2a88-4f6e-b855-c550268ce08a",
    "NOTIFY_CALLBACK_TOKEN": "c" * 40,
}


def refused(**changes: str) -> str:
    with pytest.raises(config.ConfigurationError) as refusal:
        config.from_environment(PRODUCTION | changes)
    return str(refusal.value)


def test_a_complete_production_environment_is_accepted():
    assert config.from_environment(PRODUCTION)["APP_ENV"] == "production"


def test_an_environment_that_says_nothing_is_production_and_refused():
    with pytest.raises(config.ConfigurationError):
        config.from_environment({})


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"APP_ENV", "TWILIO_FROM_NUMBER"}))
def test_production_names_each_setting_that_is_missing(name):
    assert name in refused(**{name: ""})


def test_production_needs_a_number_or_a_messaging_service():
    assert "TWILIO_MESSAGING_SERVICE_SID" in refused(TWILIO_FROM_NUMBER="")
    assert config.from_environment(
        PRODUCTION | {"TWILIO_FROM_NUMBER": "", "TWILIO_MESSAGING_SERVICE_SID": "MG" + "1" * 32}
    )


def test_notify_alone_needs_nothing_of_twilios():
    alone = {name: text for name, text in PRODUCTION.items() if not name.startswith("TWILIO_")}
    settings = config.from_environment(alone | NOTIFY | {"SMS_PROVIDER": "notify"})
    assert settings["SMS_PROVIDER"] == "notify"
    assert settings["TWILIO_AUTH_TOKEN"] == ""


@pytest.mark.parametrize("role", ["SMS_PROVIDER", "SMS_SECOND_PROVIDER"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFY_API_KEY", ""),
        ("NOTIFY_API_KEY", "3d844edf-8d35-48ac-975b-e847b4f122b0"),
        ("NOTIFY_SMS_TEMPLATE_ID", ""),
        ("NOTIFY_SMS_TEMPLATE_ID", "our template"),
        ("NOTIFY_SMS_SENDER_ID", "07700900999"),
        ("NOTIFY_CALLBACK_TOKEN", ""),
        ("NOTIFY_CALLBACK_TOKEN", "hunter2"),
    ],
)
def test_notify_in_either_place_names_each_setting_that_is_wrong(role, name, value):
    said = refused(**(NOTIFY | {role: "notify", name: value}))
    assert said.startswith(name)
    assert not value or value not in said


def test_the_two_carriers_are_two():
    assert config.from_environment(PRODUCTION | NOTIFY | {"SMS_SECOND_PROVIDER": "notify"})
    said = refused(**(NOTIFY | {"SMS_PROVIDER": "notify", "SMS_SECOND_PROVIDER": "notify"}))
    assert said.startswith("SMS_SECOND_PROVIDER")
    assert "TWILIO_AUTH_TOKEN" in refused(
        **(NOTIFY | {"SMS_PROVIDER": "notify", "SMS_SECOND_PROVIDER": "twilio"}),
        TWILIO_AUTH_TOKEN="",
    )


def test_all_reasons_are_told_at_once():
    said = refused(SECRET_KEY="", SMTP_URL="", MAIL_FROM="")
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize("secret", ["short", config.DEMO_SECRET])
def test_production_refuses_a_short_secret_and_the_demos(secret):
    assert "SECRET_KEY" in refused(SECRET_KEY=secret)


def test_a_refusal_does_not_show_the_secret():
    assert "hunter2" not in refused(SECRET_KEY="hunter2", SMTP_URL="")


def test_production_refuses_the_simulator():
    assert "simulator" in refused(SMS_PROVIDER="simulator")


def test_production_refuses_an_address_without_tls():
    assert "PUBLIC_URL" in refused(PUBLIC_URL="http://many-hands.example.org")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMS_SEGMENTS_PER_SECOND", "0"),
        ("SMS_SEGMENTS_PER_SECOND", "nan"),
        ("CARRIER_SETTLES_SECONDS", "5"),
        ("CARRIER_SETTLES_SECONDS", "soon"),
        ("CLOCK_AHEAD_SECONDS", "3600"),
        ("CLOCK_AHEAD_SECONDS", "an hour"),
        ("CLOCK_AHEAD_SECONDS", "inf"),
        ("SMS_SEGMENT_PENCE", "four"),
        ("SMS_SEGMENT_PENCE", "-1"),
        ("QUIET_HOURS", "nine to five"),
        ("TIMEZONE", "Europe/Loughborough"),
        ("TRUSTED_PROXIES", "-1"),
        ("APP_ENV", "prod"),
        ("SMS_PROVIDER", "pigeon"),
        ("SMS_SECOND_PROVIDER", "pigeon"),
        ("SMS_SECOND_PROVIDER", "twilio"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name, value):
    assert name in refused(**{name: value})


def test_an_empty_optional_setting_counts_as_not_set():
    assert config.from_environment(PRODUCTION | {"QUIET_HOURS": "", "TIMEZONE": " "})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_the_driver_is_named_whichever_way_the_address_is_written(scheme):
    settings = config.from_environment(PRODUCTION | {"DATABASE_URL": f"{scheme}://many@db/many"})
    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://many@db/many"


def test_the_readme_tells_of_every_setting():
    told = re.findall(r"^\| `([A-Z_]+)` \|", (config.ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(config.SETTINGS)


def test_the_compose_file_hands_on_every_setting():
    handed_on = re.findall(r"^    ([A-Z_]+): ", (config.ROOT / "compose.yaml").read_text(), re.M)
    # The image itself says two; production refuses the third.
    assert set(config.SETTINGS) - set(handed_on) == {
        "APP_ENV",
        "DATA_FOLDER",
        "CLOCK_AHEAD_SECONDS",
    }


def test_development_needs_nothing():
    settings = config.from_environment({"APP_ENV": "development"})
    assert settings["SMS_PROVIDER"] == "simulator"
    assert str(settings["SQLALCHEMY_DATABASE_URI"]).startswith("sqlite:///")


def test_cookies_are_secure_in_production():
    settings = config.from_environment(PRODUCTION)
    assert settings["SESSION_COOKIE_SECURE"]
    assert str(settings["SESSION_COOKIE_NAME"]).startswith("__Host-")
