"""When a check or a training falls due, and when to say so; pure.

A DBS certificate has no expiry date: a group asks again after its own
interval, so a check is *due*, never *expired*. A training's certificate may
have a last valid day. https://www.gov.uk/guidance/dbs-check-requests-guidance-for-employers
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from app.foundation.months import months_before
from app.signups.rules import Held, is_enough
from app.volunteers.rules import months_later
from app.volunteers.vocabulary import DbsLevel, Workforce

# Days before the last good day on which people are told, once each.
STEPS: Final = (60, 30, 7)


class State(enum.StrEnum):
    """How it stands with a paper that a role asks for."""

    MISSING = "missing"
    OVER = "over"
    SOON = "soon"
    FINE = "fine"


def last_good_day(issued_on: date, recheck_months: int) -> date:
    """The last day on which a shift may still rest on this check.

    The exact counterpart of how a place is decided: the check must not have been
    issued before the day that lies `recheck_months` before the shift.
    """
    day = months_later(issued_on, recheck_months)
    # Short months: "three months before" 31 May is 28 February, and so is that before 28 May.
    while months_before(day + timedelta(days=1), recheck_months) <= issued_on:
        day += timedelta(days=1)
    return day


def best(
    checks: Collection[Held], level: DbsLevel, workforce: Workforce | None = None
) -> Held | None:
    """Of several checks the one that counts for a role: good enough, and issued the latest."""
    enough = [held for held in checks if is_enough(held, level, workforce)]
    return max(enough, key=lambda held: (held.issued_on, held.level.rank), default=None)


def highest(checks: Collection[Held]) -> Held | None:
    """Where no role says what it needs: the highest level, of equals the latest."""
    return max(checks, key=lambda held: (held.level.rank, held.issued_on), default=None)


def state_of(last_day: date | None, today: date) -> State:
    """How a paper stands that holds until a day, that day included; None has no end."""
    if last_day is None or last_day - today > timedelta(days=STEPS[0]):
        return State.FINE
    return State.SOON if last_day >= today else State.OVER


def step_of(last_day: date, today: date) -> int | None:
    """The warning whose time has come: the nearest of 60, 30 and 7 days that has been reached.

    None before the first, and once the day is over: then it is no warning any more.
    One that was missed is made up for by the next time anybody looks.
    """
    left = (last_day - today).days
    if left < 0:
        return None
    return min((step for step in STEPS if left <= step), default=None)
