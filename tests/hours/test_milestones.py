"""What somebody can look back on: the rule alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.hours.milestones import Kind, Milestone, latest, milestones
from app.hours.rules import Given

DAY = date(2026, 3, 1)


def gave(day: date, minutes: int = 120, group: int = 1, *, is_shift: bool = True) -> Given:
    return Given(day, group, f"Group {group}", "Tea", minutes, is_shift=is_shift)


def weekly(times: int, minutes: int = 120) -> list[Given]:
    return [gave(DAY + timedelta(weeks=week), minutes) for week in range(times)]


def found(given: list[Given], kind: Kind) -> list[tuple[date, int]]:
    return [(one.day, one.number) for one in milestones(given) if one.kind == kind]


def test_nothing_given_is_nothing_to_look_back_on() -> None:
    assert milestones([]) == []


def test_the_first_shift_is_one() -> None:
    assert milestones([gave(DAY)]) == [Milestone(DAY, Kind.FIRST_SHIFT, 1)]


def test_hours_beside_a_shift_are_no_shift() -> None:
    assert milestones([gave(DAY, is_shift=False)]) == []


@pytest.mark.parametrize(
    ("shifts", "reached"), [(9, []), (10, [10]), (49, [10]), (50, [50, 10]), (100, [100, 50, 10])]
)
def test_round_numbers_of_shifts(shifts: int, reached: list[int]) -> None:
    assert [number for _, number in found(weekly(shifts, 1), Kind.SHIFTS)] == reached


@pytest.mark.parametrize(
    ("minutes", "reached"),
    [(599, []), (600, [10]), (1500, [25, 10]), (3000, [50, 25, 10]), (6000, [100, 50, 25, 10])],
)
def test_round_numbers_of_hours(minutes: int, reached: list[int]) -> None:
    assert [number for _, number in found([gave(DAY, minutes)], Kind.HOURS)] == reached


def test_hours_are_reached_on_the_day_that_filled_them() -> None:
    assert found(weekly(6), Kind.HOURS) == [(DAY + timedelta(weeks=4), 10)]


@pytest.mark.parametrize(
    ("first", "again", "years"),
    [
        (date(2026, 3, 1), date(2027, 2, 28), []),
        (date(2026, 3, 1), date(2027, 3, 1), [1]),
        (date(2026, 3, 1), date(2028, 4, 1), [2]),
        (date(2024, 2, 29), date(2025, 2, 28), []),
        (date(2024, 2, 29), date(2025, 3, 1), [1]),
    ],
)
def test_a_year_with_a_group(first: date, again: date, years: list[int]) -> None:
    assert [number for _, number in found([gave(first), gave(again)], Kind.YEARS)] == years


def test_a_year_is_of_one_group_and_told_once() -> None:
    later = DAY + timedelta(days=366)
    given = [gave(DAY), gave(later, group=2), gave(later), gave(later + timedelta(days=7))]
    assert [one for one in milestones(given) if one.kind == Kind.YEARS] == [
        Milestone(later, Kind.YEARS, 1, "Group 1")
    ]


def test_the_order_of_the_rows_plays_no_part() -> None:
    given = weekly(30)
    assert milestones(given) == milestones(given[::-1])


def test_the_latest_is_told_for_two_weeks() -> None:
    reached = milestones(weekly(10))
    assert latest(reached, reached[0].day + timedelta(days=13)) == reached[0]
    assert latest(reached, reached[0].day + timedelta(days=14)) is None


def test_what_is_dated_ahead_is_not_told_yet() -> None:
    assert latest([Milestone(DAY, Kind.FIRST_SHIFT, 1)], DAY - timedelta(days=1)) is None


def test_of_one_day_the_weightiest_is_told() -> None:
    same = [Milestone(DAY, Kind.FIRST_SHIFT, 1), Milestone(DAY, Kind.HOURS, 10)]
    told = latest(same, DAY)
    assert told is not None
    assert told.kind == Kind.HOURS
