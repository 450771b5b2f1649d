"""What a suggestion strives for, in points; few, and in this order.

What binds is no matter of points: see `problem`. A suggestion is the one with
the most points that the solver finds in its time.
"""

from __future__ import annotations

from typing import Final

# Each person whom a duty or a shift lacks to its minimum, and each shift that can run by it.
BELOW_MINIMUM: Final = 1000
SHIFT_RUNS: Final = 400
# Each place filled.
PLACE: Final = 100
# A shift with somebody on it who has done this role before; each such person by themselves.
SOMEBODY_KNOWS: Final = 40
KNOWS: Final = 6
# How well a place suits a person (`suits`): 0 to 20.
LIKES_IT: Final = 5  # it is about something they are interested in
SAID_FREE: Final = 5  # has said to be free then; others have not told
WISHED_SKILL: Final = 5  # has a skill that the role would like
NEAR: Final = ((1609, 5), (3219, 4), (4828, 3), (8047, 2), (12875, 1))  # up to so many metres
# What is taken away.
FOURTH_DAY: Final = 30  # each day after three in a row
TWICE_A_DAY: Final = 15  # a second place on one day
LATE_THEN_EARLY: Final = 25  # late one evening, early the next morning
DAYS_IN_A_ROW: Final = 3
LATE_FROM: Final = 21  # o'clock, by which it has not ended
EARLY_UNTIL: Final = 10  # o'clock, before which it begins
# Fairness: half of the square of the hours, so that each further hour of one person
# costs more than the last, and hours go to those who have few.
STEP_MINUTES: Final = 240  # the square is straight between these


def hours_cost(minutes: int) -> float:
    """The points that so many minutes of one person take away, straight between the steps."""
    step, rest = divmod(minutes, STEP_MINUTES)
    low, high = 8.0 * step * step, 8.0 * (step + 1) * (step + 1)
    return low + (high - low) * rest / STEP_MINUTES


def near(metres: float) -> int:
    return next((points for most, points in NEAR if metres <= most), 0)
