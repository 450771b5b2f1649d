"""Periods, filling, people and words: tables of what is decided from values alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.errors import Refusal
from app.reports.rules import findings, periods
from app.reports.rules.filling import (
    At,
    Filled,
    Quartiles,
    by_hour,
    by_part,
    fill_minutes,
    hours_of,
    opened_at,
    part_of_day,
    percent,
    quartiles,
)
from app.reports.rules.people import Cohort, active_since, bucketed, most_for
from app.reports.rules.scales import shortened, ticks, width_of, wrapped
from app.reports.rules.suppression import Hidden
from app.reports.rules.telling import Column, Kind, hour, hours, month, told, wait, written

T = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 26), date(2025, 12, 1)),
        (date(2026, 12, 31), date(2026, 1, 1)),
        (date(2024, 2, 29), date(2023, 3, 1)),
    ],
)
def test_as_usual_twelve_months_are_shown(today: date, first: date) -> None:
    assert periods.usual(today) == (first, today)
    assert len(list(periods.months(first, today))) == 12


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_months_follow_one_another(day: date) -> None:
    number = periods.month_of(day)
    assert periods.first_of(number) <= day <= periods.last_of(number)
    assert periods.before(periods.after(number)) == number
    assert periods.first_of(periods.after(number)) == periods.last_of(number) + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "length"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
def test_a_day_is_whole_when_the_clocks_change(day: date, length: int) -> None:
    begin, end = periods.bounds(day, day, "Europe/London")
    assert end - begin == timedelta(hours=length)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 2, 1), date(2026, 1, 31), "last"),
        (date(2010, 1, 1), date(2026, 1, 1), "last"),
        (date(1999, 1, 1), date(2005, 1, 1), "first"),
    ],
)
def test_days_that_cannot_be_looked_at_together(first: date, last: date, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        periods.check(first, last)
    assert refused.value.field == field
    periods.check(date(2026, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("times", "found"),
    [
        ({}, None),
        ({7: 1}, Quartiles(1, 7, 7, 7)),
        ({1: 1, 2: 1, 3: 1, 4: 1}, Quartiles(4, 1, 2, 3)),
        ({1: 1, 2: 1, 3: 1, 4: 1, 5: 1}, Quartiles(5, 2, 3, 4)),
        ({10: 99, 900: 1}, Quartiles(100, 10, 10, 10)),
    ],
)
def test_quartiles(times: dict[int, int], found: Quartiles | None) -> None:
    assert quartiles(times) == found


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_at_least_so_many_are_within_a_quartile(values: list[int]) -> None:
    found = quartiles({value: values.count(value) for value in values})
    assert found is not None
    for share, value in ((0.25, found.lower), (0.5, found.median), (0.75, found.upper)):
        assert value in values
        assert sum(one <= value for one in values) >= share * len(values)
        assert sum(one < value for one in values) < share * len(values)


@pytest.mark.parametrize(
    ("taken_after", "places", "filled", "minutes"),
    [
        (timedelta(hours=2), 3, 3, 120),
        (timedelta(hours=2), 3, 2, None),  # a place stayed free
        (timedelta(hours=-5), 1, 1, 0),  # put on it before it was open to all
        (None, 0, 0, None),
        (timedelta(minutes=5), 2, 3, 5),  # places were taken away afterwards
    ],
)
def test_fill_minutes(
    taken_after: timedelta | None, places: int, filled: int, minutes: int | None
) -> None:
    last = None if taken_after is None else T + taken_after
    assert fill_minutes(T, last, places, filled) == minutes


def test_a_shift_is_open_once_it_is_made_and_its_role_published() -> None:
    later, begins = T + timedelta(days=1), T + timedelta(days=9)
    assert opened_at(T, None, begins) == T
    assert opened_at(T, later, begins) == opened_at(later, T, begins) == later
    # Published once more when the shift was long over.
    assert opened_at(T, begins + timedelta(days=30), begins) == T


@pytest.mark.parametrize(
    ("part", "whole", "found"),
    [(0, 0, None), (0, 9, 0), (9, 9, 100), (999, 1000, 99), (1, 1000, 1), (1, 8, 13), (5, 4, 125)],
)
def test_percent(part: int, whole: int, found: int | None) -> None:
    assert percent(part, whole) == found


@pytest.mark.parametrize(
    ("starts", "minutes", "found"),
    [
        (10 * 60 + 30, 90, [(0, 10), (0, 11)]),
        (10 * 60, 60, [(0, 10)]),
        (23 * 60, 120, [(0, 23), (1, 0)]),
        (9 * 60, 0, [(0, 9)]),
    ],
)
def test_the_hours_that_a_shift_reaches_into(
    starts: int, minutes: int, found: list[tuple[int, int]]
) -> None:
    assert list(hours_of(starts, minutes)) == found


def test_the_week_goes_round() -> None:
    sunday_night = At(weekday=6, starts=23 * 60, minutes=120, places=4, filled=1)
    found = by_hour([sunday_night, sunday_night])
    assert set(found) == {(6, 23), (0, 0)}
    assert found[0, 0] == Filled(0, 8, 2)
    assert by_part([sunday_night]) == {(6, "night"): Filled(0, 4, 1)}


@pytest.mark.parametrize(
    ("at", "part"),
    [
        (4, "night"),
        (5, "morning"),
        (11, "morning"),
        (12, "afternoon"),
        (17, "evening"),
        (22, "night"),
    ],
)
def test_parts_of_the_day(at: int, part: str) -> None:
    assert part_of_day(at) == part


def test_the_coverage_in_words() -> None:
    parts = {
        (6, "morning"): Filled(0, 50, 31),
        (1, "afternoon"): Filled(0, 40, 38),
        (2, "night"): Filled(0, 2, 0),  # too few to be named
    }
    assert findings.coverage(parts) == (
        "Fewest places are filled on Sunday mornings: 62%. Most on Tuesday afternoons: 95%."
    )
    assert findings.coverage({(6, "morning"): Filled(0, 50, 31)}) == (
        "Fewest places are filled on Sunday mornings: 62%."
    )
    assert findings.coverage({(6, "morning"): Filled(0, 3, 3)}) == "Every place was filled."
    assert findings.coverage({}) == ""


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            findings.filled(Filled(40, 100, 83, 38)),
            "83 of 100 places were filled: 83%. 2 of 40 shifts had fewer people than the minimum.",
        ),
        (
            findings.filled(Filled(1, 1, 1, 1)),
            "1 of 1 place was filled: 100%. No shift had fewer people than its minimum.",
        ),
        (findings.filled(Filled()), ""),
        (
            findings.time_to_fill(Quartiles(400, 60, 300, 3 * 1440)),
            "Half of the 400 shifts that filled were full within 5 hours; "
            "three in four within 3 days.",
        ),
        (
            findings.time_to_fill(Quartiles(1, 0, 0, 0)),
            "The one shift that filled was full within a minute.",
        ),
        (findings.time_to_fill(None), "No shift was filled to the last place."),
        (findings.given(412, 6204 * 60), "412 people gave 6,204 hours."),
        (findings.given(0, 0), ""),
        (
            findings.given(Hidden.FEW, 60),
            "Few people gave time in these dates, so we do not show how much.",
        ),
        (
            findings.most_of({"food banks": 120, "libraries": 60}, "went to"),
            "Most hours went to food banks: 2 of 3.",
        ),
        (findings.most_of({"food banks": 120}, "went to"), ""),
        (
            findings.joined({202611: Cohort(64, 26, 30)}),
            "Of 120 people who joined, 64 gave time in the last 90 days, "
            "26 did so before that, and 30 have not begun yet.",
        ),
        (
            findings.joined({202611: Cohort(64, 1, 30)}),
            "Few people joined, so some numbers are not shown.",
        ),
        (findings.joined({202611: Cohort()}), ""),
        (
            findings.joined_in_all(780),
            "780 people joined. Some numbers are small and are not shown.",
        ),
        (
            findings.joined_in_all(Hidden.FEW),
            "Few people joined, so the numbers are not shown.",
        ),
        (
            findings.asks({1: 9, 4: 9, 30: 2}),
            "Nine in ten of those asked were asked 4 times or fewer.",
        ),
        (findings.asks({1: 9}), "Nobody was asked more than once."),
        (findings.asks({1: 3}), "Fewer than 5 people were asked."),
        (findings.asks({}), ""),
        (
            findings.cost(10, 142, 590),
            "Each place filled by an urgent request took 14.2 texts and £0.59.",
        ),
        (findings.cost(0, 1, 4.2), "1 text left, and no place was filled through them."),
        (findings.cost(0, 0, 0), ""),
    ],
)
def test_findings(sentence: str, said: str) -> None:
    assert sentence == said


def test_active_is_ninety_days_with_today() -> None:
    assert active_since(date(2026, 3, 31)) == date(2026, 1, 1)


@given(st.dictionaries(st.integers(1, 60), st.integers(1, 30)))
def test_everybody_who_was_asked_is_in_one_bucket(asks: dict[int, int]) -> None:
    assert sum(bucketed(asks).values()) == sum(asks.values())


def test_most_for() -> None:
    assert most_for({1: 9, 30: 1}, 0.9) == 1
    assert most_for({1: 8, 30: 2}, 0.9) == 30
    assert most_for({}, 0.9) is None


@pytest.mark.parametrize(
    ("kind", "value", "page", "file"),
    [
        (Kind.WORDS, "Melton", "Melton", "Melton"),
        (Kind.COUNT, 1204, "1,204", "1204"),
        (Kind.COUNT, 14.25, "14.2", "14.25"),
        (Kind.COUNT, Hidden.FEW, "fewer than 5", "fewer than 5"),
        (Kind.PERCENT, 62, "62%", "62"),
        (Kind.PERCENT, None, "none", ""),
        (Kind.HOURS, 6204 * 60 + 45, "6,205", "6204.75"),
        (Kind.HOURS, 20, "under 1", "0.33"),
        (Kind.HOURS, Hidden.WITHHELD, "not shown", "not shown"),
        (Kind.WAIT, 0, "at once", "0"),
        (Kind.POUNDS, 58.8, "£0.59", "0.5880"),
        (Kind.POUNDS, 125000, "£1,250.00", "1250.0000"),
    ],
)
def test_how_a_number_is_told_and_written(kind: Kind, value: object, page: str, file: str) -> None:
    assert told(kind, value) == page  # type: ignore[arg-type] # each kind with its values
    assert written(kind, value) == file  # type: ignore[arg-type] # the same


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "1 minute"),
        (119, "119 minutes"),
        (120, "2 hours"),
        (2879, "48 hours"),
        (2880, "2 days"),
        (50000, "35 days"),
    ],
)
def test_waits(minutes: int, said: str) -> None:
    assert wait(minutes) == said


def test_small_words() -> None:
    assert [hour(one) for one in (0, 9, 12, 23)] == ["midnight", "9am", "noon", "11pm"]
    assert month(202611) == "Nov 2026"
    assert hours(0) == "0"
    assert Column("Cost", Kind.POUNDS).in_file == "Cost (pounds)"
    assert Column("People").in_file == "People"


@pytest.mark.parametrize(
    ("most", "found"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (87, [0, 25, 50, 75, 100]),
        (100, [0, 25, 50, 75, 100]),
        (9, [0, 5, 10]),
        (17010, [0, 5000, 10000, 15000, 20000]),
    ],
)
def test_the_lines_of_an_axis(most: float, found: list[int]) -> None:
    assert list(ticks(most)) == found


@given(st.floats(0.1, 1e7))
def test_an_axis_holds_its_most_and_has_few_lines(most: float) -> None:
    levels = list(ticks(most))
    assert levels[0] == 0
    assert levels[-1] >= most
    assert 2 <= len(levels) <= 6


@given(st.text("abc MW…", max_size=70))
def test_words_fit_their_room(words: str) -> None:
    assert width_of(shortened(words, 14, 100), 14) <= 100
    lines = wrapped(words, 14, 100)
    assert len(lines) <= 2
    assert all(width_of(line, 14) <= 100 for line in lines)


def test_a_long_name_stands_on_two_lines() -> None:
    assert wrapped("North West Leicestershire", 14, 120) == ["North West", "Leicestershire"]
