"""Which groups' figures a report must not tell, so that no table gives them away: pure.

A group stands in two tables that each add up to a sum which is told: with the others of
its kind, and with those of its district. And the kinds, as the districts, add up to the
year's whole. What is hidden in one table must not be had by subtraction in the other:
wherever anything is hidden below a sum that is told, so much is hidden that the rest
tells nothing (`suppression.tells_nothing`).

Nor may it be had by playing the sums of both tables against one another. What is not
told are the lines of a drawing: each hidden group joins its kind to its district, each
hidden sum joins its kind, or district, to the whole. Such equations give a number away
exactly where its line is the only way between its two ends; so there is always another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.reports.rules import suppression


@dataclass(frozen=True)
class Placed:
    """A group as the tables place it, with how many different people gave it time."""

    kind: str
    district: str
    people: int


@dataclass(frozen=True)
class Veil:
    """What is not told: groups by their place in the list, whole kinds, whole districts.

    `all` says that not even the sum of everything may be told.
    """

    groups: frozenset[int]
    kinds: frozenset[str]
    districts: frozenset[str]
    all: bool


def veil(placed: Sequence[Placed]) -> Veil:
    """The smallest groups first, no more than needed."""
    work = _Work(placed)
    while work.hides_more():
        pass
    return Veil(
        frozenset(work.hidden),
        frozenset(work.gone["kind"]),
        frozenset(work.gone["district"]),
        work.all,
    )


# A sum that is told: a kind's, a district's, or that of everything.
_End = tuple[str, str]


def _joined(lines: Sequence[tuple[_End, _End]], one: _End, other: _End) -> bool:
    """Whether the lines lead from one end to the other."""
    reached, grows = {one}, True
    while grows:
        more = {
            far
            for ends in lines
            for near, far in (ends, ends[::-1])
            if near in reached and far not in reached
        }
        reached |= more
        grows = bool(more)
    return other in reached


class _Work:
    def __init__(self, placed: Sequence[Placed]) -> None:
        self.people = [one.people for one in placed]
        self.of: dict[str, dict[str, list[int]]] = {
            "kind": defaultdict(list),
            "district": defaultdict(list),
        }
        for place, one in enumerate(placed):
            if one.people:
                self.of["kind"][one.kind].append(place)
                self.of["district"][one.district].append(place)
        self.ends: list[tuple[_End, _End]] = [
            (("kind", one.kind), ("district", one.district)) for one in placed
        ]
        self.hidden = {
            place for place, many in enumerate(self.people) if 0 < many < suppression.SMALLEST
        }
        self.gone: dict[str, set[str]] = {"kind": set(), "district": set()}
        self.all = 0 < sum(self.people) < suppression.SMALLEST

    def hides_more(self) -> bool:
        """Mend one place where something could be had by subtraction; whether there was one."""
        return (
            any(self._within(axis, name) for axis in self.of for name in sorted(self.of[axis]))
            or any(self._between(axis) for axis in self.of)
            or self._opens_a_way()
        )

    def _opens_a_way(self) -> bool:
        """Hide more where a small group's line is the only way between its ends."""
        if self.all:
            return False
        lines = self._lines()
        for place in sorted(self.hidden):
            if self.people[place] >= suppression.SMALLEST:
                continue
            kind, district = self.ends[place]
            if _joined([ends for name, ends in lines.items() if name != place], kind, district):
                continue
            beside = {*self.of["kind"][kind[1]], *self.of["district"][district[1]]}
            if self._hide_smallest(beside):
                return True
            for axis, name in (kind, district):
                if name not in self.gone[axis]:
                    self.gone[axis].add(name)
                    return True
            self.all = True
            return True
        return False

    def _lines(self) -> dict[object, tuple[_End, _End]]:
        """What is not told, each with the two sums that it is part of."""
        found: dict[object, tuple[_End, _End]] = {place: self.ends[place] for place in self.hidden}
        for axis, names in self.gone.items():
            for name in names:
                found[axis, name] = ((axis, name), ("whole", axis))
        return found

    def _within(self, axis: str, name: str) -> bool:
        """One kind or district: its groups and their sum."""
        members = self.of[axis][name]
        hidden = [place for place in members if place in self.hidden]
        if name in self.gone[axis]:
            # Its sum is hidden, so at least one of its groups must be, or they are added up.
            return not hidden and self._hide_smallest(members)
        if not hidden or self._is_safe(self.people[place] for place in hidden):
            return False
        if self._hide_smallest(members):
            return True
        self.gone[axis].add(name)
        return True

    def _between(self, axis: str) -> bool:
        """The kinds, or the districts, and the sum of everything."""
        sums = {
            name: sum(self.people[place] for place in members)
            for name, members in self.of[axis].items()
        }
        gone = self.gone[axis]
        small = {name for name, many in sums.items() if 0 < many < suppression.SMALLEST} - gone
        if small:
            gone |= small
            return True
        if not gone or self.all or self._is_safe(sums[name] for name in gone):
            return False
        left = sorted((many, name) for name, many in sums.items() if name not in gone)
        if left:
            gone.add(left[0][1])
        else:
            self.all = True
        return True

    def _hide_smallest(self, members: Iterable[int]) -> bool:
        left = sorted((self.people[place], place) for place in members if place not in self.hidden)
        if left:
            self.hidden.add(left[0][1])
        return bool(left)

    @staticmethod
    def _is_safe(people: Iterable[int]) -> bool:
        many = list(people)
        few = [one for one in many if one < suppression.SMALLEST]
        withheld = [one for one in many if one >= suppression.SMALLEST]
        return len(many) > 1 and (not few or suppression.tells_nothing(few, withheld))
