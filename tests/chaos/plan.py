"""What is broken when: drawn from the seed before anything starts. Pure."""

from __future__ import annotations

import enum
import random
from dataclasses import dataclass
from typing import Final

FIRST: Final = 0.02  # of the time: the sending has just begun
LAST: Final = 0.95  # and does not end before its rate allows


class Kind(enum.StrEnum):
    """What happens to the service."""

    KILL = "worker killed"
    EMPTY_REDIS = "Redis emptied"
    RESTART_REDIS = "Redis restarted"
    CUT = "database connection cut"
    STOP = "STOP came in"
    YES = "YES came in"


@dataclass(frozen=True, order=True)
class Event:
    """One blow, so many seconds after the sending began; `draw` (0 to 1) chooses its victim."""

    at: float
    kind: Kind
    draw: float


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How often each thing happens."""

    kills: int
    empties: int
    restarts: int
    cuts: int
    stops: int
    yeses: int


def plan(seed: int, seconds: float, amounts: Amounts) -> list[Event]:
    """All blows in the order of their time; the same seed gives the same plan."""
    dice = random.Random(seed)
    numbers = {
        Kind.KILL: amounts.kills,
        Kind.EMPTY_REDIS: amounts.empties,
        Kind.RESTART_REDIS: amounts.restarts,
        Kind.CUT: amounts.cuts,
        Kind.STOP: amounts.stops,
        Kind.YES: amounts.yeses,
    }
    return sorted(
        Event(dice.uniform(FIRST * seconds, LAST * seconds), kind, dice.random())
        for kind, number in numbers.items()
        for _ in range(number)
    )
