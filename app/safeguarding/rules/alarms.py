"""When a shift cannot run safely as it stands; pure.

A shift's minimum is about safety: two going to one is an alarm, not "one gap".
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.opportunities.rules.crew import coming_and_needed

ALONE_HOURS: Final = 48
FEWEST_HOURS: Final = 2
MOST_HOURS: Final = 336  # two weeks
# So near, an alarm is worth a text.
URGENT: Final = timedelta(hours=24)


class Danger(enum.StrEnum):
    """What is wrong, the gravest first."""

    NO_ADULT = "no-adult"
    ALONE = "alone"
    BELOW_MINIMUM = "below-minimum"


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Who comes to a shift. An offered place is nobody yet, and so is a waiting person."""

    starts_at: datetime  # aware
    ends_at: datetime
    minimum: int
    places: int
    never_alone: bool
    coming: int
    adults: int
    under_18: int
    runs: bool = True  # published or closed: neither a draft nor cancelled
    # Somebody who had a place has just left it.
    has_lost_one: bool = False


def dangers(crew: Crew, now: datetime, watch: timedelta) -> list[Danger]:
    """What is an alarm about the shift at this moment, the gravest first.

    `watch` is how long before its start too few people are an alarm by
    themselves. Whenever a place is left, falling below the minimum or to one
    person is an alarm however far ahead the shift is. People under 18 with no
    adult beside them are one at any time. A shift that is over has none.
    """
    if not crew.runs or crew.ends_at <= now:
        return []
    found = []
    if crew.under_18 and not crew.adults:
        found.append(Danger.NO_ADULT)
    is_near = crew.starts_at - now <= watch
    if crew.coming == 1 and (
        (crew.never_alone and is_near)
        or (crew.has_lost_one and (crew.places > 1 or crew.never_alone))
    ):
        found.append(Danger.ALONE)
    below = crew.coming < crew.minimum
    # It stood at the minimum until this person left.
    has_fallen = crew.has_lost_one and crew.coming == crew.minimum - 1
    if below and (is_near or has_fallen):
        found.append(Danger.BELOW_MINIMUM)
    return found


def still_holds(danger: Danger, crew: Crew, now: datetime) -> bool:
    """Whether an alarm once raised is still true; its cause may be long ago."""
    if not crew.runs or crew.ends_at <= now:
        return False
    if danger == Danger.NO_ADULT:
        return crew.under_18 > 0 and crew.adults == 0
    if danger == Danger.ALONE:
        # With nobody left at all there is nobody alone; the minimum speaks then.
        return crew.coming == 1 or (crew.coming == 0 and crew.minimum == 0)
    return crew.coming < crew.minimum


def sentence(danger: Danger, crew: Crew) -> str:
    """What is wrong, to a manager, without a name."""
    if danger == Danger.NO_ADULT:
        young = "1 person" if crew.under_18 == 1 else f"{crew.under_18} people"
        return f"{young} under 18 would be there without an adult."
    if danger == Danger.ALONE:
        if crew.coming == 0:
            return "Nobody is coming."
        if crew.never_alone:
            return "Only one person is coming, and nobody may do this alone."
        return "Only one person is left."
    return f"{coming_and_needed(crew.coming, crew.minimum)}."


def in_short(found: Collection[Danger], crew: Crew) -> str:
    """What is wrong, to a manager who reads beside it how many come and how many are needed."""
    others = [
        sentence(danger, crew)
        for danger in Danger
        if danger in found and danger != Danger.BELOW_MINIMUM
    ]
    return " ".join(["It is not safe to run as it stands.", *others])


def is_urgent(starts_at: datetime, now: datetime) -> bool:
    """Whether an alarm is worth a text: the shift begins within a day, or has begun."""
    return starts_at - now <= URGENT
