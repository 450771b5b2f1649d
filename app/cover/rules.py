"""When a group's own rule asks for cover, and at which moment; pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MOST_PEOPLE: Final = 50
LONGEST_WAIT_MINUTES: Final = 240
MOST_HOURS: Final = 168
# Nearer to its beginning than this, nobody waits for a manager's veto any more.
LAST_MINUTES: Final = timedelta(minutes=30)


class Start(enum.StrEnum):
    """When cover starts by itself."""

    NEVER = "never"
    BELOW_MINIMUM = "below-minimum"
    LATE = "late"  # each late withdrawal, and when there are too few

    @property
    def words(self) -> str:
        return {
            "never": "Never: tell us, and we decide",
            "below-minimum": "When too few are coming to run the shift",
            "late": "Whenever somebody drops out late, and when too few are coming",
        }[self.value]


class Reach(enum.StrEnum):
    """Whom a group asks."""

    OWN = "own"
    NEARBY = "nearby"

    @property
    def words(self) -> str:
        return {
            "own": "Only our own volunteers",
            "nearby": "Our own volunteers first, then others nearby who may be asked",
        }[self.value]


class Cause(enum.StrEnum):
    """Why a shift's cover began."""

    LATE = "late"
    BELOW_MINIMUM = "below-minimum"
    MANAGER = "manager"

    @property
    def words(self) -> str:
        return {
            "late": "Somebody dropped out late",
            "below-minimum": "Too few people are coming",
            "manager": "A manager of the group asked",
        }[self.value]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A group's rule."""

    start: Start = Start.NEVER
    within_hours: int = 24
    most_people: int = 10
    wait_minutes: int = 10
    reach: Reach = Reach.NEARBY


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """A shift whose place may have to be covered."""

    starts_at: datetime
    now: datetime
    taken: int
    minimum: int
    is_late: bool  # somebody has just dropped out, late

    @property
    def is_short(self) -> bool:
        return self.taken < self.minimum


def asks(setting: Setting, occasion: Occasion) -> bool:
    """Whether the rule asks for cover by itself."""
    if occasion.starts_at <= occasion.now:
        return False
    if occasion.starts_at - occasion.now > timedelta(hours=setting.within_hours):
        return False
    if setting.start == Start.LATE:
        return occasion.is_late or occasion.is_short
    return setting.start == Start.BELOW_MINIMUM and occasion.is_short


def asks_at(setting: Setting, occasion: Occasion) -> datetime:
    """When it asks: after the minutes in which a manager can stop it.

    Close to the shift nobody waits: a veto that leaves no time to ask is of no use.
    """
    after = occasion.now + timedelta(minutes=setting.wait_minutes)
    return after if after + LAST_MINUTES <= occasion.starts_at else occasion.now
