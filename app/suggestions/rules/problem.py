"""The open places of a group's coming weeks and the people who may take them; pure.

Everything that binds and concerns one person and one post alone is decided
before: `fits` holds who may take what. What depends on what else is given
(clashes, limits, an adult beside the young) is said here once, and kept by the
solver, by plain filling and, on its own terms, by `check`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A stretch of time at a site; moments are aware."""

    starts_at: datetime
    ends_at: datetime
    site_id: int
    day: date  # on which it begins, at the site


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The free places of one duty on one shift, or of a shift where all do the same.

    `need` is how many of them the duty lacks to its own minimum.
    """

    key: int
    shift_id: int
    slot_id: int | None = None
    role_id: int = 0
    when: Busy
    open: int
    need: int = 0
    in_charge: bool = False
    # By the site's clock: ends late in the evening, begins early in the morning.
    is_late: bool = False
    is_early: bool = False

    @property
    def minutes(self) -> int:
        return int((self.when.ends_at - self.when.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A shift that has open posts, with what is there already.

    `need` is how many people it lacks, in all its posts together, to run.
    """

    shift_id: int
    need: int
    # People without a duty take places that its posts seem to have; None: as the posts say.
    open: int | None = None
    adult_there: bool = False
    familiar_there: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One person of the group.

    `minutes` are those given lately, brought to the length of the suggestion,
    and those taken already within it. `a_week` limits the places in one week,
    those held already included.
    """

    id: int
    is_adult: bool = True
    minutes: int = 0
    a_week: int = 3
    places: tuple[Busy, ...] = ()  # held already, around the time of the suggestion


@dataclass(frozen=True, slots=True)
class Fit:
    """That a person may take a post: how well it suits them, and whether they know it."""

    points: int = 0
    familiar: bool = False


Pair = tuple[int, int]  # a person's number, a post's key


@dataclass(frozen=True, kw_only=True)
class Problem:
    """All that a suggestion is made from.

    `locked` pairs are kept as they are. `handover` is how long two places at
    one site may overlap.
    """

    posts: Sequence[Post]
    turns: Sequence[Turn]
    people: Sequence[Candidate]
    fits: Mapping[Pair, Fit]
    locked: frozenset[Pair] = frozenset()
    handover: timedelta = timedelta(0)
    # Hours that everybody has make no difference: only what is above this many minutes counts.
    floor: int = 0

    def load(self, person_id: int) -> int:
        """The minutes of a person that count for fairness before anything is given."""
        return max(0, self.person[person_id].minutes - self.floor)

    @cached_property
    def post(self) -> dict[int, Post]:
        return {post.key: post for post in self.posts}

    @cached_property
    def person(self) -> dict[int, Candidate]:
        return {person.id: person for person in self.people}

    @cached_property
    def turn(self) -> dict[int, Turn]:
        return {turn.shift_id: turn for turn in self.turns}

    @cached_property
    def posts_of(self) -> dict[int, list[Post]]:
        """The posts of each shift."""
        found: dict[int, list[Post]] = defaultdict(list)
        for post in self.posts:
            found[post.shift_id].append(post)
        return found

    @cached_property
    def keys_of(self) -> dict[int, list[int]]:
        """The posts that each person may take."""
        found: dict[int, list[int]] = defaultdict(list)
        for person_id, key in self.fits:
            found[person_id].append(key)
        return found

    @cached_property
    def people_for(self) -> dict[int, list[int]]:
        """Who may take each post."""
        found: dict[int, list[int]] = defaultdict(list)
        for person_id, key in self.fits:
            found[key].append(person_id)
        return found

    @cached_property
    def clashes(self) -> dict[int, set[int]]:
        """For each post those that nobody can take beside it; two posts of a shift among them."""
        found: dict[int, set[int]] = {post.key: set() for post in self.posts}
        running: list[Post] = []
        for post in sorted(self.posts, key=lambda one: (one.when.starts_at, one.key)):
            running = [one for one in running if one.when.ends_at > post.when.starts_at]
            for other in running:
                if other.shift_id == post.shift_id or collide(other.when, post.when, self.handover):
                    found[post.key].add(other.key)
                    found[other.key].add(post.key)
            running.append(post)
        return found


def collide(a: Busy, b: Busy, handover: timedelta) -> bool:
    """Whether one person cannot be at both; at one site the end of one may overlap the other."""
    shared = min(a.ends_at, b.ends_at) - max(a.starts_at, b.starts_at)
    if shared <= timedelta(0):
        return False
    nested = (a.starts_at <= b.starts_at and b.ends_at <= a.ends_at) or (
        b.starts_at <= a.starts_at and a.ends_at <= b.ends_at
    )
    return a.site_id != b.site_id or nested or shared > handover


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def held_in_week(person: Candidate, monday: date) -> int:
    """How many places the person has in a week already."""
    return sum(monday <= busy.day < monday + WEEK for busy in person.places)


def by_shift(problem: Problem, given: Iterable[Pair]) -> dict[int, list[Pair]]:
    """What is given, shift by shift."""
    found: dict[int, list[Pair]] = defaultdict(list)
    for person_id, key in given:
        found[problem.post[key].shift_id].append((person_id, key))
    return found
