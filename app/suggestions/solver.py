"""The optimiser: SCIP through OR-Tools, which only this file imports (docs/decisions/0007).

A small problem is solved whole, and nothing better exists. A large one begins
with plain filling and is made better part by part: the places of a few days,
or of some people, are taken back and given again in the best way while all
else stays (large neighbourhood search). Each part is small enough to be solved
to the end, so that the work is the same on every machine: the same problem and
seed give the same suggestion, unless the clock ends the search early.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from ortools.linear_solver.python import model_builder
from ortools.linear_solver.python.model_builder import SolveStatus

from app.suggestions.rules import weights
from app.suggestions.rules.check import faults
from app.suggestions.rules.greedy import fill
from app.suggestions.rules.measure import points
from app.suggestions.rules.parts import Part, around, parts
from app.suggestions.rules.problem import Candidate, Pair, Problem, held_in_week, monday_of

SECONDS: Final = 14.0
# As many pairs of a person and a post as are solved to the end at once.
WHOLE: Final = 1_500
# Once this many parts in a row were none the better, the rest would be neither.
PATIENCE: Final = 25
MOST_PARTS: Final = 150
# Nodes of the search tree: a bound on one part that no clock has a say in, seldom reached.
NODES: Final = 300
NODES_WHOLE: Final = 20_000
_A_DAY: Final = timedelta(days=1)
# Half points are whole numbers here: the price of hours has some.
_SCALE: Final = 2
_QUARTER: Final = 15


@dataclass(frozen=True)
class Answer:
    """What was found; whether nothing better exists, and whether the clock ended the search."""

    given: frozenset[Pair]
    is_best: bool
    was_cut_short: bool = False
    parts: int = 1


def solve(problem: Problem, *, seed: int, seconds: float = SECONDS) -> Answer:
    """Look for the suggestion with the most points; never one with fewer than plain filling.

    Keeps all that binds. Raises `ValueError` when what is locked cannot be kept.
    """
    ends = time.monotonic() + seconds
    start = frozenset(fill(problem))
    is_sound = not faults(problem, start)
    if len(problem.fits) <= WHOLE:
        found = _best(problem, start, seed, NODES_WHOLE, seconds)
        if found is not None and (
            not is_sound or points(problem, found.given) >= points(problem, start)
        ):
            return found
    if not is_sound:
        raise ValueError("What is locked cannot be kept.")
    return _improved(problem, start, seed, ends)


def _improved(problem: Problem, start: frozenset[Pair], seed: int, ends: float) -> Answer:
    """Make a sound suggestion better, part by part."""
    given, value, idle, done = start, points(problem, start), 0, 0
    for part in parts(problem, random.Random(seed)):
        left = ends - time.monotonic()
        if left <= 0:
            return Answer(given, False, True, done)
        if idle >= PATIENCE or done >= MOST_PARTS:
            break
        changed = _again(problem, given, part(given), seed, left)
        gained = points(problem, changed)
        done, idle = done + 1, idle + 1
        if gained > value + 1e-6:
            given, value, idle = changed, gained, 0
    return Answer(given, False, False, done)


def _again(
    problem: Problem, given: frozenset[Pair], part: Part, seed: int, seconds: float
) -> frozenset[Pair]:
    """Give the places of one part again, all else as it is."""
    free, smaller = around(problem, given, part)
    found = _best(smaller, free, seed, NODES, seconds) if smaller.fits else None
    return given if found is None else (given - free) | found.given


def _best(
    problem: Problem, start: Collection[Pair], seed: int, nodes: int, seconds: float
) -> Answer | None:
    """The best of all, or the best that so many nodes find; None for nothing found at all.

    Raises `ValueError` when nothing keeps what is locked.
    """
    model = model_builder.Model()  # type: ignore[no-untyped-call] # has no types
    built = build(model, problem)
    for pair, variable in built.x.items():
        model.add_hint(variable, pair in start)
    solver = model_builder.Solver("scip")
    solver.set_time_limit_in_seconds(max(0.05, seconds))
    # The whole to the last half point; of a part the last three points are not worth the search.
    slack = 0.0 if nodes == NODES_WHOLE else 3.0 * _SCALE
    solver.set_solver_specific_parameters(
        f"limits/gap = 0\nlimits/absgap = {slack}\nlimits/nodes = {nodes}"
    )
    status = solver.solve(model)
    if status == SolveStatus.INFEASIBLE:
        raise ValueError("What is locked cannot be kept.")
    if status not in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE):
        return None
    given = frozenset(pair for pair, variable in built.x.items() if solver.value(variable) > 0.5)
    return Answer(given, status == SolveStatus.OPTIMAL)


@dataclass(frozen=True)
class Built:
    """A model's variables: one for each person and post that fit."""

    x: dict[Pair, Any]
    offset: float  # what the hours that people have already cost: to be added to the result


