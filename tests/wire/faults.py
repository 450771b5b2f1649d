"""What goes wrong at the carrier, and how often; drawn from one seed."""

from __future__ import annotations

import enum
import random
from dataclasses import dataclass, fields, replace


class Fault(enum.StrEnum):
    """What becomes of one request."""

    NONE = "taken"
    TOO_MANY = "too_many"  # 429: not taken
    ERROR = "error"  # taken, then 500
    DROP = "drop"  # taken, then the connection is cut without an answer
    HANG_TAKEN = "hang_taken"  # taken, then silence for longer than anybody waits
    HANG = "hang"  # not taken, and silence


TAKEN = frozenset({Fault.NONE, Fault.ERROR, Fault.DROP, Fault.HANG_TAKEN})


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How many of all requests meet each fault, from 0 to 1, and how slow the others are."""

    too_many: float = 0.0
    error: float = 0.0
    drop: float = 0.0
    hang: float = 0.0  # half of these after taking the text
    hang_seconds: float = 15.0
    latency_ms: float = 0.0
    jitter_ms: float = 0.0  # up to so much more
    list_lag_ms: float = 0.0  # the list knows a text only so long after it was taken

    def __post_init__(self) -> None:
        if any(getattr(self, field.name) < 0 for field in fields(self)):
            raise ValueError("Shares and times are 0 or more.")
        if self.too_many + self.error + self.drop + self.hang > 1:
            raise ValueError("The shares of the faults are more than the whole.")

    def changed(self, given: dict[str, str]) -> Shares:
        """The same with some values replaced, as the control address gets them."""
        return replace(self, **{name: float(value) for name, value in given.items()})


class Dice:
    """Draws each request's fate; the same seed draws the same row of fates."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def fault(self, shares: Shares) -> Fault:
        drawn = self._random.random()
        for share, fault in (
            (shares.too_many, Fault.TOO_MANY),
            (shares.error, Fault.ERROR),
            (shares.drop, Fault.DROP),
            (shares.hang / 2, Fault.HANG_TAKEN),
            (shares.hang / 2, Fault.HANG),
        ):
            if drawn < share:
                return fault
            drawn -= share
        return Fault.NONE

    def latency(self, shares: Shares) -> float:
        """Seconds until the answer."""
        extra = self._random.random() * shares.jitter_ms if shares.jitter_ms else 0.0
        return (shares.latency_ms + extra) / 1000
