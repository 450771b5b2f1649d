"""What the stand-in carrier does with words and with chance; pure.

Keywords: twilio.com/docs/messaging/tutorials/advanced-opt-out, without YES,
CANCEL and END, which our account must not treat as keywords (see the README).
Error codes: twilio.com/docs/api/errors.
"""

from __future__ import annotations

import enum
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

MOST_CHARACTERS = 1600
MOST_ATTEMPTS = 3
CHANCE = random.SystemRandom().random  # from 0 up to 1


class Keyword(enum.StrEnum):
    """What the carrier itself understands."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


_KEYWORDS = {
    Keyword.STOP: ("STOP", "STOPALL", "UNSUBSCRIBE", "QUIT", "OPTOUT", "REVOKE"),
    Keyword.START: ("START", "UNSTOP"),
    Keyword.HELP: ("HELP", "INFO"),
}
AUTOMATIC_REPLIES = {
    Keyword.STOP: (
        "You have been unsubscribed and will receive no more texts from this number. "
        "Reply START to come back."
    ),
    Keyword.START: "You are subscribed again. Reply HELP for help, STOP to leave.",
    Keyword.HELP: "Reply STOP to leave. Message and data rates may apply.",
}
_ASKS = re.compile(r"(?:\b(\d{1,4})\s+)?\bYES\b")


@dataclass(frozen=True)
class Dials:
    """How badly the carrier behaves; shares are of a hundred."""

    delay_seconds: float = 1.0
    jitter_seconds: float = 0.5
    refused_percent: int = 0
    failed_percent: int = 0
    lost_percent: int = 0
    doubled_percent: int = 0
    shuffled_percent: int = 0

    def pause(self, chance: Callable[[], float] = CHANCE) -> timedelta:
        """How long the next step takes."""
        return timedelta(seconds=self.delay_seconds + self.jitter_seconds * chance())


# What can go wrong, each as often: the code, and whether the text left the carrier at all.
_FAILURES = ((30003, True), (30005, True), (30007, True), (30008, True), (30001, False))


def happens(percent: int, chance: Callable[[], float] = CHANCE) -> bool:
    """Whether something happens that happens so often in a hundred."""
    return chance() * 100 < percent


def failure(chance: Callable[[], float] = CHANCE) -> tuple[int, bool]:
    """An error code, and whether the text leaves the carrier first (else it never does)."""
    return _FAILURES[int(chance() * len(_FAILURES))]


def keyword(body: str) -> Keyword | None:
    """The keyword that a text is; it counts only alone, in any case."""
    word = body.strip().upper()
    for found, spellings in _KEYWORDS.items():
        if word in spellings:
            return found
    return None


def asks(body: str) -> bool:
    """Whether a text from us waits for a yes."""
    return _ASKS.search(body) is not None


def answer(body: str, word: str = "YES") -> str:
    """The answer to a text from us, with the request's number where it names one: "27 YES"."""
    found = _ASKS.search(body)
    return f"{found[1]} {word}" if found and found[1] else word


def quick_answers(body: str, *, stopped: bool = False) -> list[str]:
    """What the buttons below a conversation send, given the last text that asked."""
    numbered = [answer(body), answer(body, "NO")] if asks(body) else []
    return list(dict.fromkeys([*numbered, "YES", "NO", "START" if stopped else "STOP"]))


def lateness(chance: Callable[[], float] = CHANCE) -> timedelta:
    """How late a shuffled call is: enough to come after those that follow it."""
    return timedelta(seconds=4 + 8 * chance())


def retry_after(attempts: int) -> timedelta | None:
    """The wait after so many failed attempts; None when the carrier gives up."""
    return timedelta(seconds=2 * attempts) if attempts < MOST_ATTEMPTS else None
