"""How long people take to answer a text: pure.

Answer times have a heavy tail: half come within minutes, some the next
morning. A log-logistic curve has that tail, needs two numbers, and can be
read off by hand: the share that has answered after t minutes is

    1 / (1 + (half / t) ^ steepness)

so after `half` minutes it is one half, and far out the share still to come
falls only as a power of the time (Tadikamalla & Johnson 1982; used for
answer times because, unlike an exponential, it never says "now nobody will").
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# Before a county has answers of its own: half of those who answer do so within ten minutes.
USUAL_HALF: Final = 10.0
USUAL_STEEPNESS: Final = 1.3
# What is taken for known counts like so many answers, then gives way to the county's own.
USUAL_WEIGHT: Final = 40.0
# No curve is steeper or flatter than people have been seen to be.
STEEPEST: Final = 2.5
FLATTEST: Final = 0.8
_AT_ONCE: Final = 1e-6


@dataclass(frozen=True)
class Curve:
    """When answers come. `half`: minutes within which half of them do."""

    half: float = USUAL_HALF
    steepness: float = USUAL_STEEPNESS

    def answered(self, minutes: float) -> float:
        """The share, 0 to 1, of all answers that has come so many minutes after asking."""
        if minutes < _AT_ONCE:
            return 0.0
        if math.isinf(minutes):
            return 1.0
        return float(1.0 / (1.0 + (self.half / minutes) ** self.steepness))

    def still_to_come(self, minutes: float) -> float:
        """The share that has not come yet."""
        return 1.0 - self.answered(minutes)

    def minutes_until(self, share: float) -> float:
        """After how many minutes that share, between 0 and 1, has answered."""
        return float(self.half * (share / (1.0 - share)) ** (1.0 / self.steepness))


@dataclass(frozen=True)
class Timing:
    """Answer times summed up: how many, and the sums of ln(minutes) and of its square.

    `weight` says what they count today (see `chances.weight_after`).
    """

    answers: int
    log_sum: float
    log_squares: float
    weight: float = 1.0


def timing_of(minutes: Iterable[float]) -> Timing:
    """Answer times in minutes, summed up; nobody answers within less than six seconds."""
    logs = [math.log(max(0.1, one)) for one in minutes]
    return Timing(len(logs), sum(logs), sum(log * log for log in logs))


def curve_of(seen: Iterable[Timing]) -> Curve:
    """The curve that fits earlier answer times, mixed with what is usual.

    By moments: the logarithm of a log-logistic time has the mean ln(half) and
    the variance pi^2 / (3 * steepness^2).
    """
    usual_log = math.log(USUAL_HALF)
    usual_variance = math.pi**2 / (3 * USUAL_STEEPNESS**2)
    weight = USUAL_WEIGHT
    logs = USUAL_WEIGHT * usual_log
    squares = USUAL_WEIGHT * (usual_log**2 + usual_variance)
    for one in seen:
        weight += one.weight * one.answers
        logs += one.weight * one.log_sum
        squares += one.weight * one.log_squares
    mean = logs / weight
    variance = max(1e-6, squares / weight - mean**2)
    steepness = math.pi / math.sqrt(3 * variance)
    return Curve(math.exp(mean), min(STEEPEST, max(FLATTEST, steepness)))
