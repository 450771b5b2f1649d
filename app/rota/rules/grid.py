"""What a rota says of a shift, and how its weeks and names are told; pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WEEK: Final = timedelta(days=7)


class Health(enum.StrEnum):
    """How a shift stands: told in words beside its colour."""

    CANCELLED = "cancelled"
    DRAFT = "draft"
    OVER = "over"
    BELOW = "below"  # fewer than it needs to run
    FREE = "free"  # runs, and has places free
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Post:
    """The places of one duty on a shift, or of the whole shift where all do the same.

    `coming` have a place for certain; `asked` are kept one until they answer.
    """

    name: str  # empty for a shift without duties
    places: int
    minimum: int
    coming: int
    asked: int = 0
    in_charge: bool = False

    @property
    def short(self) -> int:
        """How many more must come for the shift to run."""
        return max(0, self.minimum - self.coming)

    @property
    def free(self) -> int:
        """Places that nobody holds."""
        return max(0, self.places - self.coming - self.asked)


def lacks(posts: Sequence[Post], minimum: int) -> list[str]:
    """What a shift needs before it may run, the plainest words first; empty when it may."""
    said = []
    for post in posts:
        if post.in_charge and post.short and not post.coming:
            said.append("Nobody is in charge")
        elif post.short and post.name:
            said.append(f"{post.name}: {post.short} more needed")
    told = sum(post.short for post in posts if post.name)
    coming = sum(post.coming for post in posts)
    if (short := minimum - coming) > told:
        people = "person" if short == 1 else "people"
        said.append(f"{short} more {people} needed")
    return said


def frees(posts: Sequence[Post]) -> str:
    """What is free beyond what is needed: "2 places free", "Free: Driver 1, Sorter 2"."""
    open_posts = [post for post in posts if post.free]
    if not open_posts:
        return ""
    if any(post.name for post in posts):
        return "Free: " + ", ".join(f"{post.name} {post.free}" for post in open_posts)
    count = open_posts[0].free
    return f"{count} place free" if count == 1 else f"{count} places free"


def monday_of(day: date) -> date:
    """The Monday of the week that holds a day."""
    return day - timedelta(days=day.weekday())


def weeks_of_month(year: int, month: int) -> list[date]:
    """The Mondays of all weeks that hold a day of the month, in order."""
    last = last_of_month(year, month)
    monday, found = monday_of(date(year, month, 1)), []
    while monday <= last:
        found.append(monday)
        monday += WEEK
    return found


def last_of_month(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def short_names(names: Mapping[int, str]) -> dict[int, str]:
    """Each person's shortest name that nobody else here has: "Asha P", else "Asha Patel".

    Whoever is called exactly the same keeps the whole name.
    """
    found: dict[int, str] = {}
    waiting = dict(names)
    for make in (_with_initial, str):
        made = {number: make(name) for number, name in waiting.items()}
        counts: dict[str, int] = {}
        for word in made.values():
            counts[word] = counts.get(word, 0) + 1
        for number, word in made.items():
            if counts[word] == 1:
                found[number] = word
                del waiting[number]
    return found | waiting


def _with_initial(name: str) -> str:
    words = name.split()
    return f"{words[0]}\N{NO-BREAK SPACE}{words[-1][0]}" if len(words) > 1 else name
