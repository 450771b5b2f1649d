"""A stateful stand-in for the carrier's wire: it speaks Twilio's HTTP API on loopback."""

from __future__ import annotations

import itertools
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class StubCarrier:
    """Keeps each message that it took. `answer` may refuse, fail or fall silent instead.

    `answer(form)` returns None to take the message as usual, or (status, code)
    to refuse it, or "drop" to take it and cut the line before answering.
    """

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.answer: Callable[[dict[str, str]], Any] = lambda _form: None
        self.url = ""
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def texts_to(self, number: str) -> list[str]:
        return [text["Body"] for text in self.taken if text["To"] == number]

    def times_texted(self) -> Counter[str]:
        return Counter(text["To"] for text in self.taken)

    def take(self, form: dict[str, str]) -> dict[str, Any]:
        with self._lock:
            sid = f"SM{next(self._numbers):032x}"
            self.taken.append({**form, "Sid": sid, "Made": _now()})
        return _as_json(sid, self.taken[-1])


def _now() -> str:
    return formatdate(usegmt=True).replace("GMT", "+0000")


def _as_json(sid: str, form: dict[str, str]) -> dict[str, Any]:
    return {
        "sid": sid,
        "to": form["To"],
        "from": form.get("From"),
        "body": form["Body"],
        "status": "queued",
        "direction": "outbound-api",
        "date_created": form["Made"],
        "date_sent": None,
        "date_updated": None,
        "num_segments": "1",
        "num_media": "0",
        "error_code": None,
        "error_message": None,
        "price": None,
        "price_unit": "GBP",
        "api_version": "2010-04-01",
        "uri": "",
        "subresource_uris": {},
        "account_sid": "AC",
        "messaging_service_sid": None,
    }


def _handler(carrier: StubCarrier) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
            verdict = carrier.answer(form)
            if verdict == "drop":
                carrier.take(form)
                self.close_connection = True
                return
            if verdict is not None:
                status, code = verdict
                self._say(status, {"code": code, "message": "refused", "status": status})
                return
            self._say(201, carrier.take(form))

        def do_GET(self) -> None:
            wanted = parse_qs(urlsplit(self.path).query).get("To", [""])[0]
            messages = [
                _as_json(one["Sid"], one)
                for one in reversed(carrier.taken)  # the newest first
                if wanted in ("", one["To"])
            ]
            self._say(200, {"messages": messages, "next_page_uri": None})

        def _say(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # as many connections at once as a worker opens

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever called may be gone before the answer: tests cut lines."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def running() -> Iterator[StubCarrier]:
    """A stub carrier on a free port of this machine."""
    carrier = StubCarrier()
    server = _Server(("127.0.0.1", 0), _handler(carrier))
    carrier.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield carrier
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