def build(model: Any, problem: Problem) -> Built:
    """Write the problem into a model that has `new_bool_var`, `new_int_var`, `add`, `maximize`."""
    return _Builder(model, problem).build()


class _Builder:
    def __init__(self, model: Any, problem: Problem) -> None:
        self.model, self.problem = model, problem
        self.x: dict[Pair, Any] = {}
        self.gains: list[Any] = []
        self.offset = 0.0
        self.mine: dict[int, list[int]] = problem.keys_of

    def build(self) -> Built:
        for pair, fit in self.problem.fits.items():
            variable = self.model.new_bool_var("")
            self.x[pair] = variable
            gain = weights.PLACE + fit.points + (weights.KNOWS if fit.familiar else 0)
            self.gains.append(_SCALE * gain * variable)
            if pair in self.problem.locked:
                self.model.add(variable == 1)
        for turn in self.problem.turns:
            self._shift(turn.shift_id)
        self._clashes()
        for person in self.problem.people:
            if self.mine.get(person.id):
                self._weeks(person)
                self._hours(person)
                self._days(person)
        self.model.maximize(sum(self.gains))
        return Built(self.x, self.offset)

    def _on(self, key: int, who: Iterable[int] | None = None) -> list[Any]:
        people = self.problem.people_for.get(key, []) if who is None else who
        return [self.x[person_id, key] for person_id in people]

    def _gain(self, points: int, variable: Any) -> None:
        self.gains.append(_SCALE * points * variable)

    def _shift(self, shift_id: int) -> None:
        turn, posts = self.problem.turn[shift_id], self.problem.posts_of[shift_id]
        everybody: list[Any] = []
        lacking: list[tuple[Any, int]] = []
        for post in posts:
            on = self._on(post.key)
            everybody += on
            if len(on) > post.open:
                self.model.add(sum(on) <= post.open)
            if post.need:
                lacking.append((self._towards(on, post.need), post.need))
        if turn.open is not None and turn.open < sum(post.open for post in posts):
            self.model.add(sum(everybody) <= turn.open)
        if turn.need:
            lacking.append((self._towards(everybody, turn.need), turn.need))
        if lacking and everybody:
            runs = self.model.new_bool_var("")
            for filled, need in lacking:
                self.model.add(need * runs <= filled)
            self._gain(weights.SHIFT_RUNS, runs)
        self._knows(shift_id)
        if not turn.adult_there:
            self._adult_beside(shift_id)

    def _towards(self, on: list[Any], need: int) -> Any:
        """How many of those who are needed are there."""
        filled = self.model.new_int_var(0, need, "")
        self.model.add(filled <= sum(on))
        self._gain(weights.BELOW_MINIMUM, filled)
        return filled

    def _knows(self, shift_id: int) -> None:
        if self.problem.turn[shift_id].familiar_there:
            return
        knowing = [
            self.x[person_id, post.key]
            for post in self.problem.posts_of[shift_id]
            for person_id in self.problem.people_for.get(post.key, [])
            if self.problem.fits[person_id, post.key].familiar
        ]
        if knowing:
            known = self.model.new_bool_var("")
            self.model.add(known <= sum(knowing))
            self._gain(weights.SOMEBODY_KNOWS, known)

    def _adult_beside(self, shift_id: int) -> None:
        adults: list[Any] = []
        young: list[Any] = []
        for post in self.problem.posts_of[shift_id]:
            for person_id in self.problem.people_for.get(post.key, []):
                is_adult = self.problem.person[person_id].is_adult
                (adults if is_adult else young).append(self.x[person_id, post.key])
        for variable in young:
            self.model.add(variable <= sum(adults))

    def _clashes(self) -> None:
        """Of posts that all clash with one another a person takes one at most."""
        clashes = self.problem.clashes
        order = sorted(self.problem.posts, key=lambda one: (one.when.starts_at, one.key))
        place = {post.key: number for number, post in enumerate(order)}
        for post in order:
            before = {key for key in clashes[post.key] if place[key] < place[post.key]}
            if not before:
                continue
            together = all(before - {key} <= clashes[key] for key in before)
            for person_id in self.problem.people_for.get(post.key, []):
                others = [self.x[person_id, key] for key in before if (person_id, key) in self.x]
                this = self.x[person_id, post.key]
                if together and others:
                    self.model.add(sum(others) + this <= 1)
                else:
                    for other in others:
                        self.model.add(other + this <= 1)

    def _weeks(self, person: Candidate) -> None:
        weeks: dict[date, list[Any]] = defaultdict(list)
        for key in self.mine[person.id]:
            weeks[monday_of(self.problem.post[key].when.day)].append(self.x[person.id, key])
        for monday, taken in weeks.items():
            room = max(0, person.a_week - held_in_week(person, monday))
            if len(taken) > room:
                self.model.add(sum(taken) <= room)

    def _hours(self, person: Candidate) -> None:
        """The price of hours: above each of the straight lines of `weights.hours_cost`.

        In quarters of an hour q, twice the points between the steps k and k + 1
        are (2k + 1) q - 16 k (k + 1).
        """
        base = self.problem.load(person.id) // _QUARTER
        self.offset += weights.hours_cost(base * _QUARTER)
        taken = [
            (self.problem.post[key].minutes // _QUARTER, self.x[person.id, key])
            for key in self.mine[person.id]
        ]
        most = base + self._most(person)
        step = weights.STEP_MINUTES // _QUARTER
        price = self.model.new_int_var(0, _line(most // step, most) + 1, "")
        load = base + sum(quarters * variable for quarters, variable in taken)
        for number in range(base // step, most // step + 1):
            slope, less = 2 * number + 1, step * number * (number + 1)
            self.model.add(price >= slope * load - less)
        self.gains.append(-price)

    def _most(self, person: Candidate) -> int:
        """The most quarters of an hour that a person can be given, by their limit a week."""
        weeks: dict[date, list[int]] = defaultdict(list)
        for key in self.mine[person.id]:
            post = self.problem.post[key]
            weeks[monday_of(post.when.day)].append(post.minutes // _QUARTER)
        return sum(
            sum(sorted(quarters, reverse=True)[: max(0, person.a_week)])
            for quarters in weeks.values()
        )

    def _days(self, person: Candidate) -> None:
        """Long runs, two places on one day, late and then early."""
        by_day: dict[date, list[int]] = defaultdict(list)
        for key in self.mine[person.id]:
            by_day[self.problem.post[key].when.day].append(key)
        held: dict[date, int] = defaultdict(int)
        for busy in person.places:
            held[busy.day] += 1
        for day, keys in by_day.items():
            self._twice(person.id, keys, held[day])
            self._late_early(person.id, keys, by_day.get(day + _A_DAY, []))
        self._run(person.id, by_day, {day for day, count in held.items() if count})

    def _twice(self, person_id: int, keys: list[int], held: int) -> None:
        taken = [self.x[person_id, key] for key in keys]
        if held:
            for variable in taken:
                self._gain(-weights.TWICE_A_DAY, variable)
        elif len(taken) > 1 and not self._one_only(keys):
            more = self.model.new_int_var(0, len(taken) - 1, "")
            self.model.add(sum(taken) - 1 <= more)
            self._gain(-weights.TWICE_A_DAY, more)

    def _one_only(self, keys: list[int]) -> bool:
        """Whether these clash with one another, so that one at most can be taken anyway."""
        clashes = self.problem.clashes
        return all(set(keys) - {key} <= clashes[key] for key in keys)

    def _late_early(self, person_id: int, today: list[int], tomorrow: list[int]) -> None:
        late = [self.x[person_id, key] for key in today if self.problem.post[key].is_late]
        early = [self.x[person_id, key] for key in tomorrow if self.problem.post[key].is_early]
        if late and early:
            both = self.model.new_bool_var("")
            for first in late:
                for second in early:
                    self.model.add(first + second - 1 <= both)
            self._gain(-weights.LATE_THEN_EARLY, both)

    def _run(self, person_id: int, by_day: dict[date, list[int]], held: Collection[date]) -> None:
        length = weights.DAYS_IN_A_ROW + 1
        works: dict[date, Any] = {}
        for first in sorted({day - n * _A_DAY for day in by_day for n in range(length)}):
            days = [first + n * _A_DAY for n in range(length)]
            if not all(day in by_day or day in held for day in days):
                continue
            mine = [day for day in days if day not in held]
            if not mine:
                continue  # they work on all of them already
            for day in mine:
                if day not in works:
                    works[day] = self._works(person_id, by_day[day])
            long = self.model.new_bool_var("")
            self.model.add(sum(works[day] for day in mine) - (len(mine) - 1) <= long)
            self._gain(-weights.FOURTH_DAY, long)

    def _works(self, person_id: int, keys: list[int]) -> Any:
        taken = [self.x[person_id, key] for key in keys]
        if len(taken) == 1:
            return taken[0]
        works = self.model.new_bool_var("")
        for variable in taken:
            self.model.add(variable <= works)
        return works


def _line(number: int, quarters: int) -> int:
    step = weights.STEP_MINUTES // _QUARTER
    return (2 * number + 1) * quarters - step * number * (number + 1)
