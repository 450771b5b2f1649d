"""The stand-in carrier, asked by Twilio's own library and over a bare socket."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.wire import carrier
from tests.wire.faults import TAKEN, Dice, Fault, Shares

US = "+447700900000"
THEM = "+447700900111"


class _Http(TwilioHttpClient):
    def __init__(self, base: str) -> None:
        super().__init__(timeout=10)
        self.base = base
        self.session.trust_env = False

    def request(self, method: str, url: str, **rest: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self.base, 1), **rest)


@contextmanager
def library(stub: carrier.Remote, token: str = carrier.AUTH_TOKEN) -> Iterator[Client]:
    http = _Http(stub.url)
    yield Client(carrier.ACCOUNT, token, http_client=http)
    http.session.close()


def logged(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_text_comes_back_as_the_library_reads_it(tmp_path: Path) -> None:
    log = tmp_path / "texts.jsonl"
    with carrier.running("--log", str(log)) as stub, library(stub) as client:
        body = 'Gwirfoddolwyr: ŵythnos, "£5", \\ and ગુજરાતી 🙂'
        address = "http://127.0.0.1:1/webhooks/twilio/status?m=abc"
        sent = client.messages.create(to=THEM, from_=US, body=body, status_callback=address)
        assert (sent.to, sent.from_, sent.body, sent.status) == (THEM, US, body, "queued")
        assert sent.direction == "outbound-api"
        assert abs(sent.date_created - datetime.now(UTC)) < timedelta(seconds=5)
        assert client.messages(sent.sid).fetch().body == body
        (line,) = logged(log)
        assert (line["sid"], line["to"], line["body"]) == (sent.sid, THEM, body)
        assert line["token"] == "abc"
        assert line["arrived_at"] <= line["accepted_at"]


def test_the_list_is_paged_newest_first_and_filtered() -> None:
    with carrier.running() as stub, library(stub) as client:
        sids = [client.messages.create(to=THEM, from_=US, body=f"Text {n}").sid for n in range(7)]
        client.messages.create(to="+447700900222", from_=US, body="To another")
        stub.inbound(THEM, "STOP", US)

        to_them = client.messages.list(to=THEM, page_size=3)
        assert [text.sid for text in to_them] == sids[::-1]
        # While somebody reads, newer texts come in: nothing is listed twice or left out.
        pages = client.messages.page(to=THEM, page_size=3)
        first = [text.sid for text in pages]
        client.messages.create(to=THEM, from_=US, body="Newer")
        second = [text.sid for text in pages.next_page()]
        assert first + second == sids[::-1][:6]

        (inbound,) = client.messages.list(from_=THEM)
        assert (inbound.direction, inbound.body, inbound.status) == ("inbound", "STOP", "received")
        now = datetime.now(UTC)
        hour = timedelta(hours=1)
        assert len(client.messages.list(to=THEM, date_sent_after=now - hour)) == 8
        assert client.messages.list(to=THEM, date_sent_after=now + hour) == []
        assert client.messages.list(to=THEM, date_sent_before=now - hour) == []
        assert len(client.messages.list(to=THEM, date_sent=now.date().isoformat())) == 8


def test_the_list_may_lag_behind_what_was_taken() -> None:
    with carrier.running("--list-lag-ms", "700") as stub, library(stub) as client:
        client.messages.create(to=THEM, from_=US, body="Hello")
        assert client.messages.list(to=THEM) == []
        time.sleep(0.8)
        assert len(client.messages.list(to=THEM)) == 1


def test_a_wrong_token_and_a_text_without_words_are_refused() -> None:
    with carrier.running() as stub:
        with library(stub, "wrong") as client, pytest.raises(TwilioRestException) as refusal:
            client.messages.create(to=THEM, from_=US, body="Hello")
        assert (refusal.value.status, refusal.value.code) == (401, 20003)
        with library(stub) as client, pytest.raises(TwilioRestException) as refusal:
            client.messages.create(to=THEM, from_=US, body="")
        assert (refusal.value.status, refusal.value.code) == (400, 21602)
        assert stub.summary()["accepted"] == 0


def test_too_many_is_not_taken_and_a_fault_is() -> None:
    with carrier.running("--too-many", "1") as stub, library(stub) as client:
        with pytest.raises(TwilioRestException) as refusal:
            client.messages.create(to=THEM, from_=US, body="Hello")
        assert (refusal.value.status, refusal.value.code) == (429, 20429)
        assert stub.summary()["accepted"] == 0
        stub.faults(too_many=0, error=1)
        with pytest.raises(TwilioRestException) as refusal:
            client.messages.create(to=THEM, from_=US, body="Hello")
        assert refusal.value.status == 500
        assert stub.summary()["accepted"] == 1


def test_requests_in_one_go_are_answered_in_order_and_silence_ends_in_a_cut() -> None:
    with carrier.running("--latency-ms", "20", "--jitter-ms", "40") as stub:
        address = urlsplit(stub.url)
        with socket.create_connection((address.hostname, address.port), timeout=5) as line:
            requests = b"".join(_post(f"Text {n}") for n in range(5))
            for part in (requests[:70], requests[70:333], requests[333:]):  # torn anywhere
                line.sendall(part)
                time.sleep(0.01)
            received = b""
            while received.count(b"HTTP/1.1 201") < 5 or not received.endswith(b"}"):
                received += line.recv(65536)
        places = [received.index(b'"body": "Text %d"' % n) for n in range(5)]
        assert places == sorted(places)
        stub.faults(hang=1, hang_seconds=0.2)
        with socket.create_connection((address.hostname, address.port), timeout=5) as line:
            line.sendall(_post("Silence"))
            assert line.recv(1) == b""


def _post(body: str) -> bytes:
    authorization = carrier.credentials(carrier.ACCOUNT, carrier.AUTH_TOKEN)
    form = f"To=%2B447700900111&From=%2B447700900000&Body={body.replace(' ', '+')}".encode()
    head = f"POST /2010-04-01/Accounts/{carrier.ACCOUNT}/Messages.json HTTP/1.1\r\nHost: stub\r\n"
    return b"%bAuthorization: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        head.encode(),
        authorization,
        len(form),
        form,
    )


def test_the_faults_come_in_their_shares_and_the_same_for_the_same_seed() -> None:
    shares = Shares(too_many=0.05, error=0.01, drop=0.01, hang=0.006)
    dice, again = Dice(7), Dice(7)
    drawn = [dice.fault(shares) for _ in range(100_000)]
    assert drawn == [again.fault(shares) for _ in range(100_000)]
    counts = Counter(drawn)
    assert counts[Fault.TOO_MANY] == pytest.approx(5000, rel=0.1)
    assert counts[Fault.ERROR] == pytest.approx(1000, rel=0.15)
    assert counts[Fault.DROP] == pytest.approx(1000, rel=0.15)
    assert counts[Fault.HANG] == pytest.approx(300, rel=0.25)
    assert counts[Fault.HANG_TAKEN] == pytest.approx(300, rel=0.25)
    assert set(Fault) - {Fault.TOO_MANY, Fault.HANG} == TAKEN
    with pytest.raises(ValueError, match="more than the whole"):
        Shares(too_many=0.6, error=0.6)


class Service:
    """A web server that is called: keeps what came, and fails as often as it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], str]] = []
        self.failures = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                signature = self.headers["X-Twilio-Signature"]
                outer.calls.append((self.path, dict(parse_qsl(form)), signature))
                fails = outer.failures > 0
                outer.failures -= fails
                self.send_response(503 if fails else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    one = Service()
    yield one
    one.close()


def until(true: Any, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def test_receipts_are_signed_doubled_and_end_in_a_final_state(service: Service) -> None:
    validator = RequestValidator(carrier.AUTH_TOKEN)
    options = ("--callbacks", "--seed", "5", "--late", "0", "--never", "0")
    with carrier.running(*options, "--doubled", "1") as stub, library(stub) as client:
        service.failures = 2  # the web server is down: they come again
        sent = {}
        for n in range(10):
            address = f"{service.url}/webhooks/twilio/status?m=token{n}"
            text = client.messages.create(to=THEM, from_=US, body="Hi", status_callback=address)
            sent[text.sid] = f"/webhooks/twilio/status?m=token{n}"
        until(lambda: len(service.calls) == 62 and stub.summary()["calls_open"] == 0)
        assert stub.summary()["calls"] == {"receipt 204": 60, "receipt 503": 2}
        for path, form, signature in service.calls:
            assert path == sent[form["MessageSid"]]
            assert validator.validate(service.url + path, form, signature)
            assert (form["MessageStatus"] == "undelivered") == (form.get("ErrorCode") == "30003")
        arrived = [form["MessageStatus"] for _, form, _ in service.calls]
        assert arrived != sorted(arrived, key=("queued", "sent", "delivered").index)
        assert {text.status for text in client.messages.list(to=THEM)} == {"delivered"}


def test_a_text_that_comes_in_is_brought_twice_at_most_and_listed_either_way(
    service: Service,
) -> None:
    validator = RequestValidator(carrier.AUTH_TOKEN)
    with carrier.running("--public-url", service.url) as stub, library(stub) as client:
        service.failures = 1
        first = stub.inbound(THEM, "STOP", US)
        until(lambda: len(service.calls) == 2)
        path, form, signature = service.calls[1]
        assert path == "/webhooks/twilio/sms"
        assert (form["MessageSid"], form["From"], form["Body"]) == (first, THEM, "STOP")
        assert validator.validate(service.url + path, form, signature)
        service.failures = 2
        second = stub.inbound(THEM, "YES", US)
        until(lambda: len(service.calls) == 4 and stub.summary()["calls_open"] == 0)
        assert stub.summary()["calls"]["inbound given up"] == 1
        assert [text.sid for text in client.messages.list(from_=THEM)] == [second, first]


def test_a_reset_forgets_all_but_the_log(tmp_path: Path) -> None:
    log = tmp_path / "texts.jsonl"
    with carrier.running("--log", str(log)) as stub, library(stub) as client:
        client.messages.create(to=THEM, from_=US, body="Before")
        stub.reset()
        assert client.messages.list(to=THEM) == []
        client.messages.create(to=THEM, from_=US, body="After")
        assert stub.summary()["accepted"] == 1
    bodies = [line.get("body", line.get("event")) for line in logged(log)]
    assert bodies == ["Before", "reset", "After"]
