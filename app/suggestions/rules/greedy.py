"""Plain filling, as a careful manager does it by hand: what a suggestion is measured beside.

It also gives the solver a place to begin from, so that a suggestion is never
worse than it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from app.suggestions.rules import weights
from app.suggestions.rules.problem import Pair, Problem, held_in_week, monday_of


class Filling:
    """What is given so far, and who may still be given what."""

    def __init__(self, problem: Problem, given: Iterable[Pair]) -> None:
        self.problem = problem
        self.given: set[Pair] = set()
        self.minutes = {person.id: person.minutes for person in problem.people}
        self.weeks: dict[tuple[int, date], int] = {}
        self.mine: dict[int, set[int]] = defaultdict(set)
        self.on: dict[int, int] = defaultdict(int)
        self.shift_on: dict[int, list[int]] = defaultdict(list)
        for pair in sorted(given):
            self.give(pair)

    def give(self, pair: Pair) -> None:
        person_id, key = pair
        post = self.problem.post[key]
        self.given.add(pair)
        self.mine[person_id].add(key)
        self.minutes[person_id] += post.minutes
        week = (person_id, monday_of(post.when.day))
        self.weeks[week] = self.weeks.get(week, 0) + 1
        self.on[key] += 1
        self.shift_on[post.shift_id].append(person_id)

    def may(self, person_id: int, key: int) -> bool:
        post, person = self.problem.post[key], self.problem.person[person_id]
        if (person_id, key) in self.given or self.on[key] >= post.open:
            return False
        if self.problem.clashes[key] & self.mine[person_id]:
            return False
        most = self.problem.turn[post.shift_id].open
        if most is not None and len(self.shift_on[post.shift_id]) >= most:
            return False
        monday = monday_of(post.when.day)
        held = held_in_week(person, monday) + self.weeks.get((person_id, monday), 0)
        if held >= person.a_week:
            return False
        if person.is_adult:
            return True
        turn = self.problem.turn[post.shift_id]
        return turn.adult_there or any(
            self.problem.person[one].is_adult for one in self.shift_on[post.shift_id]
        )

    def best_for(self, key: int) -> int | None:
        """Who has the fewest hours, then whom it suits best."""
        able = [one for one in self.problem.people_for.get(key, ()) if self.may(one, key)]
        if not able:
            return None
        return min(able, key=lambda one: (self.minutes[one], -self._points(one, key), one))

    def _points(self, person_id: int, key: int) -> int:
        fit = self.problem.fits[person_id, key]
        return fit.points + (weights.KNOWS if fit.familiar else 0)


def fill(problem: Problem) -> set[Pair]:
    """Fill one post after the other, the soonest first: all minimums, then what is left."""
    filling = Filling(problem, problem.locked)

    def when(key: int) -> tuple[datetime, int]:
        return problem.post[key].when.starts_at, key

    order = sorted(problem.post, key=when)
    for key in order:
        post = problem.post[key]
        turn = problem.turn[post.shift_id]
        while (
            filling.on[key] < post.need or len(filling.shift_on[post.shift_id]) < turn.need
        ) and (person_id := filling.best_for(key)) is not None:
            filling.give((person_id, key))
    for key in order:
        while (person_id := filling.best_for(key)) is not None:
            filling.give((person_id, key))
    return filling.given
