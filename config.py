"""What the environment says, read once and checked before anything starts.

`APP_ENV` is `production` unless it says otherwise, so that a machine that
nobody configured refuses to start rather than run with demo secrets.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).resolve().parent
DEMO_SECRET = "demo-secret-for-development-only"  # refused in production below


# Every setting there is; README.md says what each means.
SETTINGS = (
    "APP_ENV",
    "CARRIER_SETTLES_SECONDS",
    "CLOCK_AHEAD_SECONDS",
    "DATABASE_URL",
    "DATA_FOLDER",
    "MAIL_FROM",
    "NOTIFY_API_KEY",
    "NOTIFY_API_URL",
    "NOTIFY_CALLBACK_TOKEN",
    "NOTIFY_SMS_SENDER_ID",
    "NOTIFY_SMS_TEMPLATE_ID",
    "POSTCODES_API_URL",
    "PUBLIC_URL",
    "QUIET_HOURS",
    "REDIS_URL",
    "SECOND_FACTOR_REQUIRED",
    "SECRET_KEY",
    "SMS_PROVIDER",
    "SMS_SECOND_PROVIDER",
    "SMS_SEGMENTS_PER_SECOND",
    "SMS_SEGMENT_PENCE",
    "SMTP_URL",
    "TIMEZONE",
    "TRUSTED_PROXIES",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_API_URL",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_FROM_NUMBER",
    "TWILIO_MESSAGING_SERVICE_SID",
)


CARRIERS = ("TWILIO_", "NOTIFY_")  # how the settings of the carriers of texts begin
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class ConfigurationError(Exception):
    """The environment cannot be run with; the message lists every reason."""


def _quiet_hours(text: str) -> tuple[time, time]:
    start, _, end = text.partition("-")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())


def _database_url(text: str) -> str:
    """Name the driver: SQLAlchemy would otherwise look for psycopg2."""
    for prefix in ("postgres://", "postgresql://"):
        if text.startswith(prefix):
            return "postgresql+psycopg://" + text.removeprefix(prefix)
    return text


def _texts(
    env: Mapping[str, str], production: bool, public_url: str, problems: list[str]
) -> dict[str, object]:
    """The carriers of texts: the first, the second if any, and what each of them needs."""
    first = env.get("SMS_PROVIDER", "twilio" if production else "simulator")
    second = env.get("SMS_SECOND_PROVIDER", "")
    settings = {name: env.get(name, "") for name in SETTINGS if name.startswith(CARRIERS)}
    if first not in {"twilio", "notify", "simulator"}:
        problems.append("SMS_PROVIDER must be twilio, notify or simulator.")
    if second not in {"", "twilio", "notify"}:
        problems.append("SMS_SECOND_PROVIDER must be twilio, notify or empty.")
    if second and second == first:
        problems.append("SMS_SECOND_PROVIDER must be another carrier than SMS_PROVIDER.")
    if first == "simulator":
        if production:
            problems.append(
                "SMS_PROVIDER=simulator sends nothing to anybody and is refused in production."
            )
        if second == "twilio":
            problems.append("SMS_SECOND_PROVIDER=twilio: the simulator stands in for Twilio.")
        invented = {
            "TWILIO_ACCOUNT_SID": "AC" + "5" * 32,
            "TWILIO_AUTH_TOKEN": "simulator-token",
            "TWILIO_FROM_NUMBER": "+447700900000",
            "TWILIO_API_URL": f"{public_url}/simulator/api",
        }
        settings = {name: value or invented.get(name, "") for name, value in settings.items()}
    if "twilio" in (first, second):
        for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
            if not settings[name]:
                problems.append(f"{name} is missing.")
        if not (settings["TWILIO_MESSAGING_SERVICE_SID"] or settings["TWILIO_FROM_NUMBER"]):
            problems.append("Set TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM_NUMBER.")
    if "notify" in (first, second):
        problems += _notify_problems(settings, production)
    return {"SMS_PROVIDER": first, "SMS_SECOND_PROVIDER": second, **settings}


def _notify_problems(settings: Mapping[str, str], production: bool) -> list[str]:
    """What GOV.UK Notify's settings lack; no problem shows a secret."""
    problems = []
    # Whatever the key was named, then the service's number and the secret itself.
    if not re.fullmatch(f".*{_UUID}-{_UUID}", settings["NOTIFY_API_KEY"]):
        problems.append("NOTIFY_API_KEY is missing, or not a whole key as Notify shows it once.")
    if not re.fullmatch(_UUID, settings["NOTIFY_SMS_TEMPLATE_ID"]):
        problems.append("NOTIFY_SMS_TEMPLATE_ID is missing, or not the template's ID.")
    if not re.fullmatch(f"({_UUID})?", settings["NOTIFY_SMS_SENDER_ID"]):
        problems.append("NOTIFY_SMS_SENDER_ID must be the sender's ID, not its number or name.")
    if len(settings["NOTIFY_CALLBACK_TOKEN"]) < (32 if production else 1):
        problems.append("NOTIFY_CALLBACK_TOKEN is missing or short: set 32 random characters.")
    return problems


