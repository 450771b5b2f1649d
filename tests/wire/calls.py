"""What the carrier calls: receipts of texts that it took, and texts that came in.

Signed as Twilio signs (twilio.com/docs/usage/security), by a bounded pool.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from twilio.request_validator import RequestValidator

from tests.wire.texts import Text

UNREACHABLE: Final = 30003  # "Unreachable destination handset"
TRIES_OF_A_RECEIPT: Final = 6
TRIES_OF_A_TEXT: Final = 2  # the address and its fallback, which is the same
PATIENCE: Final = aiohttp.ClientTimeout(total=15)  # twilio.com/docs/api/errors/11200


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How receipts come. Shares from 0 to 1, times in seconds."""

    doubled: float = 0.2
    late: float = 0.05
    late_seconds: float = 20.0  # at most so late, at least a third of it
    shuffled_seconds: float = 3.0  # each receipt by itself comes up to so much later
    undelivered: float = 0.03
    never: float = 0.1  # texts of which no receipt comes at all


@dataclass(order=True)
class _Call:
    due: float
    number: int
    url: str = field(compare=False)
    form: dict[str, str] = field(compare=False)
    tries_left: int = field(compare=False)
    kind: str = field(compare=False)
    pause: float = field(compare=False, default=0.5)
    text: Text | None = field(compare=False, default=None)
    moves_to: str = field(compare=False, default="")


class Caller:
    """Keeps the calls that are due later, and makes them a few at a time."""

    def __init__(
        self,
        *,
        account: str,
        auth_token: str,
        seed: int,
        at_once: int,
        habits: Habits,
    ) -> None:
        self.said: Counter[str] = Counter()
        self.waits_at_most = 0.0
        self._habits = habits
        self._account = account
        self._validator = RequestValidator(auth_token)
        self._random = random.Random(seed ^ 0x5EED)
        self._at_once = at_once
        self._waiting: list[_Call] = []
        self._numbers = itertools.count()
        self._news = asyncio.Event()
        self._in_hand = 0
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def open(self) -> int:
        """Calls that are still to be made."""
        return len(self._waiting) + self._in_hand

    def start(self) -> None:
        self._session = aiohttp.ClientSession(
            timeout=PATIENCE, connector=aiohttp.TCPConnector(limit=self._at_once), trust_env=False
        )
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._at_once)]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def forget(self) -> None:
        """Drop what is still to be called."""
        self._waiting.clear()
        self.said.clear()

    def receipts(self, text: Text, url: str) -> None:
        """Plan the receipts of a text: queued, sent, then delivered or undelivered."""
        habits, dice = self._habits, self._random
        tells = bool(url) and dice.random() >= habits.never
        if url and not tells:
            self.said["texts without receipts"] += 1
        final = "undelivered" if dice.random() < habits.undelivered else "delivered"
        for step, (status, after) in enumerate((("queued", 0.0), ("sent", 0.3), (final, 1.0))):
            due = after + dice.random() * habits.shuffled_seconds
            if dice.random() < habits.late:
                due += dice.uniform(habits.late_seconds / 3, habits.late_seconds)
            # The phone network moves on whether we are told or not.
            asyncio.get_running_loop().call_later(after + 0.01 * step, self._move, text, status)
            if not tells:
                continue
            form = self._form(text, status)
            for extra in (0.0, dice.random() * habits.shuffled_seconds)[
                : 1 + (dice.random() < habits.doubled)
            ]:
                self._plan(url, form, due + extra, tries=TRIES_OF_A_RECEIPT, kind="receipt")

    def inbound(self, text: Text, url: str) -> None:
        """Bring a text that came in, at once, and once more when that fails."""
        form = {
            "ToCountry": "GB",
            "SmsMessageSid": text.sid,
            "NumMedia": "0",
            "SmsSid": text.sid,
            "SmsStatus": "received",
            "FromCountry": "GB",
            "Body": text.body,
            "To": text.recipient,
            "NumSegments": "1",
            "MessageSid": text.sid,
            "AccountSid": self._account,
            "From": text.sender,
            "ApiVersion": "2010-04-01",
        }
        self._plan(url, form, 0.0, tries=TRIES_OF_A_TEXT, kind="inbound")

    def _move(self, text: Text, status: str) -> None:
        text.move(status, UNREACHABLE if status == "undelivered" else None)

    def _form(self, text: Text, status: str) -> dict[str, str]:
        form = {
            "SmsSid": text.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": text.recipient,
            "MessageSid": text.sid,
            "AccountSid": self._account,
            "From": text.sender,
            "ApiVersion": "2010-04-01",
        }
        if status == "undelivered":
            form["ErrorCode"] = str(UNREACHABLE)
        return form

    def _plan(self, url: str, form: dict[str, str], after: float, *, tries: int, kind: str) -> None:
        call = _Call(time.monotonic() + after, next(self._numbers), url, form, tries, kind)
        self._push(call)

    def _push(self, call: _Call) -> None:
        heapq.heappush(self._waiting, call)
        self._news.set()

    async def _work(self) -> None:
        while True:
            call = await self._next()
            self._in_hand += 1
            try:
                status = await self._call(call)
            finally:
                self._in_hand -= 1
            self.said[f"{call.kind} {status}"] += 1
            if 200 <= status < 300:
                continue
            call.tries_left -= 1
            if call.tries_left:
                call.due = time.monotonic() + call.pause
                call.pause *= 2
                self._push(call)
            else:
                self.said[f"{call.kind} given up"] += 1

    async def _next(self) -> _Call:
        while True:
            now = time.monotonic()
            if self._waiting and self._waiting[0].due <= now:
                call = heapq.heappop(self._waiting)
                self.waits_at_most = max(self.waits_at_most, now - call.due)
                return call
            pause = self._waiting[0].due - now if self._waiting else None
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), pause)
            except TimeoutError:
                continue

    async def _call(self, call: _Call) -> int:
        """Make a call; its HTTP status, 0 when nobody answered."""
        assert self._session is not None
        headers = {
            "X-Twilio-Signature": self.sign(call.url, call.form),
            "User-Agent": "TwilioProxy/1.1",
        }
        try:
            async with self._session.post(
                call.url, data=call.form, headers=headers, allow_redirects=False
            ) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    def sign(self, url: str, form: dict[str, Any]) -> str:
        """The value of X-Twilio-Signature."""
        return str(self._validator.compute_signature(url, form))
