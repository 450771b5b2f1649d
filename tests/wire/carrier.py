"""A stand-in for the carrier, as a process: `python -m tests.wire.carrier --help`.

It speaks Twilio's Messages API (POST, list, fetch), logs every text that it
took before it answers, calls back, brings texts in, and fails as it is told.
Its own addresses, for whoever measures or tests:

- `GET /control/summary`: counts, and the moments of the first and last text.
- `POST /control/inbound` (From, Body, To): a text comes in from a phone.
- `POST /control/faults` (too_many=0.05 ...): other shares from now on.
- `POST /control/reset`: forget all texts and counts; the log keeps them.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from urllib.request import Request as Call
from urllib.request import urlopen

from tests.wire.calls import Caller, Habits
from tests.wire.faults import TAKEN, Dice, Fault, Shares
from tests.wire.http import Connection, Request, answer, listen
from tests.wire.texts import API, INBOUND, OUTBOUND, Book, Text, as_json

ROOT: Final = Path(__file__).resolve().parents[2]
ACCOUNT: Final = "AC" + "0" * 32
AUTH_TOKEN: Final = "token-of-the-stand-in"


class Carrier:
    """The stand-in itself: who asks is answered from the book, with the faults that are drawn."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.account: str = options.account_sid
        self.shares = Shares(**{f.name: getattr(options, f.name) for f in fields(Shares)})
        self.book = Book(options.log)
        self.counts: Counter[str] = Counter()
        self.first_arrived_at: float | None = None
        self.last_accepted_at: float | None = None
        self.caller = Caller(
            account=options.account_sid,
            auth_token=options.auth_token,
            seed=options.seed,
            at_once=options.calls_at_once,
            habits=Habits(**{f.name: getattr(options, f.name) for f in fields(Habits)}),
        )
        self._calls_back: bool = options.callbacks
        self._public_url: str = options.public_url.rstrip("/")
        self._dice = Dice(options.seed)
        self._authorization = credentials(options.account_sid, options.auth_token)
        self._messages = f"{API}/Accounts/{options.account_sid}/Messages"
        self._create = f"{self._messages}.json".encode()

    def handle(self, request: Request, connection: Connection) -> None:
        """Answer one request, now or after its latency."""
        target = request.target
        if target.startswith(b"/control/"):
            connection.reply(self._control(request))
        elif request.header(b"authorization") != self._authorization:
            connection.reply(_error(401, 20003, "Authenticate"))
        elif request.method == b"POST" and target == self._create:
            self._take(request, connection)
        elif request.method == b"GET":
            reply = self._read(target.decode())
            _later(self._dice.latency(self.shares), connection.reply, reply)
        else:
            connection.reply(_error(404, 20404, "The requested resource was not found"))

    # What the API does

    def _take(self, request: Request, connection: Connection) -> None:
        arrived_at = time.time()
        if self.first_arrived_at is None:
            self.first_arrived_at = arrived_at
        form = dict(parse_qsl(request.body.decode()))
        if problem := _refusal(form):
            self.counts["refused"] += 1
            connection.reply(problem)
            return
        fault = self._dice.fault(self.shares)
        latency = self._dice.latency(self.shares)
        self.counts[fault.value] += 1
        # Taken half-way: whoever is killed in between has sent a text and heard nothing.
        if fault in TAKEN and latency > 0.002:
            _later(latency / 2, self._accept_then, form, arrived_at, fault, latency / 2, connection)
        elif fault in TAKEN:
            self._accept_then(form, arrived_at, fault, latency, connection)
        elif fault == Fault.TOO_MANY:
            _later(latency, connection.reply, _TOO_MANY)
        else:
            _later(self.shares.hang_seconds, connection.cut)

    def _accept_then(
        self,
        form: dict[str, str],
        arrived_at: float,
        fault: Fault,
        latency: float,
        connection: Connection,
    ) -> None:
        text = self._accept(form, arrived_at, fault)
        if fault == Fault.NONE:
            reply = answer(201, as_json(self.account, text).encode())
            _later(latency, connection.reply, reply)
        elif fault == Fault.ERROR:
            _later(latency, connection.reply, _FAULT)
        elif fault == Fault.DROP:
            _later(latency, connection.cut)
        else:
            _later(self.shares.hang_seconds, connection.cut)

    def _accept(self, form: dict[str, str], arrived_at: float, fault: Fault) -> Text:
        text = Text(
            self.book.new_sid(),
            sender=form.get("From", ""),
            recipient=form["To"],
            body=form["Body"],
            direction=OUTBOUND,
            service=form.get("MessagingServiceSid", ""),
        )
        callback = form.get("StatusCallback", "")
        token = parse_qs(urlsplit(callback).query).get("m", [""])[0] if callback else ""
        self.book.add(text, token=token, arrived_at=arrived_at, answer=fault.value)
        self.last_accepted_at = text.accepted_at
        if self._calls_back:
            self.caller.receipts(text, callback)
        return text

    def _read(self, target: str) -> bytes:
        address = urlsplit(target)
        if address.path == f"{self._messages}.json":
            query = dict(parse_qsl(address.query))
            try:
                page = self.book.page(self.account, query, self.shares.list_lag_ms / 1000)
            except ValueError:
                return _error(400, 20001, "A parameter was not valid")
            self.counts["listed"] += 1
            return answer(200, page.encode())
        sid = address.path.removeprefix(f"{self._messages}/").removesuffix(".json")
        text = self.book.by_sid.get(sid)
        if text is None:
            return _error(404, 20404, "The requested resource was not found")
        return answer(200, as_json(self.account, text).encode())

    # What a harness asks

    def _control(self, request: Request) -> bytes:
        form = dict(parse_qsl(request.body.decode()))
        match request.method, request.target:
            case b"GET", b"/control/summary":
                return answer(200, json.dumps(self.summary()).encode())
            case b"POST", b"/control/inbound":
                text = Text(
                    self.book.new_sid(),
                    sender=form["From"],
                    recipient=form.get("To", ""),
                    body=form["Body"],
                    direction=INBOUND,
                )
                self.book.add(text, arrived_at=text.accepted_at)
                self.caller.inbound(text, f"{self._public_url}/webhooks/twilio/sms")
                return answer(201, json.dumps({"sid": text.sid}).encode())
            case b"POST", b"/control/faults":
                try:
                    self.shares = self.shares.changed(form)
                except (TypeError, ValueError) as problem:
                    return _error(400, 20001, str(problem))
                return answer(204)
            case b"POST", b"/control/reset":
                self.book.begin_anew()
                self.caller.forget()
                self.counts.clear()
                self.first_arrived_at = self.last_accepted_at = None
                return answer(204)
        return _error(404, 20404, "No such control")

    def summary(self) -> dict[str, Any]:
        """What has been so far: counts, moments (seconds since 1970), and its own price."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        outbound = [text for text in self.book.all if text.direction == OUTBOUND]
        return {
            "accepted": len(outbound),
            "distinct_recipients": len({text.recipient for text in outbound}),
            "distinct_texts": len({(text.recipient, text.body) for text in outbound}),
            "inbound": len(self.book.all) - len(outbound),
            "requests": dict(self.counts),
            "first_arrived_at": self.first_arrived_at,
            "first_accepted_at": outbound[0].accepted_at if outbound else None,
            "last_accepted_at": self.last_accepted_at,
            "calls": dict(self.caller.said),
            "calls_open": self.caller.open,
            "calls_late_seconds": round(self.caller.waits_at_most, 3),
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        }


def credentials(account: str, auth_token: str) -> bytes:
    """The value of the Authorization header that Twilio's library sends."""
    return b"Basic " + base64.b64encode(f"{account}:{auth_token}".encode())


