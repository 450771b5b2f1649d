"""The door through which the lower features write to people.

Accounts and groups stand below messaging and may not import it; messaging
registers its ledger here when the app is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from flask import Flask, current_app

from app.foundation import languages


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message to one contact point, before it is in the ledger.

    (`cause`, `recipient`, `purpose`) is unique: writing it twice is harmless.
    `cause` names what gave rise to it ("sign-in-code:12"), `recipient` whom it
    is for ("volunteer:5", "user:7"), `purpose` what it does ("code").
    """

    channel: str
    to: str
    body: str
    cause: str
    recipient: str
    purpose: str
    subject: str = ""
    lane: str = "answers"
    html: str | None = None
    calendar: str | None = None
    # What is added to it, such as how to stop, is said in the language it was written in.
    language: str = field(default_factory=languages.present)


class Outbox(Protocol):
    """What messaging offers to the features below it."""

    def write(self, letter: Letter) -> None:
        """Put the letter in the ledger, within the open transaction."""


def register(app: Flask, outbox: Outbox) -> None:
    """Make `outbox` the one that letters of this app go through."""
    app.extensions["outbox"] = outbox


def write(letter: Letter) -> None:
    """Put a letter in the ledger, within the open transaction."""
    outbox: Outbox = current_app.extensions["outbox"]
    outbox.write(letter)
