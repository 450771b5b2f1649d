"""A stateful stand-in for GOV.UK Notify: it speaks its real HTTP API on loopback.

Addresses, shapes, statuses and errors: docs.notifications.service.gov.uk, and
what the library sends. Tokens are checked as Notify checks them.
"""

from __future__ import annotations

import json
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from notifications_python_client.authentication import decode_jwt_token, get_token_issuer
from notifications_python_client.errors import TokenError

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
API_KEY = f"many-hands-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
SENDER = "8e222534-7f05-4972-86e3-17c5d9f894e2"
CALLBACK_TOKEN = "callback-token-of-the-tests-and-of-nothing-else"
PER_PAGE = 3  # so that a test turns pages
NUMBER = "07700900999"


class StubNotify:
    """Keeps each text that it took. `answer` may refuse, fail or fall silent instead.

    `answer(request)` gets the JSON of the request and returns None to take the
    text, (status, type, words) to refuse it, "drop" to take it and cut the line
    before answering, "fault" to take it and answer 500, or bytes to answer 201
    with, whatever they are.
    """

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.received: list[dict[str, Any]] = []  # newest first
        self.answer: Callable[[dict[str, Any]], Any] = lambda _request: None
        self.template = "((message))"
        self.connections = 0
        self.asked = 0
        self.url = ""
        self._lock = threading.Lock()

    def texts_to(self, number: str) -> list[str]:
        return [text["body"] for text in self.taken if text["phone_number"] == number]

    def times_texted(self) -> Counter[str]:
        return Counter(text["phone_number"] for text in self.taken)

    def take(self, request: dict[str, Any]) -> dict[str, Any]:
        text = {
            "id": str(uuid.uuid4()),
            "reference": request.get("reference"),
            "phone_number": request["phone_number"],
            "email_address": None,
            "type": "sms",
            "status": "created",
            "body": self.template.replace("((message))", request["personalisation"]["message"]),
            "created_at": stamp(),
            "sent_at": None,
            "completed_at": None,
            "sms_sender_id": request.get("sms_sender_id"),
            "template": {"id": TEMPLATE, "version": 1, "uri": f"{self.url}/v2/template/{TEMPLATE}"},
        }
        with self._lock:
            self.taken.append(text)
        return text

    def bring(self, body: str, number: str = "447700900123", ago: timedelta = timedelta()) -> str:
        """A text comes in; its id."""
        text = {
            "id": str(uuid.uuid4()),
            "created_at": stamp(ago),
            "service_id": SERVICE,
            "notify_number": NUMBER,
            "user_number": number,
            "content": body,
        }
        self.received.insert(0, text)
        return text["id"]


def stamp(ago: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def receipt(text: dict[str, Any], status: str) -> dict[str, Any]:
    """What Notify calls with about a text, as its documentation lists it."""
    return {
        "id": text["id"],
        "reference": text["reference"],
        "to": text["phone_number"],
        "status": status,
        "created_at": text["created_at"],
        "completed_at": stamp(),
        "sent_at": stamp(),
        "notification_type": "sms",
        "template_id": TEMPLATE,
        "template_version": 1,
    }


def inbound(body: str, number: str = "447700900123") -> dict[str, str]:
    """What Notify calls with when a text came in, as its documentation lists it."""
    return {
        "id": str(uuid.uuid4()),
        "source_number": number,
        "destination_number": NUMBER,
        "message": body,
        "date_received": stamp(),
    }


def _handler(notify: StubNotify) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            notify.connections += 1

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            notify.asked += 1
            if not self._may_enter():
                return
            verdict = notify.answer(request)
            if verdict == "drop":
                notify.take(request)
                self.close_connection = True
            elif verdict == "fault":
                notify.take(request)
                self._refuse(500, "Exception", "Internal server error")
            elif isinstance(verdict, bytes):
                self._write(201, verdict)
            elif verdict is not None:
                self._refuse(*verdict)
            elif request["template_id"] != TEMPLATE:
                self._refuse(400, "BadRequestError", "Template not found")
            elif request.get("sms_sender_id") not in (None, SENDER):
                words = f"sms_sender_id {request['sms_sender_id']} does not exist"
                self._refuse(400, "BadRequestError", words)
            else:
                self._say(201, self._accepted(notify.take(request)))

        def _accepted(self, text: dict[str, Any]) -> dict[str, Any]:
            return {
                "id": text["id"],
                "reference": text["reference"],
                "content": {"body": text["body"], "from_number": NUMBER},
                "uri": f"{notify.url}/v2/notifications/{text['id']}",
                "template": text["template"],
                "scheduled_for": None,
            }

        def do_GET(self) -> None:
            if not self._may_enter():
                return
            address = urlsplit(self.path)
            asked = {name: said[0] for name, said in parse_qs(address.query).items()}
            if address.path == "/v2/notifications":
                reference = asked.get("reference")
                newest = list(reversed(notify.taken))
                fitting = [one for one in newest if reference in (None, one["reference"])]
                self._page("notifications", fitting, asked)
            elif address.path == "/v2/received-text-messages":
                self._page("received_text_messages", notify.received, asked)
            elif address.path == f"/v2/template/{TEMPLATE}":
                self._say(200, {"id": TEMPLATE, "type": "sms", "body": notify.template})
            else:
                self._refuse(404, "NoResultFound", "No result found")

        def _page(self, name: str, rows: list[dict[str, Any]], asked: dict[str, str]) -> None:
            ids = [row["id"] for row in rows]
            start = ids.index(asked["older_than"]) + 1 if "older_than" in asked else 0
            page = rows[start : start + PER_PAGE]
            links = {"current": f"{notify.url}{self.path}"}
            if page:
                path = urlsplit(self.path).path
                links["next"] = f"{notify.url}{path}?older_than={page[-1]['id']}"
            self._say(200, {name: page, "links": links})

        def _may_enter(self) -> bool:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                known = get_token_issuer(token) == SERVICE
                if known:
                    decode_jwt_token(token, SECRET)
            except TokenError:
                known = False
            if not known:
                self._refuse(403, "AuthError", "Invalid token: API key not found")
            return known

        def _refuse(self, status: int, kind: str, words: str) -> None:
            errors = [{"error": kind, "message": words}]
            self._say(status, {"status_code": status, "errors": errors})

        def _say(self, status: int, body: dict[str, Any]) -> None:
            self._write(status, json.dumps(body).encode())

        def _write(self, status: int, data: bytes) -> None:
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
def running() -> Iterator[StubNotify]:
    """A stub of Notify on a free port of this machine."""
    notify = StubNotify()
    server = _Server(("127.0.0.1", 0), _handler(notify))
    notify.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield notify
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
