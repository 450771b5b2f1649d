"""Logs that help whoever is on duty and tell nobody's number or address."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from typing import Final

from flask import Flask, Response, g, request

_EMAIL: Final = re.compile(r"[\w.+-][\w.+'-]*@[\w-]+(?:\.[\w-]+)+")
# An international number, a national one, or a mobile whose zero a spreadsheet took away.
_PHONE: Final = re.compile(
    r"(?<![\w.])(?:(?:(?:\+|00)[ ]?[1-9]|0(?![0.])|44)(?:[ ().-]{0,3}\d){8,14}"
    r"|7(?:[ -]?\d){9})(?!\w)"
)
# In a query or on the wire a plus arrives as %2B.
_ENCODED_PHONE: Final = re.compile(r"%2B[1-9]\d{7,14}", re.IGNORECASE)
# The word after one of these is a key to somebody's page.
_TOKEN: Final = re.compile(r"(/(?:r|calendar|unsubscribe|sign-in/link|invitations)/)[\w.~-]{8,}")
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}

access_log = logging.getLogger("app.access")


def redacted(text: str) -> str:
    """The text with every email address, phone number and secret link masked."""
    text = _EMAIL.sub("[email]", text)
    text = _PHONE.sub("[phone]", text)
    text = _ENCODED_PHONE.sub("[phone]", text)
    return _TOKEN.sub(r"\1[token]", text)


class PlainFormatter(logging.Formatter):
    """One readable line, for the person at the keyboard."""

    def __init__(self) -> None:
        super().__init__("%(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for a log collector; extras become members."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name not in _STANDARD and not name.startswith("_"):
                plain = isinstance(value, int | float | bool) or value is None
                entry[name] = value if plain else redacted(str(value))
        if record.exc_info:
            entry["exception"] = redacted(self.formatException(record.exc_info))
        if record.stack_info:
            entry["stack"] = redacted(record.stack_info)
        return json.dumps(entry, ensure_ascii=False)


def configure(app_env: str) -> None:
    """Send this process's logs to standard output, masked; tests keep their own handlers."""
    if app_env == "test":
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if app_env == "production" else PlainFormatter())
    handler.set_name("many-hands")
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != "many-hands"]
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # Each job would write four lines; what fails is logged as an error anyway.
    for chatty in ("rq.worker", "rq.job", "alembic", "twilio.http_client"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _note_start() -> None:
    g.request_began = time.perf_counter()


def _note_end(response: Response) -> Response:
    """Write which door was used, never what was in the address or the form."""
    if request.endpoint in {"health.healthz", "health.readyz", "health.metrics", "static"}:
        return response
    began = g.get("request_began")
    access_log.info(
        "%s %s %s",
        request.method,
        request.url_rule.rule if request.url_rule else "(no such page)",
        response.status_code,
        extra={
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - began) * 1000, 1) if began else None,
        },
    )
    return response


def init_app(app: Flask) -> None:
    """Configure the logs of this process and, in production, one line for each request."""
    configure(str(app.config["APP_ENV"]))
    if app.config["APP_ENV"] == "production":
        app.before_request(_note_start)
        app.after_request(_note_end)
