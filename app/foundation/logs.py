"""Logs that help whoever is on duty and tell nobody's number, address or words.

Levels: `info` says what was done, `warning` what heals by itself, `error` what
a person should look at. One line sums up a batch or a step; what it is about
stands beside it as ids (`extra={"broadcast_id": 7, "message_ids": [1, 2]}`).
Ids that hold for all that is done inside, such as the job's, are set once by
`about` and stand on every line.
"""

from __future__ import annotations

import atexit
import json
import logging
import random
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, TextIO

from flask import Flask, Response, current_app, g, request

_EMAIL: Final = re.compile(r"[\w.+-][\w.+'-]*@[\w-]+(?:\.[\w-]+)+")
# An international number, a national one, or a mobile whose zero a spreadsheet took away.
_PHONE: Final = re.compile(
    r"(?<![\w.])(?:(?:(?:\+|00)[ ]?[1-9]|0(?![0.])|44)(?:[ ().-]{0,3}\d){8,14}"
    r"|7(?:[ -]?\d){9})(?!\w)"
)
# In a query or on the wire a plus arrives as %2B.
_ENCODED_PHONE: Final = re.compile(r"%2B[1-9]\d{7,14}", re.IGNORECASE)
# The word after one of these is a key to somebody's page.
_TOKEN: Final = re.compile(
    r"(/(?:r|coming|calendar|unsubscribe|sign-in/link|invitations|invited|offer|swap|here|left)/"
    # A statement's code, as it stands in an address; its owner's pages go by number.
    r"|(?<!/my)/statements/|[?&]code=)"
    r"[\w.~%+-]{8,}"
)
# PostgreSQL repeats the whole row, with what a person wrote, below the error itself.
_DETAIL: Final = re.compile(
    r"\bDETAIL:.*?(?=\n(?:CONTEXT|HINT|STATEMENT):|\n\[SQL|\n\nThe above |\n\nDuring |\Z)",
    re.DOTALL,
)
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}

REQUEST_ID_HEADER: Final = "X-Request-ID"
# The longest list of ids that one line holds; the line says how many there were.
MOST_IDS: Final = 100
SHORTEST_PHONE: Final = 9
GATHERED_FOR: Final = 0.25  # seconds

access_log = logging.getLogger("app.access")
_about: ContextVar[Mapping[str, int | str]] = ContextVar("about")


@contextmanager
def about(**ids: int | str) -> Iterator[None]:
    """Put these ids on every line that is logged inside, beside those set further out.

    They are ids and plain names ("job_id", "worker"), never a contact point.
    """
    token = _about.set({**_about.get({}), **ids})
    try:
        yield
    finally:
        _about.reset(token)


def redacted(text: str) -> str:
    """The text with every email address, phone number and secret link masked.

    What a database tells of a row in the detail of an error is left out.
    """
    # Most lines hold none of these, and looking for one character is a tenth of the work.
    if "DETAIL:" in text:
        text = _DETAIL.sub("DETAIL: [left out]", text)
    if "@" in text:
        text = _EMAIL.sub("[email]", text)
    if len(text) >= SHORTEST_PHONE:
        text = _PHONE.sub("[phone]", text)
    if "%" in text:
        text = _ENCODED_PHONE.sub("[phone]", text)
    return _TOKEN.sub(r"\1[token]", text) if "/" in text else text


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
        entry |= {name: _plain(value) for name, value in _about.get({}).items()}
        for name, value in record.__dict__.items():
            if name not in _STANDARD and not name.startswith("_"):
                entry[name] = _plain(value)
        if record.exc_info:
            entry["exception"] = redacted(self.formatException(record.exc_info))
        if record.stack_info:
            entry["stack"] = redacted(record.stack_info)
        return json.dumps(entry, ensure_ascii=False)


def _plain(value: object) -> object:
    """A number as it is, a list of numbers as a list, anything else as masked words."""
    if isinstance(value, int | float) or value is None:
        return value
    if isinstance(value, list | tuple) and all(isinstance(one, int) for one in value):
        return [*value[:MOST_IDS], *([f"{len(value)} in all"] if len(value) > MOST_IDS else [])]
    return redacted(str(value))


class GatheringHandler(logging.Handler):
    """Writes the lines of a quarter of a second at once; a warning and worse without delay.

    A line for each of hundreds of calls a second costs more by its writing,
    at which the threads of a process hand over to each other, than by its
    making. A process that is killed takes its last quarter of a second along.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._lines: list[str] = []
        self._comes_later = False
        atexit.register(self.flush)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append(self.format(record) + "\n")
            if record.levelno >= logging.WARNING:
                self.flush()
            elif not self._comes_later:
                self._comes_later = True
                later = threading.Timer(GATHERED_FOR, self.flush)
                later.daemon = True
                later.start()
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Write what was gathered."""
        with self.lock or nullcontext():
            self._comes_later = False
            lines, self._lines = self._lines, []
            if lines and not self._stream.closed:
                self._stream.write("".join(lines))
                self._stream.flush()


def configure(app_env: str) -> None:
    """Send this process's logs to standard output, masked; tests keep their own handlers."""
    if app_env == "test":
        return
    handler: logging.Handler = logging.StreamHandler(sys.stdout)
    if app_env == "production":
        handler = GatheringHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if app_env == "production" else PlainFormatter())
    handler.set_name("many-hands")
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != "many-hands"]
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # Each job would write four lines; what fails is logged as an error anyway.
    for chatty in ("rq.worker", "rq.job", "alembic", "twilio.http_client"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def request_id() -> str:
    """The id of the web request in hand, given to its caller as `X-Request-ID`.

    It is always our own: one that a caller chose could stand for another's.
    """
    if "request_id" not in g:
        g.request_id = f"{random.getrandbits(64):016x}"  # a name, not a secret
    known: str = g.request_id
    return known


def note_start() -> None:
    """Begin to time a request, and name it on each line that it leaves."""
    g.request_began = time.perf_counter()
    # Reset at the end of the request, whatever happens: threads serve many.
    g.request_about = _about.set({**_about.get({}), "request_id": request_id()})


def note_end(response: Response) -> Response:
    """Write which door was used, never what was in the address or the form."""
    response.headers[REQUEST_ID_HEADER] = request_id()
    if request.endpoint in {"health.healthz", "health.readyz", "health.metrics", "static"}:
        return response
    if current_app.config["APP_ENV"] == "development":
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


def _forget(_error: BaseException | None) -> None:
    token = g.pop("request_about", None)
    if token is not None:
        _about.reset(token)


def init_app(app: Flask) -> None:
    """Configure the logs of this process, and give each request an id and a line.

    In development the line is left out: the person at the keyboard was there.
    """
    configure(str(app.config["APP_ENV"]))
    app.before_request(note_start)
    app.after_request(note_end)
    app.teardown_request(_forget)
