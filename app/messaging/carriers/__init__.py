"""Carriers behind one door: what the ledger needs of whoever takes a message away."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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


@dataclass(frozen=True)
class Listed:
    """A message that the carrier says it has taken."""

    carrier_id: str
    to: str
    body: str
    status: str
    created_at: datetime
    error_code: str | None = None


class Line(Protocol):
    """An open line to a carrier, kept for the length of a job."""

    def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Hand over a few messages at once; one outcome each, in order.

        Never raises for what the wire does, and never sends anything twice.
        """


class Carrier(Protocol):
    """One way out."""

    name: str

    def open(self) -> AbstractContextManager[Line]:
        """Open a line; closing it ends its connections."""
