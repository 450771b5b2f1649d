"""The optimiser keeps what binds, and on small problems nothing better exists."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given as when
from hypothesis import settings
from hypothesis import strategies as st

from app.suggestions.rules.check import faults
from app.suggestions.rules.greedy import fill
from app.suggestions.rules.measure import gini, measure, points
from app.suggestions.rules.problem import Candidate, Fit, Post, Problem, Turn
from app.suggestions.solver import solve
from tests.suggestions.instances import busy, every, invented, score, small


@pytest.mark.parametrize("seed", range(40))
def test_on_small_problems_nothing_better_exists(seed: int) -> None:
    problem = small(seed)
    best = max(
        (given for given in every(problem) if not faults(problem, given)),
        key=lambda given: score(problem, given),
    )
    answer = solve(problem, seed=1)
    assert answer.is_best
    assert faults(problem, answer.given) == []
    assert score(problem, answer.given) == score(problem, best)


@settings(max_examples=25)
@when(st.integers(min_value=0, max_value=10**6))
def test_neither_way_of_filling_breaks_a_rule(seed: int) -> None:
    chance = random.Random(seed)
    problem = invented(chance, 12, 14, 9)
    plain = fill(problem)
    assert faults(problem, plain) == []
    answer = solve(problem, seed=seed, seconds=3)
    assert faults(problem, answer.given) == []
    assert points(problem, answer.given) >= points(problem, plain) - 1e-6


def test_the_same_seed_gives_the_same_suggestion() -> None:
    problem = invented(random.Random(5), 30, 25, 14)
    first = solve(problem, seed=3, seconds=60)
    assert not first.was_cut_short
    assert solve(problem, seed=3, seconds=60).given == first.given


def test_what_is_locked_stays() -> None:
    people = [Candidate(id=1), Candidate(id=2, minutes=3000)]
    fits = {(1, 0): Fit(20), (2, 0): Fit()}
    posts = [Post(key=0, shift_id=0, when=busy(0, 9, 3), open=1)]
    problem = Problem(
        posts=posts,
        turns=[Turn(shift_id=0, need=1)],
        people=people,
        fits=fits,
        locked=frozenset({(2, 0)}),
    )
    assert solve(problem, seed=1).given == {(2, 0)}
    assert fill(problem) == {(2, 0)}


def test_two_locked_at_once_cannot_be_kept() -> None:
    posts = [Post(key=n, shift_id=n, when=busy(0, 9, 3), open=1) for n in range(2)]
    problem = Problem(
        posts=posts,
        turns=[Turn(shift_id=n, need=1) for n in range(2)],
        people=[Candidate(id=1)],
        fits={(1, 0): Fit(), (1, 1): Fit()},
        locked=frozenset({(1, 0), (1, 1)}),
    )
    with pytest.raises(ValueError, match="locked"):
        solve(problem, seed=1)


@pytest.mark.parametrize(
    ("site_id", "start", "both"), [(1, 11.75, True), (1, 11.5, False), (2, 11.75, False)]
)
def test_a_handover_at_one_site_is_no_clash(site_id: int, start: float, both: bool) -> None:
    posts = [
        Post(key=0, shift_id=0, when=busy(0, 9, 3), open=1),
        Post(key=1, shift_id=1, when=busy(0, start, 3, site_id), open=1),
    ]
    problem = Problem(
        posts=posts,
        turns=[Turn(shift_id=n, need=1) for n in range(2)],
        people=[Candidate(id=1)],
        fits={(1, 0): Fit(), (1, 1): Fit()},
        handover=timedelta(minutes=15),
    )
    assert (len(solve(problem, seed=1).given) == 2) == both


def test_nobody_young_is_alone_and_an_adult_helps() -> None:
    posts = [Post(key=0, shift_id=0, when=busy(0, 9, 3), open=2)]
    young = Candidate(id=1, is_adult=False)
    fits = {(1, 0): Fit()}
    alone = Problem(posts=posts, turns=[Turn(shift_id=0, need=1)], people=[young], fits=fits)
    assert solve(alone, seed=1).given == frozenset()
    assert fill(alone) == set()
    both = Problem(
        posts=posts,
        turns=[Turn(shift_id=0, need=1)],
        people=[young, Candidate(id=2)],
        fits=fits | {(2, 0): Fit()},
    )
    assert solve(both, seed=1).given == {(1, 0), (2, 0)}


def test_the_hours_go_to_those_who_have_few() -> None:
    posts = [Post(key=n, shift_id=n, when=busy(2 * n, 9, 4), open=1) for n in range(3)]
    people = [Candidate(id=1, minutes=1200, a_week=5), Candidate(id=2, a_week=5)]
    fits = {(person, n): Fit() for person in (1, 2) for n in range(3)}
    turns = [Turn(shift_id=n, need=1) for n in range(3)]
    problem = Problem(posts=posts, turns=turns, people=people, fits=fits)
    assert {person for person, _ in solve(problem, seed=1).given} == {2}


def test_a_fourth_day_in_a_row_goes_to_somebody_else() -> None:
    posts = [Post(key=n, shift_id=n, when=busy(n, 9, 2), open=1) for n in range(4)]
    people = [Candidate(id=1, a_week=7), Candidate(id=2, minutes=240, a_week=7)]
    fits = {(1, n): Fit(20, True) for n in range(4)} | {(2, n): Fit(20, True) for n in range(4)}
    turns = [Turn(shift_id=n, need=1) for n in range(4)]
    problem = Problem(posts=posts, turns=turns, people=people, fits=fits)
    given = solve(problem, seed=1).given
    assert len([pair for pair in given if pair[0] == 1]) < 4


def test_gini_is_0_for_equal_and_near_1_for_one_alone() -> None:
    assert gini([3, 3, 3]) == 0
    assert gini([]) == 0
    assert gini([0] * 99 + [5]) == pytest.approx(0.99)


def test_what_is_covered_is_counted() -> None:
    posts = [
        Post(key=0, shift_id=0, when=busy(0, 9, 3), open=2, need=1),
        Post(key=1, shift_id=1, when=busy(1, 9, 3), open=1),
    ]
    problem = Problem(
        posts=posts,
        turns=[Turn(shift_id=0, need=2), Turn(shift_id=1, need=0, familiar_there=True)],
        people=[Candidate(id=1), Candidate(id=2)],
        fits={(1, 0): Fit(0, True), (2, 0): Fit()},
    )
    found = measure(problem, {(1, 0)})
    assert (found.filled, found.places, found.runs, found.short) == (1, 3, 0, 1)
    assert found.familiar == 2
    assert measure(problem, {(1, 0), (2, 0)}).runs == 1