def from_environment(env: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return Flask's configuration for this environment.

    Raises `ConfigurationError` naming every missing or unsafe setting.
    """
    given = os.environ if env is None else env
    # An empty value means "not set": compose files and shells hand on empty strings.
    env = {name: given[name] for name in SETTINGS if given.get(name, "").strip()}
    app_env = env.get("APP_ENV", "production")
    production = app_env == "production"
    problems: list[str] = []
    if app_env not in {"production", "development", "test"}:
        problems.append("APP_ENV must be production, development or test.")

    data_folder = Path(env.get("DATA_FOLDER", ROOT / "instance"))
    secret = env.get("SECRET_KEY", "" if production else DEMO_SECRET)
    if production and (len(secret) < 32 or secret == DEMO_SECRET):
        problems.append("SECRET_KEY is missing, short or the demo's: set 32 random characters.")
    database = env.get(
        "DATABASE_URL", "" if production else f"sqlite:///{data_folder}/many-hands.db"
    )
    if not database:
        problems.append("DATABASE_URL is missing.")
    redis_url = env.get("REDIS_URL", "" if production else "redis://127.0.0.1:6379/0")
    if not redis_url:
        problems.append("REDIS_URL is missing.")
    public_url = env.get("PUBLIC_URL", "" if production else "http://127.0.0.1:8000").rstrip("/")
    if production and not public_url.startswith("https://"):
        problems.append("PUBLIC_URL must be the https:// address that people and carriers use.")

    texts = _texts(env, production, public_url, problems)

    smtp_url = env.get("SMTP_URL", "")
    if production and not smtp_url:
        problems.append("SMTP_URL is missing: sign-in links could not be sent.")
    mail_from = env.get(
        "MAIL_FROM", "" if production else "Many Hands <hello@many-hands.example.org>"
    )
    if not mail_from:
        problems.append("MAIL_FROM is missing.")

    zone = env.get("TIMEZONE", "Europe/London")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f"TIMEZONE is not a zone that this machine knows: {zone}")
    quiet = (time(21), time(8))
    try:
        quiet = _quiet_hours(env.get("QUIET_HOURS", "21:00-08:00"))
    except ValueError:
        problems.append("QUIET_HOURS must look like 21:00-08:00.")
    rate = price = 0.0
    try:
        rate = float(env.get("SMS_SEGMENTS_PER_SECOND", "10"))
        price = float(env.get("SMS_SEGMENT_PENCE", "4.2"))
    except ValueError:
        rate = math.nan
    try:
        settles = float(env.get("CARRIER_SETTLES_SECONDS", "120"))
    except ValueError:
        settles = math.nan
    try:
        ahead = timedelta(seconds=float(env.get("CLOCK_AHEAD_SECONDS", "0")))
    except (ValueError, OverflowError):
        problems.append("CLOCK_AHEAD_SECONDS must be a number.")
        ahead = timedelta()
    if production and ahead:
        problems.append("CLOCK_AHEAD_SECONDS is for tests and demos, and refused in production.")
    if not (0 < rate < math.inf and 0 <= price < math.inf):
        problems.append(
            "SMS_SEGMENTS_PER_SECOND must be a number above 0, SMS_SEGMENT_PENCE one of 0 or more."
        )
    # Longer than a request to the carrier may take, else a text might go twice.
    if not 15 <= settles < math.inf:
        problems.append("CARRIER_SETTLES_SECONDS must be a number of 15 or more.")
    proxies = env.get("TRUSTED_PROXIES", "1" if production else "0")
    if not proxies.isdecimal():
        problems.append("TRUSTED_PROXIES must be the number of proxies in front of the service.")
    if problems:
        raise ConfigurationError("\n".join(problems))

    return {
        "APP_ENV": app_env,
        "SECRET_KEY": secret,
        "DATA_FOLDER": str(data_folder),
        "SQLALCHEMY_DATABASE_URI": _database_url(database),
        "REDIS_URL": redis_url,
        "PUBLIC_URL": public_url,
        **texts,
        "SMS_SEGMENTS_PER_SECOND": rate,
        "SMS_SEGMENT_PENCE": price,
        "CARRIER_SETTLES_SECONDS": settles,
        "SMTP_URL": smtp_url,
        "MAIL_FROM": mail_from,
        "TIMEZONE": zone,
        "CLOCK_AHEAD": ahead,
        "QUIET_HOURS": quiet,
        "POSTCODES_API_URL": env.get("POSTCODES_API_URL", ""),
        # Second factor for county-wide roles: off only where the people are invented.
        "SECOND_FACTOR_REQUIRED": env.get("SECOND_FACTOR_REQUIRED", "1" if production else "0")
        == "1",
        "ALLOW_DRAMA_NUMBERS": not production,
        "TRUSTED_PROXIES": int(proxies),
        "SESSION_COOKIE_NAME": "__Host-session" if production else "session",
        "SESSION_COOKIE_SECURE": urlsplit(public_url).scheme == "https",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "REMEMBER_COOKIE_SECURE": urlsplit(public_url).scheme == "https",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "TESTING": app_env == "test",
    }
