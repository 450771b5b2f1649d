"""Moments, sums and numbers in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.foundation import clock
from app.web import filters

LONDON = "Europe/London"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(LONDON)).astimezone(UTC)


@pytest.fixture(autouse=True)
def _it_is_monday_afternoon_in_late_november() -> Iterator[None]:
    with clock.stopped_at(local("2026-11-23T15:00")):
        yield


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-23T18:30", "2026-11-23T20:30", "Tonight, 6:30 to 8:30pm"),
        ("2026-11-23T16:00", "2026-11-23T18:00", "Today, 4 to 6pm"),
        ("2026-11-24T09:00", "2026-11-24T12:00", "Tomorrow, 9am to noon"),
        ("2026-11-24T12:00", "2026-11-24T14:15", "Tomorrow, noon to 2:15pm"),
        ("2026-11-22T10:00", "2026-11-22T11:00", "Yesterday, 10 to 11am"),
        ("2026-12-05T10:00", "2026-12-05T13:00", "Saturday 5 December, 10am to 1pm"),
        ("2027-01-02T10:00", "2027-01-02T11:00", "Saturday 2 January 2027, 10 to 11am"),
        ("2026-12-05T20:00", "2026-12-06T00:00", "Saturday 5 December, 8pm to midnight"),
        (
            "2026-12-05T22:00",
            "2026-12-06T06:00",
            "Saturday 5 December, 10pm to 6am on Sunday 6 December",
        ),
        (
            "2026-12-05T09:00",
            "2026-12-06T11:00",
            "Saturday 5 December, 9am to 11am on Sunday 6 December",
        ),
    ],
)
def test_a_shift_is_said_as_people_say_it(start: str, end: str, words: str) -> None:
    assert filters.spoken_when(local(start), local(end), LONDON) == words


def test_an_hour_after_the_clocks_go_forward_is_said_in_summer_time() -> None:
    with clock.stopped_at(datetime(2026, 3, 28, 12, tzinfo=UTC)):
        # 29 March 2026: 01:00 UTC becomes 02:00 in London.
        start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
        end = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
        assert filters.spoken_when(start, end, LONDON) == "Tomorrow, 12:30 to 2:30am"


def test_an_hour_after_the_clocks_go_back_is_said_in_winter_time() -> None:
    with clock.stopped_at(datetime(2026, 10, 24, 12, tzinfo=UTC)):
        # 25 October 2026: 01:00 UTC is 01:00 in London for the second time.
        start = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
        end = datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
        assert filters.spoken_when(start, end, LONDON) == "Tomorrow, 12:30 to 2am"


def test_tonight_is_the_sites_own_night() -> None:
    with clock.stopped_at(datetime(2026, 7, 1, 12, tzinfo=UTC)):
        start = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
        words = filters.spoken_when(start, start + timedelta(hours=1), LONDON)
        assert words == "Tonight, 5:30 to 6:30pm"


def test_a_date_is_the_day_in_the_sites_zone() -> None:
    assert filters.spoken_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), LONDON) == (
        "Thursday 2 July"
    )


def test_a_day_of_another_year_says_its_year() -> None:
    assert filters.spoken_day(date(2025, 12, 25), LONDON) == "Thursday 25 December 2025"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (10, "just now"),
        (60, "1 minute ago"),
        (50 * 60, "50 minutes ago"),
        (3 * 3600, "3 hours ago"),
        (26 * 3600, "1 day ago"),
        (20 * 86400, "20 days ago"),
        (35 * 86400, "5 weeks ago"),
        (100 * 86400, "3 months ago"),
        (800 * 86400, "2 years ago"),
        (-2 * 3600, "in 2 hours"),
    ],
)
def test_time_that_has_passed_is_said_roughly(seconds: int, words: str) -> None:
    assert filters.ago(clock.now() - timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (0.2, "under half a mile"),
        (1.0, "1 mile"),
        (1.04, "1 mile"),
        (2.13, "2.1 miles"),
        (3.0, "3 miles"),
        (14.4, "14 miles"),
    ],
)
def test_a_distance_is_as_exact_as_it_is_useful(distance: float, words: str) -> None:
    assert filters.miles(distance) == words


@pytest.mark.parametrize(
    ("pence", "words"),
    [(0, "£0"), (4.2, "£0.04"), (420, "£4.20"), (125000, "£1,250"), (-150, "-£1.50")],
)
def test_a_sum_is_said_in_pounds(pence: float, words: str) -> None:
    assert filters.pounds(pence) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 places"), (1, "1 place"), (1200, "1,200 places")]
)
def test_a_count_agrees_with_its_noun(count: int, words: str) -> None:
    assert filters.plural(count, "place") == words


def test_an_irregular_noun_brings_its_own_plural() -> None:
    assert filters.plural(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Asha Patel", "AP"),
        ("Cher", "C"),
        ("Jean-Luc de la Tour", "JT"),
        ("", ""),
        ("Łukasz Ż", "ŁŻ"),
    ],
)
def test_initials_are_the_first_and_last_words(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (time(18), time(20), "6 to 8pm"),
        (time(10), time(12), "10am to noon"),
        (time(9, 30), time(13), "9:30am to 1pm"),
        (time(22), time(6), "10pm to 6am"),
        (time(10), time(9), "10am to 9am"),
    ],
)
def test_hours_of_a_day_are_said_as_people_say_them(start: time, end: time, said: str) -> None:
    assert filters.spoken_hours(start, end) == said


def test_inside_a_sentence_tonight_has_a_small_letter() -> None:
    start = clock.now()
    assert filters.spoken_when(start, start + timedelta(hours=1), "UTC", True)[0] == "t"
