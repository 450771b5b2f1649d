"""The rules of opportunities: what repeats, what a role may ask for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.errors import Refusal
from app.opportunities import rules
from app.opportunities.rules import Ground, Repeat
from app.opportunities.rules.crew import coming_and_needed
from app.volunteers.rules import time_bit
from app.volunteers.vocabulary import DayPart, DbsLevel, Workforce

LONDON = "Europe/London"


def repeat(**said: Any) -> Repeat:
    defaults: dict[str, Any] = {
        "rule": "FREQ=WEEKLY;BYDAY=TU",
        "starts": time(18),
        "ends": time(20),
        "first_day": date(2026, 3, 17),
        "last_day": date(2026, 4, 7),
    }
    return Repeat(**(defaults | said))


def days(found: list[rules.Occurrence]) -> list[str]:
    return [occurrence.day.isoformat() for occurrence in found]


def test_a_weekly_shift_keeps_its_local_time_when_summer_begins() -> None:
    found = rules.occurrences(repeat(), LONDON)
    assert [o.starts_at for o in found] == [
        datetime(2026, 3, 17, 18, tzinfo=UTC),
        datetime(2026, 3, 24, 18, tzinfo=UTC),
        datetime(2026, 3, 31, 17, tzinfo=UTC),
        datetime(2026, 4, 7, 17, tzinfo=UTC),
    ]


def test_a_weekly_shift_keeps_its_local_time_when_summer_ends() -> None:
    found = rules.occurrences(
        repeat(first_day=date(2026, 10, 20), last_day=date(2026, 10, 27)), LONDON
    )
    assert [o.starts_at.hour for o in found] == [17, 18]


def test_fortnightly_counts_weeks_from_the_week_of_the_first_day() -> None:
    found = rules.occurrences(
        repeat(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SA", first_day=date(2026, 3, 19)), LONDON
    )
    assert days(found) == ["2026-03-21", "2026-03-30", "2026-04-04"]


def test_named_days_are_skipped() -> None:
    found = rules.occurrences(repeat(skipped=[date(2026, 3, 24)]), LONDON)
    assert days(found) == ["2026-03-17", "2026-03-31", "2026-04-07"]


def test_an_end_before_the_start_is_on_the_next_day() -> None:
    start, end = rules.span(date(2026, 6, 1), time(22), time(6), LONDON)
    assert end - start == timedelta(hours=8)


@pytest.mark.parametrize(
    ("day", "starts", "ends", "start_utc", "end_utc"),
    [
        # 29 March 2026: 01:00 to 02:00 does not exist. 25 October: it comes twice.
        ("2026-03-29", "01:30", "04:00", "2026-03-29T01:30", "2026-03-29T03:00"),
        ("2026-03-29", "00:30", "01:30", "2026-03-29T00:30", "2026-03-29T01:30"),
        ("2026-03-29", "01:15", "02:00", "2026-03-29T01:15", "2026-03-29T02:00"),
        ("2026-03-28", "23:00", "03:00", "2026-03-28T23:00", "2026-03-29T02:00"),
        ("2026-10-25", "01:30", "04:00", "2026-10-25T00:30", "2026-10-25T04:00"),
        ("2026-10-25", "00:30", "01:30", "2026-10-24T23:30", "2026-10-25T00:30"),
        ("2026-10-24", "23:00", "03:00", "2026-10-24T22:00", "2026-10-25T03:00"),
    ],
)
def test_times_on_the_nights_when_clocks_change(
    day: str, starts: str, ends: str, start_utc: str, end_utc: str
) -> None:
    span = rules.span(
        date.fromisoformat(day), time.fromisoformat(starts), time.fromisoformat(ends), LONDON
    )
    assert span == (
        datetime.fromisoformat(start_utc).replace(tzinfo=UTC),
        datetime.fromisoformat(end_utc).replace(tzinfo=UTC),
    )


some_days = st.dates(date(2025, 1, 1), date(2028, 12, 31))
some_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


@given(day=some_days, starts=some_times, ends=some_times)
def test_a_span_ends_after_it_starts_and_within_25_hours(
    day: date, starts: time, ends: time
) -> None:
    start, end = rules.span(day, starts, ends, LONDON)
    assert timedelta(0) < end - start <= timedelta(hours=25)


@given(day=some_days, starts=some_times, ends=some_times)
def test_every_span_needs_some_part_of_the_week(day: date, starts: time, ends: time) -> None:
    assert rules.local_times(*rules.span(day, starts, ends, LONDON), LONDON) > 0


def test_a_summer_evening_is_an_evening_by_local_clocks() -> None:
    span = rules.span(date(2026, 7, 7), time(17), time(19), LONDON)
    assert rules.local_times(*span, LONDON) == time_bit(1, DayPart.EVENING)


def test_a_days_choice_without_parts_takes_the_whole_day() -> None:
    assert rules.times_mask([0], []) == 0b111
    assert rules.times_mask([], []) == (1 << 21) - 1


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Food parcel driver", "food-parcel-driver"),
        ("  Café & “story time” ", "cafe-story-time"),
        ("Ünïcødé", "unicde"),
        ("???", "role"),
        ("a" * 200, "a" * 80),
    ],
)
def test_a_title_becomes_part_of_an_address(title: str, slug: str) -> None:
    assert rules.slug(title) == slug


@pytest.mark.parametrize(
    ("level", "ground", "workforce"),
    [
        (DbsLevel.NONE, None, None),
        (DbsLevel.BASIC, Ground.BASIC, None),
        (DbsLevel.STANDARD, Ground.LISTED, Workforce.OTHER),
        (DbsLevel.ENHANCED, Ground.CHILDREN, Workforce.CHILD),
        (DbsLevel.ENHANCED_BARRED, Ground.ADULTS_REGULATED, Workforce.ADULT),
        (DbsLevel.ENHANCED_BARRED, Ground.CHILDREN_REGULATED, Workforce.BOTH),
    ],
)
def test_a_check_that_the_law_allows_may_be_asked_for(
    level: DbsLevel, ground: Ground | None, workforce: Workforce | None
) -> None:
    rules.check_dbs(level, ground, workforce)


@pytest.mark.parametrize(
    ("level", "ground", "workforce", "field"),
    [
        (DbsLevel.BASIC, None, None, "dbs_ground"),
        (DbsLevel.STANDARD, Ground.BASIC, Workforce.OTHER, "dbs_level"),
        (DbsLevel.ENHANCED, Ground.LISTED, Workforce.OTHER, "dbs_level"),
        (DbsLevel.ENHANCED_BARRED, Ground.CHILDREN, Workforce.CHILD, "dbs_level"),
        (DbsLevel.ENHANCED_BARRED, Ground.BASIC, Workforce.CHILD, "dbs_level"),
        (DbsLevel.ENHANCED, Ground.ADULTS, None, "dbs_workforce"),
        (DbsLevel.ENHANCED, Ground.ADULTS, Workforce.CHILD, "dbs_workforce"),
    ],
)
def test_a_check_without_its_reason_is_refused(
    level: DbsLevel, ground: Ground | None, workforce: Workforce | None, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        rules.check_dbs(level, ground, workforce)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("hours", "places", "minimum", "field"),
    [(0, 3, 1, "ends"), (25, 3, 1, "ends"), (2, 0, 0, "places"), (2, 501, 1, "places"),
     (2, 3, 4, "minimum"), (2, 3, -1, "minimum")],
)  # fmt: skip
def test_a_shift_that_cannot_be_is_refused(
    hours: int, places: int, minimum: int, field: str
) -> None:
    start = datetime(2026, 6, 1, 9, tzinfo=UTC)
    with pytest.raises(Refusal) as refused:
        rules.check_shift(start, start + timedelta(hours=hours), places, minimum)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("coming", "said"),
    [
        (0, "Nobody yet, at least 3 needed"),
        (1, "1 is coming, at least 3 needed"),
        (2, "2 are coming, at least 3 needed"),
    ],
)
def test_a_shift_with_too_few_people_is_told_in_words_that_people_use(coming, said):
    assert coming_and_needed(coming, 3) == said
