"""How likely somebody is to say yes to this request, if asked now: pure.

Used to choose how many to ask, and for nothing else: it does not change whom
we ask first, it is never shown, and it is never kept beside a person's name.

A person's own history counts by a Beta-Binomial: their share of yes, beside
ten asks' worth of what everybody says. So who was never asked counts like
the pool, who was asked once hardly differs from it, and who always or never
comes is taken at their word after a few asks. Silence counts as it is: an
ask that brought no yes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

# A past ask counts half after half a year: people's lives change with the season and the
# school year, and nobody is asked so often that a shorter memory would remember anything.
HALF_LIFE: Final = timedelta(days=182)
# Older than this an ask counts for nothing (a sixteenth).
FORGOTTEN_AFTER: Final = 4 * HALF_LIFE

# Before a county has a history of its own: of ten people asked, one or two say yes.
USUAL_YES: Final = 0.15
USUAL_NO: Final = 0.25
# What is usual counts like so many asks of the county's own.
USUAL_WEIGHT: Final = 60.0
# What the pool says counts like so many asks of one person.
POOL_WEIGHT: Final = 10.0

LOWEST: Final = 0.005
HIGHEST: Final = 0.9

# Plain factors on the odds of a yes. They are careful guesses, the same for everybody, and
# each request corrects their common part by its own answers (see `planning.willingness`).
# Distance as the crow flies: factor for up to so many metres (1, 3, 5, 10 miles).
DISTANCE: Final = ((1609, 1.3), (4828, 1.0), (8047, 0.8), (16093, 0.6))
FAR: Final = 0.4
# Notice: factor for fewer than so many minutes until it begins (1, 3, 24 hours).
NOTICE: Final = ((60, 0.5), (180, 0.8), (1440, 1.0))
LONG_NOTICE: Final = 1.2
# The hour of asking, at the site: from six, eight, nine in the morning, nine, ten at night.
HOURS: Final = ((6, 0.3), (8, 0.6), (9, 0.8), (21, 1.0), (22, 0.7))
NIGHT: Final = 0.3
# They help the very group that asks; or said that they care for this kind of help.
KNOWS_GROUP: Final = 1.5
LIKES_KIND: Final = 1.2


@dataclass(frozen=True)
class History:
    """What came of the asks of one person, or of many: decayed counts."""

    asked: float = 0.0
    yes: float = 0.0
    no: float = 0.0


@dataclass(frozen=True)
class Pool:
    """What share of everybody asked says yes, and what share says no, in the end."""

    yes: float = USUAL_YES
    no: float = USUAL_NO


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What is the same for everybody: the hour of asking at the site, and the notice."""

    hour: int
    notice_minutes: float


@dataclass(frozen=True, kw_only=True)
class Person:
    """What of a person bears on this request."""

    history: History
    metres: int
    knows_group: bool = False
    likes_kind: bool = False


def weight_after(age: timedelta) -> float:
    """What an ask of that age still counts: 1 today, one half after `HALF_LIFE`."""
    return float(0.5 ** (max(0.0, age.total_seconds()) / HALF_LIFE.total_seconds()))


def pool_of(histories: Iterable[History]) -> Pool:
    """The pool's shares from its decayed history, mixed with what is usual."""
    asked, yes, no = USUAL_WEIGHT, USUAL_WEIGHT * USUAL_YES, USUAL_WEIGHT * USUAL_NO
    for one in histories:
        asked, yes, no = asked + one.asked, yes + one.yes, no + one.no
    return Pool(min(HIGHEST, max(LOWEST, yes / asked)), min(1.0, no / asked))


def occasion_factor(occasion: Occasion) -> float:
    """The factor on the odds that everybody shares."""
    hour = next((factor for before, factor in HOURS if occasion.hour < before), NIGHT)
    notice = next(
        (factor for within, factor in NOTICE if occasion.notice_minutes < within), LONG_NOTICE
    )
    return hour * notice


def chance(person: Person, occasion: Occasion, pool: Pool) -> float:
    """The chance, between `LOWEST` and `HIGHEST`, that this person says yes in the end."""
    history = person.history
    own = (POOL_WEIGHT * pool.yes + history.yes) / (POOL_WEIGHT + history.asked)
    own = min(HIGHEST, max(LOWEST, own))
    odds = own / (1.0 - own) * occasion_factor(occasion)
    odds *= next((factor for metres, factor in DISTANCE if person.metres <= metres), FAR)
    if person.knows_group:
        odds *= KNOWS_GROUP
    if person.likes_kind:
        odds *= LIKES_KIND
    return min(HIGHEST, max(LOWEST, odds / (1.0 + odds)))
