"""Who is active, who is lapsing, and how often people are asked: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# Who gave time within so many days is active; who did so before that is lapsing.
ACTIVE_DAYS: Final = 90


def active_since(today: date) -> date:
    """The first day on which giving time makes somebody active today."""
    return today - timedelta(days=ACTIVE_DAYS - 1)


@dataclass(frozen=True)
class Cohort:
    """The people who joined in one month, by what became of them so far."""

    active: int = 0
    lapsing: int = 0
    not_yet: int = 0  # have not given any time

    @property
    def joined(self) -> int:
        return self.active + self.lapsing + self.not_yet

    @property
    def parts(self) -> tuple[int, int, int]:
        return self.active, self.lapsing, self.not_yet


# From so many asks on, and how that is called.
BUCKETS: Final = (
    (1, "once"),
    (2, "twice"),
    (3, "3 or 4 times"),
    (5, "5 to 9 times"),
    (10, "10 to 19 times"),
    (20, "20 times or more"),
)


def bucketed(asks: Mapping[int, int]) -> dict[str, int]:
    """People by how often they were asked, in the order of `BUCKETS`, each of them there."""
    found = dict.fromkeys((name for _, name in BUCKETS), 0)
    for times, people in asks.items():
        name = next(name for least, name in reversed(BUCKETS) if times >= least)
        found[name] += people
    return found


def most_for(asks: Mapping[int, int], share: float) -> int | None:
    """So many asks or fewer had this share of the people who were asked; None of nobody.

    1 of {1: 9, 30: 1} for nine in ten.
    """
    people = sum(asks.values())
    seen = 0
    for times in sorted(asks):
        seen += asks[times]
        if seen >= share * people:
            return times
    return None
