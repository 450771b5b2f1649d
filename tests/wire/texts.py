"""The carrier's book of texts: what it took, as Twilio's API tells it, and the log on disk.

Shapes and names: twilio.com/docs/messaging/api/message-resource.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

API: Final = "/2010-04-01"
MOST_PER_PAGE: Final = 1000
OUTBOUND: Final = "outbound-api"
INBOUND: Final = "inbound"


class Text:
    """One text in either direction. Moments are seconds since 1970."""

    __slots__ = (
        "accepted_at",
        "body",
        "direction",
        "error_code",
        "recipient",
        "sender",
        "sent_at",
        "service",
        "sid",
        "status",
        "updated_at",
    )

    def __init__(
        self, sid: str, *, sender: str, recipient: str, body: str, direction: str, service: str = ""
    ) -> None:
        self.sid = sid
        self.sender = sender
        self.recipient = recipient
        self.body = body
        self.direction = direction
        self.service = service
        self.accepted_at = self.updated_at = time.time()
        inbound = direction == INBOUND
        self.status = "received" if inbound else "accepted" if service else "queued"
        self.sent_at: float | None = self.accepted_at if inbound else None
        self.error_code: int | None = None

    def move(self, status: str, error_code: int | None = None) -> None:
        """Take the next step of a text's life."""
        self.status, self.error_code, self.updated_at = status, error_code, time.time()
        if self.sent_at is None and status in ("sent", "delivered", "undelivered"):
            self.sent_at = self.updated_at


