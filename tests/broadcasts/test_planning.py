"""How many are asked next: the chances, the curve, the sums and the plan, as properties."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.broadcasts.rules import (
    HALF_LIFE,
    Curve,
    History,
    Occasion,
    Person,
    Pool,
    Progress,
    Wave,
    chance,
    chance_of_the_rest,
    curve_of,
    next_wave,
    pool_of,
    timing_of,
    weight_after,
)
from app.broadcasts.rules.chances import HIGHEST, LOWEST
from app.broadcasts.rules.planning import rounds_left, share_of_this_round, willingness
from app.broadcasts.rules.tally import at_least

EVENING = Occasion(hour=18, notice_minutes=240)
chances = st.floats(0.005, 0.9)


def person(**said: object) -> Person:
    usual: dict[str, object] = {"history": History(), "metres": 3000}
    return Person(**(usual | said))  # type: ignore[arg-type] # a test says what it likes


def progress(**said: object) -> Progress:
    usual: dict[str, object] = {
        "places_left": 3,
        "minutes_left": 240.0,
        "next_chances": (0.15,) * 300,
        "more": 200,
        "more_chance": 0.1,
    }
    return Progress(**(usual | said))  # type: ignore[arg-type] # a test says what it likes


# The chance of one person.


def test_who_was_never_asked_counts_like_the_pool() -> None:
    found = chance(person(), Occasion(hour=18, notice_minutes=1000), Pool(yes=0.2))
    assert found == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("history", "share"),
    [
        (History(asked=1, yes=1), (10 * 0.2 + 1) / 11),
        (History(asked=1, yes=0), 10 * 0.2 / 11),
        (History(asked=30, yes=0), 10 * 0.2 / 40),
        (History(asked=30, yes=30), (10 * 0.2 + 30) / 40),
    ],
)
def test_a_persons_own_history_counts_beside_ten_asks_of_the_pool(
    history: History, share: float
) -> None:
    noon = Occasion(hour=12, notice_minutes=1000)
    assert chance(person(history=history), noon, Pool(yes=0.2)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"metres": 500}, {"metres": 5000}),
        ({"metres": 5000}, {"metres": 30_000}),
        ({"knows_group": True}, {}),
        ({"likes_kind": True}, {}),
    ],
)
def test_near_and_known_say_yes_more_often(
    better: dict[str, object], worse: dict[str, object]
) -> None:
    pool = Pool(yes=0.2)
    assert chance(person(**better), EVENING, pool) > chance(person(**worse), EVENING, pool)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ((18, 240), (18, 90)),
        ((18, 90), (18, 30)),
        ((18, 2000), (18, 240)),
        ((12, 240), (7, 240)),
        ((12, 240), (23, 240)),
        ((7, 240), (3, 240)),
    ],
)
def test_at_night_and_with_short_notice_fewer_say_yes(
    better: tuple[int, int], worse: tuple[int, int]
) -> None:
    good, bad = (Occasion(hour=hour, notice_minutes=notice) for hour, notice in (better, worse))
    assert chance(person(), good, Pool()) > chance(person(), bad, Pool())


@given(
    asked=st.floats(0, 1000),
    share=st.floats(0, 1),
    metres=st.integers(0, 10**6),
    hour=st.integers(0, 23),
    notice=st.floats(0, 10**5),
    pool=st.floats(0, 1),
)
def test_a_chance_is_never_none_and_never_sure(
    asked: float, share: float, metres: int, hour: int, notice: float, pool: float
) -> None:
    found = chance(
        person(history=History(asked=asked, yes=asked * share), metres=metres),
        Occasion(hour=hour, notice_minutes=notice),
        Pool(yes=pool),
    )
    assert LOWEST <= found <= HIGHEST


def test_an_ask_counts_half_after_half_a_year() -> None:
    assert weight_after(timedelta(0)) == 1
    assert weight_after(HALF_LIFE) == pytest.approx(0.5)
    assert weight_after(3 * HALF_LIFE) == pytest.approx(0.125)
    assert weight_after(timedelta(days=-1)) == 1


def test_a_countys_own_history_outweighs_what_is_usual() -> None:
    assert pool_of([]).yes == pytest.approx(0.15)
    found = pool_of([History(asked=4000, yes=1600, no=800), History(asked=2000, yes=800, no=400)])
    assert found.yes == pytest.approx(0.4, abs=0.01)
    assert found.no == pytest.approx(0.2, abs=0.01)


# When answers come.


def test_half_have_answered_after_half_and_nobody_at_once() -> None:
    curve = Curve(half=10)
    assert curve.answered(10) == pytest.approx(0.5)
    assert curve.answered(0) == curve.answered(-5) == 0
    assert curve.answered(math.inf) == 1


@given(st.floats(0.01, 0.99), st.floats(1, 120), st.floats(0.8, 2.5))
def test_the_curve_can_be_read_both_ways(share: float, half: float, steepness: float) -> None:
    curve = Curve(half, steepness)
    assert curve.answered(curve.minutes_until(share)) == pytest.approx(share)


def test_the_tail_is_heavy() -> None:
    """After ten times the half, more have still to answer than an exponential would leave."""
    curve = Curve(half=10)
    assert curve.still_to_come(100) > 20 * 2.0**-10
    falls = [curve.still_to_come(10 * 2**n) / curve.still_to_come(20 * 2**n) for n in range(5, 9)]
    assert falls == pytest.approx([2**curve.steepness] * 4, rel=0.05)


def test_a_curve_is_learned_from_answer_times() -> None:
    rng = random.Random(5)
    true = Curve(half=25, steepness=1.6)
    seen = timing_of(true.minutes_until(rng.uniform(0.001, 0.999)) for _ in range(4000))
    found = curve_of([seen])
    assert found.half == pytest.approx(25, rel=0.1)
    assert found.steepness == pytest.approx(1.6, rel=0.1)
    assert curve_of([]).half == pytest.approx(Curve().half)
    assert curve_of([]).steepness == pytest.approx(Curve().steepness)


def test_what_was_seen_long_ago_counts_less() -> None:
    slow = timing_of([60.0] * 200)
    assert curve_of([replace(slow, weight=0.1)]).half < curve_of([slow]).half


# How likely so many say yes.


def exactly(wanted: int, each: list[float]) -> float:
    """By going through all that can happen."""
    total = 0.0
    for says in itertools.product((0, 1), repeat=len(each)):
        if sum(says) >= wanted:
            total += math.prod(p if yes else 1 - p for p, yes in zip(each, says, strict=True))
    return total


@given(st.lists(st.floats(0.005, 0.4), min_size=1, max_size=9), st.integers(0, 10))
def test_unequal_chances_are_summed_nearly_as_they_truly_are(
    each: list[float], wanted: int
) -> None:
    found = at_least(wanted, sum(each), sum(p * p for p in each), 1e9)
    assert found == pytest.approx(exactly(wanted, each), abs=0.05)


@given(st.lists(chances, min_size=1, max_size=9), st.integers(0, 10))
def test_even_of_the_most_unequal_chances_the_sum_is_near(each: list[float], wanted: int) -> None:
    found = at_least(wanted, sum(each), sum(p * p for p in each), 1e9)
    assert found == pytest.approx(exactly(wanted, each), abs=0.15)


@given(chances, st.integers(1, 60), st.integers(1, 12))
def test_equal_chances_are_summed_exactly(each: float, people: int, wanted: int) -> None:
    true = sum(
        math.comb(people, n) * each**n * (1 - each) ** (people - n)
        for n in range(wanted, people + 1)
    )
    found = at_least(wanted, people * each, people * each**2, 1e12)
    assert found == pytest.approx(true, abs=1e-6)


def test_doubt_widens_the_sum_as_a_gamma_does() -> None:
    """Poisson yes whose rate is Gamma is a negative binomial; beside it, drawn by chance."""
    rng = random.Random(3)
    mean, shape = 6.0, 4.0
    draws = []
    for _ in range(20_000):
        rate, product, count = mean * rng.gammavariate(shape, 1 / shape), rng.random(), 0
        while product > math.exp(-rate):
            product, count = product * rng.random(), count + 1
        draws.append(count)
    for wanted in (1, 3, 6, 10, 15):
        share = sum(count >= wanted for count in draws) / len(draws)
        assert at_least(wanted, mean, 0.0, shape) == pytest.approx(share, abs=0.015)


@given(
    st.integers(0, 400),
    st.floats(0, 3000),
    st.floats(0, 1),
    st.floats(1, 1e6),
)
def test_a_chance_of_a_sum_is_a_chance(wanted: int, mean: float, of: float, shape: float) -> None:
    found = at_least(wanted, mean, mean * of, shape)
    assert 0 <= found <= 1
    assert found >= at_least(wanted + 1, mean, mean * of, shape) - 0.05


def test_hundreds_of_places_are_summed_as_well() -> None:
    assert at_least(300, 300, 0, 1e9) == pytest.approx(0.5, abs=0.02)
    assert at_least(190, 190, 0, 1e9) == pytest.approx(0.5, abs=0.03)


# What a request learns from its own answers.


def test_a_request_starts_with_what_is_believed() -> None:
    assert willingness(progress()).factor == 1


@given(st.integers(0, 40), st.integers(0, 40), chances)
def test_each_yes_raises_and_each_no_lowers_the_hope(yes: int, no: int, each: float) -> None:
    wave = Wave(minutes_ago=30, chance=each, silent=10, yes=yes, no=no)
    found = willingness(progress(waves=[wave])).factor
    more_yes = replace(wave, yes=yes + 1)
    more_no = replace(wave, no=no + 1)
    assert willingness(progress(waves=[more_yes])).factor > found
    assert willingness(progress(waves=[more_no])).factor < found


def test_a_pool_that_is_half_or_twice_as_willing_is_found_out() -> None:
    for true in (0.5, 2.0):
        asked, each = 600, 0.1
        yes = round(asked * each * true)
        wave = Wave(minutes_ago=600, chance=each, silent=asked - yes, yes=yes)
        assert willingness(progress(waves=[wave])).factor == pytest.approx(true, rel=0.25)


def test_silence_lowers_the_hope_the_longer_it_lasts() -> None:
    factors = [
        willingness(progress(waves=[Wave(minutes_ago=age, chance=0.2, silent=50)])).factor
        for age in (0, 5, 20, 120, 1000)
    ]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] == 1


# The plan.


def test_rounds_together_reach_the_target() -> None:
    for rounds in (1.0, 2.0, 7.5, 40.0):
        share = share_of_this_round(0.95, rounds)
        assert 1 - (1 - share) ** rounds == pytest.approx(0.95)


def test_the_last_round_must_fill_it_by_itself() -> None:
    assert share_of_this_round(0.95, rounds_left(progress(minutes_left=3.0))) == pytest.approx(0.95)


@pytest.mark.parametrize(
    "said",
    [{"places_left": 0}, {"next_chances": (), "more": 0}],
    ids=["full", "spent"],
)
def test_nobody_is_asked_when_it_is_full_or_the_pool_is_spent(said: dict[str, object]) -> None:
    assert next_wave(progress(**said)).size == 0


def test_the_nearer_the_deadline_the_more_are_asked() -> None:
    sizes = [next_wave(progress(minutes_left=m)).size for m in (600.0, 240.0, 90.0, 45.0, 20.0)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 3 * sizes[0]


def test_the_more_are_in_the_air_the_fewer_are_asked() -> None:
    def size(silent: int) -> int:
        air = [Wave(minutes_ago=2, chance=0.15, silent=silent)]
        return next_wave(progress(minutes_left=45.0, waves=air)).size

    sizes = [size(silent) for silent in (0, 5, 10, 20, 60)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0
    assert sizes[-1] == 0


def test_less_willing_people_are_asked_in_greater_number() -> None:
    keen = next_wave(progress(next_chances=(0.4,) * 500, minutes_left=60.0)).size
    tired = next_wave(progress(next_chances=(0.05,) * 500, minutes_left=60.0)).size
    assert tired > 4 * keen


def test_a_pool_that_is_barely_enough_is_asked_sooner_than_an_ample_one() -> None:
    """Twenty people at one in six for three places: leaving them for later would lose some."""
    barely = progress(next_chances=(0.16,) * 20, more=0, minutes_left=25.0)
    ample = replace(barely, next_chances=(0.16,) * 300, minutes_left=25.0)
    assert next_wave(barely).outlook.is_short
    assert next_wave(barely).size / 20 > 0.9
    assert next_wave(ample).size / 300 < 0.15


def test_a_short_pool_is_told_of_at_the_very_start() -> None:
    short = next_wave(progress(next_chances=(0.1,) * 10, more=0, minutes_left=600.0)).outlook
    ample = next_wave(progress(minutes_left=600.0)).outlook
    assert short.is_short
    assert short.with_everybody < 0.2
    assert not ample.is_short
    assert ample.with_everybody > 0.95


def test_hundreds_are_not_asked_when_they_can_hardly_answer_in_time() -> None:
    late = progress(minutes_left=0.3, next_chances=(0.02,) * 400, more=1000, more_chance=0.02)
    wave = next_wave(late)
    assert wave.size == 0
    assert "too late" in wave.reason


def test_looks_are_closer_as_the_deadline_comes_near() -> None:
    pauses = [next_wave(progress(minutes_left=m)).look_again for m in (1000.0, 200.0, 60.0, 5.0)]
    assert pauses == sorted(pauses, reverse=True)
    assert pauses[0] == timedelta(minutes=10)
    assert pauses[-1] == timedelta(minutes=1)


@given(
    places=st.integers(1, 30),
    minutes=st.floats(0, 3000),
    known=st.lists(chances, max_size=60),
    more=st.integers(0, 3000),
    waves=st.lists(
        st.builds(
            Wave,
            minutes_ago=st.floats(0, 3000),
            chance=chances,
            silent=st.integers(0, 200),
            yes=st.integers(0, 20),
            no=st.integers(0, 50),
        ),
        max_size=6,
    ),
)
def test_whatever_happened_a_plan_is_possible_and_as_good_as_it_says(
    places: int, minutes: float, known: list[float], more: int, waves: list[Wave]
) -> None:
    seen = progress(
        places_left=places,
        minutes_left=minutes,
        next_chances=known,
        more=more if known else 0,
        more_chance=chance_of_the_rest(known),
        waves=waves,
    )
    wave = next_wave(seen)
    assert 0 <= wave.size <= seen.unasked
    assert 0 <= wave.outlook.as_it_is <= 1
    assert wave.outlook.with_everybody >= wave.outlook.as_it_is - 0.01
    assert timedelta(minutes=1) <= wave.look_again <= timedelta(minutes=10)
    assert wave.reason


@given(places=st.integers(1, 8), each=chances, minutes=st.floats(1, 400))
def test_one_person_fewer_would_not_do(places: int, each: float, minutes: float) -> None:
    """The size is the smallest: a wave of one fewer, sent at once, leaves a wish for more."""
    before = progress(places_left=places, minutes_left=minutes, next_chances=(each,) * 400, more=0)
    size = next_wave(before).size
    if size < 2:
        return
    one_fewer = Wave(minutes_ago=0, chance=each, silent=size - 1)
    rest = replace(before, waves=[one_fewer], next_chances=(each,) * (400 - size + 1))
    as_chosen = replace(rest, waves=[replace(one_fewer, silent=size)])
    assert next_wave(rest).size >= 1 or "too late" in next_wave(rest).reason
    assert next_wave(as_chosen).size <= 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"minutes_left": 30.0}, "Time is short, so more are asked at once."),
        ({}, "There is time to ask others later."),
        ({"places_left": 1, "next_chances": (0.2,), "more": 0}, "They are the last who fit."),
        (
            {"places_left": 1, "next_chances": (), "more": 0},
            "1 place is free and everybody has been asked.",
        ),
        ({"places_left": 0}, "Every place is taken."),
        (
            {"waves": [Wave(minutes_ago=1, chance=0.2, silent=60)]},
            "60 people may still answer, so nobody new is asked.",
        ),
        ({"next_chances": (0.2,) * 300}, "about 20 in 100 are likely to say yes."),
    ],
)
def test_a_wave_says_why_it_has_its_size(said: dict[str, object], reason: str) -> None:
    assert reason in next_wave(progress(**said)).reason