def _later(seconds: float, what: Any, *arguments: Any) -> None:
    if seconds > 0:
        asyncio.get_running_loop().call_later(seconds, what, *arguments)
    else:
        what(*arguments)


def _refusal(form: dict[str, str]) -> bytes | None:
    """Twilio's answer to a text that lacks something; None when all is there."""
    if not form.get("To"):
        return _error(400, 21604, "A 'To' phone number is required.")
    if not form.get("Body"):
        return _error(400, 21602, "Message body is required.")
    if not (form.get("From") or form.get("MessagingServiceSid")):
        return _error(400, 21603, "A 'From' phone number is required.")
    return None


def _error(status: int, code: int, message: str) -> bytes:
    more = f"https://www.twilio.com/docs/errors/{code}"
    said = {"code": code, "message": message, "more_info": more, "status": status}
    return answer(status, json.dumps(said).encode())


_TOO_MANY: Final = _error(429, 20429, "Too Many Requests")
_FAULT: Final = _error(500, 20500, "An internal server error has occurred")


def options_of(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.wire.carrier", description="A stand-in for the carrier, on loopback."
    )
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--log", type=Path, help="append every text that was taken, as JSON lines")
    parser.add_argument("--seed", type=int, default=None, help="of all that is drawn")
    parser.add_argument("--account-sid", default=ACCOUNT)
    parser.add_argument("--auth-token", default=AUTH_TOKEN)
    parser.add_argument("--callbacks", action="store_true", help="call back with receipts")
    parser.add_argument("--calls-at-once", type=int, default=4)
    parser.add_argument("--public-url", default="http://127.0.0.1:8000", help="of the service")
    for field in (*fields(Shares), *fields(Habits)):
        flag = "--" + field.name.replace("_", "-")
        unit = "" if field.name.endswith(("_ms", "_seconds")) else " (share of all, 0 to 1)"
        name = field.name.replace("_", " ") + unit
        parser.add_argument(flag, type=float, default=field.default, help=name, metavar="N")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 31)
    return options


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT; the first line of output says where."""
    carrier = Carrier(options)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    carrier.caller.start()
    server, port = await listen(carrier.handle, options.port)
    print(f"http://127.0.0.1:{port} seed {options.seed}", flush=True)
    await stop.wait()
    server.close()
    await carrier.caller.close()
    carrier.book.close()


class Remote:
    """A stand-in in another process, by its control addresses."""

    def __init__(self, url: str, process: subprocess.Popen[str] | None = None) -> None:
        self.url = url
        self.process = process

    def summary(self) -> dict[str, Any]:
        with urlopen(f"{self.url}/control/summary", timeout=30) as response:
            said: dict[str, Any] = json.load(response)
        return said

    def inbound(self, sender: str, body: str, to: str) -> str:
        """A text comes in from a phone; the carrier's id of it."""
        return str(
            json.loads(self._post("inbound", {"From": sender, "Body": body, "To": to}))["sid"]
        )

    def faults(self, **shares: float) -> None:
        self._post("faults", {name: str(value) for name, value in shares.items()})

    def reset(self) -> None:
        self._post("reset", {})

    def _post(self, what: str, form: dict[str, str]) -> bytes:
        call = Call(f"{self.url}/control/{what}", urlencode(form).encode(), method="POST")
        with urlopen(call, timeout=30) as response:
            said: bytes = response.read()
        return said


@contextmanager
def running(*arguments: str) -> Iterator[Remote]:
    """The stand-in as a process of its own, with these options, for as long as the block lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.wire.carrier", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline().split()
        if not first:
            raise RuntimeError(f"The stand-in carrier did not start: {arguments}")
        yield Remote(first[0], process)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def main() -> None:
    asyncio.run(serve(options_of(sys.argv[1:])))


if __name__ == "__main__":
    main()