def as_json(account: str, text: Text) -> str:
    """A text as the API's Message resource; a template, for it is made 600 times a second."""
    sid, created = text.sid, _rfc2822(text.accepted_at)
    segments = "1" if len(text.body) <= 160 else str(-(-len(text.body) // 153))
    uri = f"{API}/Accounts/{account}/Messages/{sid}"
    return (
        f'{{"account_sid": "{account}", "api_version": "2010-04-01", "body": {quoted(text.body)}, '
        f'"date_created": "{created}", "date_sent": {_moment(text.sent_at)}, '
        f'"date_updated": {_moment(text.updated_at)}, "direction": "{text.direction}", '
        f'"error_code": {text.error_code or "null"}, "error_message": null, '
        f'"from": {quoted(text.sender) if text.sender else "null"}, '
        f'"messaging_service_sid": {quoted(text.service) if text.service else "null"}, '
        f'"num_media": "0", "num_segments": "{segments}", "price": null, "price_unit": "GBP", '
        f'"sid": "{sid}", "status": "{text.status}", '
        f'"subresource_uris": {{"media": "{uri}/Media.json"}}, '
        f'"to": {quoted(text.recipient)}, "uri": "{uri}.json"}}'
    )


def _rfc2822(moment: float) -> str:
    second = int(moment)
    if second not in _RENDERED:
        if len(_RENDERED) > 10_000:
            _RENDERED.clear()
        _RENDERED[second] = formatdate(second).replace("-0000", "+0000")
    return _RENDERED[second]


_RENDERED: dict[int, str] = {}


def _moment(moment: float | None) -> str:
    return "null" if moment is None else f'"{_rfc2822(moment)}"'


class Book:
    """Every text that the carrier has, found by its id, its number or its time."""

    def __init__(self, log: Path | None) -> None:
        self.all: list[Text] = []
        self.by_sid: dict[str, Text] = {}
        self._by_recipient: dict[str, list[Text]] = {}
        # A book that was begun anew never gives out an id twice.
        self._prefix = f"SM{secrets.token_hex(10)}"
        self._number = 0
        self._log = (
            os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log is not None else None
        )

    def new_sid(self) -> str:
        self._number += 1
        return f"{self._prefix}{self._number:012x}"

    def add(self, text: Text, **noted: Any) -> None:
        """Enter a text, first of all in the log: one write, so that no crash tears a line."""
        self._write(
            {
                "sid": text.sid,
                "direction": text.direction,
                "to": text.recipient,
                "from": text.sender,
                "body": text.body,
                "accepted_at": text.accepted_at,
                **noted,
            }
        )
        self.all.append(text)
        self.by_sid[text.sid] = text
        self._by_recipient.setdefault(text.recipient, []).append(text)

    def begin_anew(self) -> None:
        """Forget all texts; the log keeps them and says so."""
        self._write({"event": "reset", "at": time.time()})
        self.all.clear()
        self.by_sid.clear()
        self._by_recipient.clear()

    def close(self) -> None:
        if self._log is not None:
            os.close(self._log)
            self._log = None

    def _write(self, line: dict[str, Any]) -> None:
        if self._log is not None:
            os.write(self._log, json.dumps(line).encode() + b"\n")

    def page(self, account: str, query: dict[str, str], lag: float = 0.0) -> str:
        """One page of the list as Twilio answers it, newest first.

        `query` has To, From, DateSent, DateSent> and DateSent< (a day, or a
        moment in UTC, both ends included), PageSize, Page and PageToken. With
        `lag`, what was taken in the last so many seconds is not yet listed.
        Raises `ValueError` for a filter that cannot be read.
        """
        size = min(max(int(query.get("PageSize", 50)), 1), MOST_PER_PAGE)
        number = max(int(query.get("Page", 0)), 0)
        asked = {
            name: query[name]
            for name in ("To", "From", "DateSent", "DateSent<", "DateSent>")
            if query.get(name)
        }
        found: list[Text] = []
        more = False
        after = query.get("PageToken", "").removeprefix("PA")
        for text in self._matching(asked, after, time.time() - lag):
            if len(found) == size:
                more = True
                break
            found.append(text)
        path = f"{API}/Accounts/{account}/Messages.json"

        def uri(page: int, token: str = "") -> str:
            rest = {"PageSize": str(size), **asked, "Page": str(page)}
            if token:
                rest["PageToken"] = f"PA{token}"
            return f"{path}?{urlencode(rest)}"

        following = json.dumps(uri(number + 1, found[-1].sid) if more else None)
        texts = ", ".join(as_json(account, text) for text in found)
        return (
            f'{{"messages": [{texts}], "page": {number}, "page_size": {size}, '
            f'"start": {number * size}, "end": {number * size + max(len(found) - 1, 0)}, '
            f'"uri": {json.dumps(uri(number, after))}, "first_page_uri": {json.dumps(uri(0))}, '
            f'"previous_page_uri": null, "next_page_uri": {following}}}'
        )

    def _matching(self, asked: dict[str, str], after: str, until: float) -> Iterator[Text]:
        source: Iterable[Text] = self.all
        if "To" in asked:
            source = self._by_recipient.get(asked["To"], [])
        first, last = _span(asked)
        skipping = bool(after)
        if after and after not in self.by_sid:
            raise ValueError("no such page")
        for text in reversed(list(source)):
            if skipping:
                skipping = text.sid != after
                continue
            # A text that is still queued has no `date_sent`; its creation stands for it.
            moment = text.sent_at or text.accepted_at
            if (
                text.accepted_at <= until
                and first <= moment <= last
                and ("From" not in asked or text.sender == asked["From"])
            ):
                yield text


def _span(asked: dict[str, str]) -> tuple[float, float]:
    first, last = 0.0, float("inf")
    if "DateSent" in asked:
        first, last = _bounds(asked["DateSent"])
    if "DateSent>" in asked:
        first = max(first, _bounds(asked["DateSent>"])[0])
    if "DateSent<" in asked:
        last = min(last, _bounds(asked["DateSent<"])[1])
    return first, last


def _bounds(given: str) -> tuple[float, float]:
    """The first and last moment that a filter's value names: a whole day, or one second."""
    moment = datetime.fromisoformat(given.removeprefix("=").replace("Z", "+00:00"))
    length = timedelta(days=1) if len(given.removeprefix("=")) == 10 else timedelta(seconds=1)
    begin = moment.replace(tzinfo=moment.tzinfo or UTC)
    return begin.timestamp(), (begin + length).timestamp() - 1e-6
