"""Why messages wait, in one sentence for the person who looks; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.operations.rules.problems import EMAIL, LANE_NAMES, spoken

SLOWED_DOWN: Final = 0.95


@dataclass(frozen=True)
class Waiting:
    """Some messages of one lane that are due and have not left, alike in what holds them."""

    lane: str
    run_is_paused: bool = False
    waits_for_morning: bool = False
    is_held: bool = False
    workers: int = 1
    redis_answers: bool = True
    share: float = 1.0  # of the full rate at which the sender goes
    seconds_ahead: float = 0.0  # for which the sender's rate is taken already
    is_moving: bool = True  # others of its kind have left within the last minutes


def why(of: Waiting) -> str:
    """The first reason that holds, the surest first."""
    if of.is_held:
        return "All sending is paused."
    if of.run_is_paused:
        return "Their request is paused."
    if of.waits_for_morning:
        return "It is night: they leave when the quiet hours end."
    if not of.workers:
        return f"No worker serves the lane “{LANE_NAMES.get(of.lane, of.lane)}”."
    if not of.redis_answers:
        return "Redis is away, so only the sweep wakes the workers."
    if of.lane != EMAIL and of.share < SLOWED_DOWN:
        return f"The carrier asked us to slow down: we send at {of.share:.0%} of our rate."
    if of.lane != EMAIL and of.seconds_ahead > 1:
        ahead = spoken(timedelta(seconds=of.seconds_ahead))
        return f"Our sender may only send so many a second; it is busy for {ahead}."
    if of.is_moving:
        return "Others before them are leaving now."
    return "We do not know. Look at the workers and their log."
