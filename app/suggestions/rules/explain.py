"""Why somebody is suggested, and why a place stays open, in words for a manager; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.foundation.places import spoken_distance
from app.signups.rules import Exclusion


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A person in view of the place that they are suggested for."""

    metres: float
    times_done: int  # in this role
    says_free: bool
    likes: str  # what the role is about that they are interested in, in words
    hours_here: float  # lately, and with this group: what others had is not its business
    new_places: int  # of this suggestion, this one included


def reasons(standing: Standing) -> list[str]:
    """What speaks for this person, the plainest first."""
    said = []
    if standing.times_done:
        times = "once" if standing.times_done == 1 else f"{standing.times_done} times"
        said.append(f"has done this {times}")
    else:
        said.append("new to this role")
    if standing.says_free:
        said.append("says they are free then")
    if standing.likes:
        said.append(f"likes {standing.likes}")
    said.append(f"{spoken_distance(standing.metres)} away")
    if standing.hours_here < 1:
        said.append("no hours here in the last 4 weeks")
    else:
        said.append(f"{standing.hours_here:.0f} hours here in the last 4 weeks")
    if standing.new_places > 1:
        said.append(f"{standing.new_places} places in this rota")
    return said


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A place that stays open: who could not take it, and what became of those who could.

    `needs` says what it asks for, in words, where that is what people lack.
    `busy` are on another suggested place then, `enough` have as many places in
    that week as they wish.
    """

    against: Mapping[Exclusion, int]
    needs: str
    fitting: int
    busy: int
    enough: int
    young: int


_LACKS = (Exclusion.SKILL, Exclusion.LANGUAGE, Exclusion.TRAINING, Exclusion.DBS)
_MOST = 3


def gap(found: Gap) -> str:
    """ "Nobody is left who has: first aid. 12 are not free at that time."."""
    if found.fitting:
        return _taken(found)
    if not found.against:
        return "Nobody is on the group’s list yet."
    lacking = sum(found.against.get(reason, 0) for reason in _LACKS)
    said = []
    if lacking and found.needs and lacking == max(found.against.values(), default=0):
        said.append(f"Nobody is left who has: {found.needs}.")
    else:
        said.append("Nobody fits.")
    most = Counter(found.against).most_common(_MOST)
    said.append(", ".join(f"{count:,} {_one_or_more(reason, count)}" for reason, count in most))
    return f"{' '.join(said)}."


def _taken(found: Gap) -> str:
    people = "person fits" if found.fitting == 1 else "people fit"
    parts = []
    if found.busy:
        parts.append(f"{found.busy} {'has' if found.busy == 1 else 'have'} another place then")
    if found.enough:
        wish = "has as many places" if found.enough == 1 else "have as many places"
        parts.append(f"{found.enough} {wish} that week as they wish")
    if found.young:
        parts.append(f"{found.young} under 18 would be without an adult")
    rest = found.fitting - found.busy - found.enough - found.young
    if rest > 0:
        parts.append(
            f"{rest} could still come, but {'has' if rest == 1 else 'have'} many hours already"
        )
    return f"{found.fitting} {people}: {', '.join(parts)}."


def _one_or_more(reason: Exclusion, count: int) -> str:
    """The reason's words as they read after one person or more."""
    words = reason.words
    if count != 1:
        return words
    for many, one in (
        ("are ", "is "),
        ("have ", "has "),
        ("do not ", "does not "),
        ("live ", "lives "),
    ):
        if words.startswith(many):
            return one + words.removeprefix(many)
    return words
