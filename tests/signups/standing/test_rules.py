"""On which days a standing place is: held to another implementation, and to itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.rrule import WEEKLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.errors import Refusal
from app.signups.standing.rules import Stand, check, is_away, meets, wants, week_of
from tests.signups.standing.model import days_of

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
STANDS = st.builds(
    Stand,
    weekdays=st.integers(0, 127),
    every_weeks=st.just(1),
    phase=st.just(0),
    first_day=DAYS,
    last_day=st.none() | DAYS,
) | st.integers(0, 3).flatmap(
    lambda phase: st.builds(
        Stand,
        weekdays=st.integers(0, 127),
        every_weeks=st.sampled_from([4] if phase > 1 else [2, 4]),
        phase=st.just(phase),
        first_day=DAYS,
        last_day=st.none() | DAYS,
    )
)


@given(stand=STANDS, begin=DAYS)
def test_the_days_are_those_of_an_independent_model(stand: Stand, begin: date) -> None:
    end = begin + timedelta(days=500)
    days = [begin + timedelta(days=n) for n in range(501)]
    assert {day for day in days if wants(stand, day)} == days_of(stand, begin, end)


def test_every_second_week_goes_on_after_a_year_of_53_weeks() -> None:
    # 2026 has 53 weeks by ISO 8601: counting within the year would come twice in a row.
    stand = Stand(
        weekdays=0,
        every_weeks=2,
        phase=week_of(date(2026, 12, 29)) % 2,
        first_day=date(2026, 12, 1),
    )
    tuesdays = [date(2026, 12, 29) + timedelta(weeks=n) for n in range(4)]
    assert [wants(stand, day) for day in tuesdays] == [True, False, True, False]


def test_a_leap_day_is_a_day_like_others() -> None:
    stand = Stand(weekdays=8, every_weeks=1, phase=0, first_day=date(2024, 2, 1))
    assert wants(stand, date(2024, 2, 29))  # a Thursday


@given(a=STANDS, b=STANDS)
def test_two_that_share_a_day_meet(a: Stand, b: Stand) -> None:
    begin = max(a.first_day, b.first_day)
    days = [begin + timedelta(days=n) for n in range(400)]
    if any(wants(a, day) and wants(b, day) for day in days):
        assert meets(a, b)
        assert meets(b, a)


def test_week_numbers_grow_on_mondays() -> None:
    mondays = {day.date() for day in rrule(WEEKLY, date(2025, 12, 1), byweekday=0, count=200)}
    day = date(2025, 12, 1)
    while day < date(2029, 1, 1):
        assert week_of(day) - week_of(day - timedelta(days=1)) == (day in mondays)
        day += timedelta(days=1)


def test_away_counts_both_its_ends() -> None:
    away = [(date(2026, 6, 9), date(2026, 6, 12))]
    assert is_away(date(2026, 6, 12), date(2026, 6, 13), away)
    assert is_away(date(2026, 6, 9), date(2026, 6, 9), away)
    assert not is_away(date(2026, 6, 13), date(2026, 6, 13), away)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"every_weeks": 3}, "every_weeks"),
        ({"weekdays": 1}, "weekdays"),
        ({"last_day": date(2026, 5, 31)}, "last_day"),
        ({"last_day": date(2036, 6, 1)}, "last_day"),
    ],
)
def test_what_makes_no_standing_place_is_said_beside_its_field(
    said: dict[str, object], field: str
) -> None:
    usual = {"weekdays": 2, "every_weeks": 1, "phase": 0, "first_day": date(2026, 6, 1)}
    with pytest.raises(Refusal) as refused:
        check(Stand(**(usual | said)), 2, date(2026, 6, 1))  # type: ignore[arg-type]
    assert refused.value.field == field
