"""When papers fall due, and when to say so: the rules alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.months import months_before
from app.safeguarding.rules.dues import State, best, highest, last_good_day, state_of, step_of
from app.signups.rules import Held
from app.volunteers.vocabulary import DbsLevel, Workforce

TODAY = date(2026, 5, 12)
DAYS = st.dates(date(2002, 3, 1), date(2040, 12, 31))


@given(issued=DAYS, months=st.integers(1, 120))
def test_the_last_good_day_is_the_last_on_which_a_place_can_rest_on_it(
    issued: date, months: int
) -> None:
    last = last_good_day(issued, months)
    assert issued >= months_before(last, months)
    assert issued < months_before(last + timedelta(days=1), months)


@pytest.mark.parametrize(
    ("issued", "months", "last"),
    [
        (date(2023, 5, 12), 36, date(2026, 5, 12)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 2, 28), 3, date(2026, 5, 31)),  # three months before 31 May is 28 February
    ],
)
def test_a_check_is_good_for_the_groups_months(issued: date, months: int, last: date) -> None:
    assert last_good_day(issued, months) == last


@pytest.mark.parametrize(
    ("left", "step"),
    [(61, None), (60, 60), (45, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)],
)
def test_each_step_has_its_time(left: int, step: int | None) -> None:
    assert step_of(TODAY + timedelta(days=left), TODAY) == step


@given(st.integers(0, 200))
def test_whoever_looks_each_day_tells_each_step_once(first_left: int) -> None:
    last = TODAY + timedelta(days=first_left)
    told = [step_of(last, TODAY + timedelta(days=n)) for n in range(first_left + 3)]
    expected = [step for step in (60, 30, 7) if step >= 0]
    reached = list(dict.fromkeys(step for step in told if step is not None))
    assert reached == expected[len(expected) - len(reached) :]
    assert reached[-1] == 7


@pytest.mark.parametrize(
    ("days", "state"),
    [(61, State.FINE), (60, State.SOON), (0, State.SOON), (-1, State.OVER)],
)
def test_due_soon_is_not_over(days: int, state: State) -> None:
    assert state_of(TODAY + timedelta(days=days), TODAY) == state


def test_what_has_no_end_is_fine() -> None:
    assert state_of(None, TODAY) == State.FINE


def test_of_several_checks_the_best_for_the_role_counts() -> None:
    old = Held(DbsLevel.ENHANCED, Workforce.CHILD, date(2024, 1, 1))
    newer = Held(DbsLevel.ENHANCED_BARRED, Workforce.BOTH, date(2025, 1, 1))
    basic = Held(DbsLevel.BASIC, Workforce.OTHER, date(2026, 1, 1))
    adult = Held(DbsLevel.ENHANCED, Workforce.ADULT, date(2026, 2, 1))
    held = [basic, old, adult, newer]
    assert best(held, DbsLevel.ENHANCED, Workforce.CHILD) == newer
    assert best(held, DbsLevel.ENHANCED, Workforce.ADULT) == adult
    assert best(held, DbsLevel.BASIC) == adult
    assert best([basic], DbsLevel.ENHANCED, Workforce.CHILD) is None
    assert highest(held) == newer
    assert highest([]) is None
