"""The rota's pure rules: what is missing, short names, weeks, and a day cut into shifts."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rota.rules.begin import Opening, cut, stretches
from app.rota.rules.grid import (
    Post,
    frees,
    lacks,
    last_of_month,
    short_names,
    weeks_of_month,
)


@pytest.mark.parametrize(
    ("posts", "minimum", "said"),
    [
        ([Post("", 3, 1, 1)], 1, []),
        ([Post("", 3, 2, 1)], 2, ["1 more person needed"]),
        ([Post("", 3, 3, 1, asked=2)], 3, ["2 more people needed"]),
        ([Post("Driver", 2, 2, 1), Post("Sorter", 3, 1, 1)], 3, ["Driver: 1 more needed"]),
        (
            [Post("In charge", 1, 1, 0, in_charge=True), Post("Sorter", 3, 1, 3)],
            2,
            ["Nobody is in charge"],
        ),
        # The shift needs more in all than its duties need by themselves.
        (
            [Post("Driver", 2, 1, 0), Post("Sorter", 3, 0, 1)],
            4,
            ["Driver: 1 more needed", "3 more people needed"],
        ),
        ([Post("Driver", 2, 1, 0), Post("Sorter", 3, 0, 3)], 2, ["Driver: 1 more needed"]),
    ],
)
def test_what_a_shift_lacks_is_said_duty_by_duty(
    posts: list[Post], minimum: int, said: list[str]
) -> None:
    assert lacks(posts, minimum) == said


def test_a_place_kept_for_somebody_is_not_free() -> None:
    assert frees([Post("", 3, 1, 1, asked=1)]) == "1 place free"
    assert frees([Post("Driver", 2, 0, 0), Post("Sorter", 1, 0, 1)]) == "Free: Driver 2"
    assert frees([Post("", 2, 1, 2)]) == ""


def test_names_are_as_short_as_they_can_be() -> None:
    names = {1: "Asha Patel", 2: "Asha Price", 3: "Ben Cole", 4: "Cher", 5: "Di Ray", 6: "Di Ray"}
    assert short_names(names) == {
        1: "Asha Patel",
        2: "Asha Price",
        3: "Ben\u00a0C",
        4: "Cher",
        5: "Di Ray",
        6: "Di Ray",
    }


@given(st.integers(min_value=2000, max_value=2099), st.integers(min_value=1, max_value=12))
def test_the_weeks_of_a_month_hold_each_of_its_days_once(year: int, month: int) -> None:
    mondays = weeks_of_month(year, month)
    days = {monday + timedelta(days=number) for monday in mondays for number in range(7)}
    assert all(monday.weekday() == 0 for monday in mondays)
    assert len(days) == 7 * len(mondays)
    last = last_of_month(year, month)
    assert {date(year, month, number) for number in range(1, last.day + 1)} <= days
    assert mondays[-1] <= last < mondays[-1] + timedelta(days=7)


@pytest.mark.parametrize(
    ("opens", "closes", "longest", "shifts"),
    [
        ((10, 0), (17, 0), None, ["10:00-17:00"]),
        ((10, 0), (17, 0), 4, ["10:00-13:30", "13:30-17:00"]),
        ((9, 30), (13, 30), 4, ["09:30-13:30"]),
        ((9, 40), (17, 0), 4, ["09:40-13:15", "13:15-17:00"]),
        ((22, 0), (2, 0), 2, ["22:00-00:00", "00:00-02:00"]),
        ((10, 0), (10, 0), 4, []),
    ],
)
def test_a_long_day_is_cut_into_shifts(
    opens: tuple[int, int], closes: tuple[int, int], longest: int | None, shifts: list[str]
) -> None:
    found = cut(time(*opens), time(*closes), longest)
    assert [f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in found] == shifts


@given(
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(min_value=15, max_value=24 * 60 - 1),
    st.sampled_from([None, 2, 3, 4]),
)
def test_the_cut_shifts_fill_the_day_without_a_gap(
    opens: time, minutes: int, longest: int | None
) -> None:
    end = (opens.hour * 60 + opens.minute + minutes) % (24 * 60)
    closes = time(*divmod(end, 60))
    found = cut(opens, closes, longest)
    assert found[0][0] == opens
    assert found[-1][1] == closes
    assert [last for _, last in found[:-1]] == [first for first, _ in found[1:]]
    lengths = [
        (last.hour * 60 + last.minute - first.hour * 60 - first.minute) % (24 * 60)
        for first, last in found
    ]
    assert sum(lengths) == minutes
    # Moved to the quarter, a shift may be up to a quarter longer than its share.
    assert longest is None or max(lengths) <= longest * 60 + 15


def test_the_same_time_on_several_days_repeats_as_one() -> None:
    days = [
        Opening(weekday=day, opens=time(10), closes=time(13), people=2, at_least=1)
        for day in (0, 2, 4)
    ]
    days.append(Opening(weekday=5, opens=time(10), closes=time(13), people=3, at_least=2))
    found = stretches(days, None)
    assert [(one.weekdays, one.people) for one in found] == [((0, 2, 4), 2), ((5,), 3)]
