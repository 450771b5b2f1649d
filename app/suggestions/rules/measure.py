"""How good a suggestion is: its points, what it covers, how fairly it shares; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.suggestions.rules import weights
from app.suggestions.rules.problem import Pair, Problem, by_shift


@dataclass(frozen=True)
class Measure:
    """Of a suggestion: points, coverage and fairness.

    `runs` of `short` are the shifts that lacked people and lack none now.
    `gini` is that of the hours of all who could take any post: 0 is all the
    same, 1 is one person doing everything.
    """

    points: float
    filled: int
    places: int
    runs: int
    short: int
    gini: float
    most_hours: float
    people: int
    familiar: int  # shifts with somebody who knows the role

    @property
    def share_filled(self) -> float:
        return self.filled / self.places if self.places else 1.0

    @property
    def share_running(self) -> float:
        return self.runs / self.short if self.short else 1.0


def gini(values: Iterable[float]) -> float:
    """The Gini coefficient of some amounts, none below 0; 0 where there is nothing to share."""
    ordered = sorted(values)
    total = sum(ordered)
    if not total:
        return 0.0
    count = len(ordered)
    weighted = sum((2 * place - count - 1) * value for place, value in enumerate(ordered, 1))
    return weighted / (count * total)


def measure(problem: Problem, given: Collection[Pair]) -> Measure:
    """Count a suggestion; whether it may be is for `check` to say."""
    shifts = by_shift(problem, given)
    minutes = {person.id: person.minutes for person in problem.people if problem.keys_of[person.id]}
    new: dict[int, int] = defaultdict(int)
    for person_id, key in given:
        new[person_id] += problem.post[key].minutes
    for person_id, more in new.items():
        minutes[person_id] = minutes.get(person_id, 0) + more
    short = [turn for turn in problem.turns if lacks(problem, turn.shift_id, [])]
    running = [turn for turn in short if not lacks(problem, turn.shift_id, shifts[turn.shift_id])]
    known = sum(
        turn.familiar_there
        or any(
            problem.fits[pair].familiar for pair in shifts[turn.shift_id] if pair in problem.fits
        )
        for turn in problem.turns
    )
    return Measure(
        points=points(problem, given),
        filled=len(given),
        places=sum(post.open for post in problem.posts),
        runs=len(running),
        short=len(short),
        gini=gini(minutes.values()),
        most_hours=max(minutes.values(), default=0) / 60,
        people=len(new),
        familiar=known,
    )


def lacks(problem: Problem, shift_id: int, given: Collection[Pair]) -> int:
    """How many people a shift still lacks to run, with what is given to it."""
    on: dict[int, int] = defaultdict(int)
    for _, key in given:
        on[key] += 1
    by_duty = sum(max(0, post.need - on[post.key]) for post in problem.posts_of[shift_id])
    return max(by_duty, problem.turn[shift_id].need - len(given))


def points(problem: Problem, given: Collection[Pair]) -> float:
    """The points of a suggestion, as the solver counts them."""
    total = float(weights.PLACE * len(given))
    shifts = by_shift(problem, given)
    for turn in problem.turns:
        total += _of_shift(problem, turn.shift_id, shifts[turn.shift_id])
    mine: dict[int, list[int]] = defaultdict(list)
    for person_id, key in given:
        fit = problem.fits[person_id, key]
        total += fit.points + (weights.KNOWS if fit.familiar else 0)
        mine[person_id].append(key)
    for person in problem.people:
        keys = mine[person.id]
        more = sum(problem.post[key].minutes for key in keys)
        load = problem.load(person.id)
        total -= weights.hours_cost(load + more) - weights.hours_cost(load)
        if keys:
            total -= _of_days(problem, person.id, keys)
    return total


def _of_shift(problem: Problem, shift_id: int, given: Collection[Pair]) -> float:
    on: dict[int, int] = defaultdict(int)
    for _, key in given:
        on[key] += 1
    turn, total, was_short = problem.turn[shift_id], 0, False
    for post in problem.posts_of[shift_id]:
        total += weights.BELOW_MINIMUM * min(post.need, on[post.key])
        was_short |= post.need > 0
    total += weights.BELOW_MINIMUM * min(turn.need, len(given))
    if (was_short or turn.need > 0) and not lacks(problem, shift_id, given):
        total += weights.SHIFT_RUNS
    knows = any(problem.fits[pair].familiar for pair in given)
    if not turn.familiar_there and knows:
        total += weights.SOMEBODY_KNOWS
    return total


def _of_days(problem: Problem, person_id: int, keys: Collection[int]) -> float:
    """What is taken away for long runs, beyond what the person's own places cost already."""
    person = problem.person[person_id]
    posts = [problem.post[key] for key in keys]
    before = {busy.day for busy in person.places}
    days = before | {post.when.day for post in posts}
    cost = weights.FOURTH_DAY * (_runs(days) - _runs(before))
    a_day: dict[date, int] = defaultdict(int)
    for busy in person.places:
        a_day[busy.day] += 1
    for post in posts:
        # A place beside one that is held, or beside another of these.
        cost += weights.TWICE_A_DAY * (a_day[post.when.day] > 0)
        a_day[post.when.day] += 1
    late = {post.when.day for post in posts if post.is_late}
    early = {post.when.day for post in posts if post.is_early}
    cost += weights.LATE_THEN_EARLY * sum(day + timedelta(days=1) in early for day in late)
    return cost


def _runs(days: Collection[date]) -> int:
    """How many stretches of days, one longer than may be in a row, are all worked."""
    length = weights.DAYS_IN_A_ROW + 1
    return sum(all(day + timedelta(days=n) in days for n in range(length)) for day in days)
