"""What counts as time given: a table, and both nights on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.hours import rules

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 6, 13, 10, tzinfo=LONDON)
END = datetime(2026, 6, 13, 13, tzinfo=LONDON)


def at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return START.replace(hour=int(hours), minute=int(minutes))


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        ("10:00", "13:00", 180),
        ("09:20", "13:00", 180),  # waiting for the doors to open is not counted
        ("10:10", "12:50", 180),  # ten minutes do not matter, either way
        ("10:11", "13:00", 170),
        ("10:00", "12:49", 170),
        ("10:00", "13:10", 180),
        ("10:00", "13:40", 220),  # staying on counts
        ("10:00", "15:00", 300),
        ("10:00", "16:30", 300),  # two hours of it at most
        ("10:00", None, 180),  # until the planned end while nobody says otherwise
        ("11:00", None, 120),
        ("10:58", "11:01", 5),
        ("09:30", "09:50", 0),  # left before it began
    ],
)
def test_the_minutes_of_a_stay(came: str, left: str | None, minutes: int) -> None:
    assert rules.minutes_given(at(came), at(left) if left else None, START, END) == minutes


def test_what_a_manager_states_counts_as_stated() -> None:
    assert rules.minutes_stated(at("08:02"), at("16:30")) == 8 * 60 + 30
    assert rules.minutes_stated(at("10:00"), at("10:02")) == 0


def test_half_of_five_minutes_goes_up() -> None:
    assert rules.minutes_stated(START, START + timedelta(minutes=12, seconds=30)) == 15
    assert rules.minutes_stated(START, START + timedelta(minutes=12, seconds=29)) == 10


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (datetime(2026, 3, 28, 22, tzinfo=LONDON), 7),  # the hour from one to two is not there
        (datetime(2026, 10, 24, 22, tzinfo=LONDON), 9),  # it is there twice
        (datetime(2026, 6, 13, 22, tzinfo=LONDON), 8),
    ],
)
def test_a_night_is_as_long_as_it_is(day: datetime, hours: int) -> None:
    """From ten to six on the wall, over midnight and over the change of the clocks."""
    start = day.astimezone(UTC)
    end = (day + timedelta(hours=8)).astimezone(UTC)  # on the wall
    assert rules.minutes_given(start, end, start, end) == hours * 60
    assert rules.planned_minutes(start, end) == hours * 60


@pytest.mark.parametrize(
    ("minutes_before_start", "may"),
    [(61, False), (60, True), (0, True), (-179, True), (-180, False)],
)
def test_people_can_check_in_from_an_hour_before_until_the_end(
    minutes_before_start: int, may: bool
) -> None:
    now = START - timedelta(minutes=minutes_before_start)
    assert rules.may_check_in(now, START, END) is may


def test_late_begins_after_ten_minutes() -> None:
    assert not rules.is_late(at("10:10"), START)
    assert rules.is_late(at("10:11"), START)


@pytest.mark.parametrize(
    ("ends", "asked"),
    [
        ("2026-06-13 18:00", "2026-06-14 10:00"),  # the next morning
        ("2026-06-14 02:00", "2026-06-14 10:00"),  # after a night, the same one
        ("2026-06-14 06:00", "2026-06-15 10:00"),  # but let them sleep
        ("2026-03-28 18:00", "2026-03-29 10:00"),  # by the clock on the wall, whatever it did
        ("2026-10-24 18:00", "2026-10-25 10:00"),
    ],
)
def test_we_ask_in_the_morning(ends: str, asked: str) -> None:
    end, morning = (datetime.fromisoformat(words).replace(tzinfo=LONDON) for words in (ends, asked))
    assert rules.ask_from(end, "Europe/London") == morning


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (60, "1 hour"),
        (150, "2 hours 30 minutes"),
        (60_000, "1,000 hours"),
    ],
)
def test_minutes_in_words(minutes: int, words: str) -> None:
    assert rules.spoken_minutes(minutes) == words


def given(day: date, minutes: int = 60) -> rules.Given:
    return rules.Given(day, 1, "The mill", "Tea", minutes)


@pytest.mark.parametrize(
    ("days", "first", "number"),
    [
        ([], (2026, 1), 3),  # three months are always there
        ([date(2026, 3, 9)], (2026, 1), 3),
        ([date(2025, 11, 2)], (2025, 11), 5),
        ([date(2025, 4, 1)], (2025, 4), 12),
        ([date(2025, 3, 31)], (2026, 1), 3),  # a day more than twelve months ago
        ([date(2024, 6, 1), date(2025, 12, 24)], (2025, 12), 4),
    ],
)
def test_the_last_months_begin_with_the_first_that_has_time(
    days: list[date], first: tuple[int, int], number: int
) -> None:
    months = rules.last_months([given(day) for day in days], date(2026, 3, 20))
    assert len(months) == number
    assert months[0].first_day == date(*first, 1)
    assert months[-1].first_day == date(2026, 3, 1)


def test_a_month_has_the_sum_of_its_days() -> None:
    days = [date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)]
    months = rules.last_months([given(day, 45) for day in days], date(2026, 3, 20))
    assert [one.minutes for one in months] == [0, 90, 45]
