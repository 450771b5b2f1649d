"""Carriers behind one door: what the ledger needs of whoever takes a message away."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from app.messaging.rules.outcomes import Outcome


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A message as a carrier sees it, read before the transaction closed."""

    message_id: int
    token: str
    written_at: datetime
    attempts: int  # with the one that is being made
    to: str
    body: str
    subject: str = ""
    html: str | None = None
    calendar: str | None = None
    unsubscribe_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Doubtful:
    """A message whose answer was lost, as a carrier may look for it."""

    message_id: int
    token: str
    to: str
    body: str
    sending_at: datetime


@dataclass(frozen=True)
class Listed:
    """A message that the carrier says it has taken."""

    carrier_id: str
    to: str
    body: str
    status: str
    created_at: datetime
    error_code: str | None = None


@dataclass(frozen=True)
class Received:
    """A text that came in, as the carrier's list has it."""

    carrier_id: str
    sender: str
    to: str
    body: str
    at: datetime  # when the carrier had it, UTC


class Line(Protocol):
    """An open line to a carrier, kept for the length of a job; belongs to one event loop."""

    async def send(self, parcel: Parcel) -> Outcome:
        """Hand over one message.

        Never raises for what the wire does, and never sends anything twice.
        """


class Carrier(Protocol):
    """One way out."""

    name: str
    at_once: int  # how many requests may be under way at the same time

    def open(self) -> AbstractAsyncContextManager[Line]:
        """Open a line; closing it ends its connections."""


@runtime_checkable
class Remembers(Protocol):
    """A carrier that can be asked, afterwards, which messages it took."""

    def taken_of(self, doubtful: Sequence[Doubtful]) -> dict[int, list[Listed]]:
        """By `message_id`, what the carrier has that may be this very message; an empty
        list where it certainly has nothing.

        Speaks to the carrier and raises what its library raises: whoever asks
        tries again later.
        """


@runtime_checkable
class Receives(Protocol):
    """A carrier that can be asked, afterwards, which texts came in."""

    def received_since(self, moment: datetime, /) -> list[Received]:
        """The texts that came in since a moment (UTC), the newest first.

        Speaks to the carrier and raises what its library raises.
        """
