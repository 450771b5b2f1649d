"""The pure rules about volunteers, as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.volunteers import rules
from app.volunteers.vocabulary import EVERY_TIME, AgeBand, DayPart

KEY = rules.opt_out_key("a secret of the tests")


def bits(*times: tuple[int, DayPart]) -> int:
    return sum(rules.time_bit(weekday, part) for weekday, part in times)


MON, TUE, FRI, SAT, SUN = 0, 1, 4, 5, 6
MORNING, AFTERNOON, EVENING = DayPart


def at(text: str) -> datetime:
    """A moment of the week that begins on Monday 2 November 2026: "2 18:30"."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-11-{int(day):02d}T{clock}")


def test_the_21_parts_of_the_week_have_a_bit_each():
    assert sum(rules.time_bit(day, part) for day in range(7) for part in DayPart) == EVERY_TIME


@pytest.mark.parametrize("weekday", [-1, 7])
def test_a_week_has_seven_days(weekday):
    with pytest.raises(ValueError, match="0 to 6"):
        rules.time_bit(weekday, MORNING)


@pytest.mark.parametrize(
    ("start", "end", "needed"),
    [
        ("2 09:00", "2 12:00", [(MON, MORNING)]),
        ("2 09:00", "2 12:29", [(MON, MORNING)]),
        ("2 09:00", "2 12:30", [(MON, MORNING), (MON, AFTERNOON)]),
        ("2 16:31", "2 18:30", [(MON, EVENING)]),
        ("3 18:30", "3 20:30", [(TUE, EVENING)]),
        ("2 09:00", "2 21:00", [(MON, MORNING), (MON, AFTERNOON), (MON, EVENING)]),
        ("6 22:00", "7 02:00", [(FRI, EVENING), (SAT, MORNING)]),
        ("6 22:00", "7 00:00", [(FRI, EVENING)]),
        ("8 23:00", "9 01:00", [(SUN, EVENING), (MON, MORNING)]),
        # Short stretches need the part that they touch most.
        ("2 09:00", "2 09:20", [(MON, MORNING)]),
        ("2 11:45", "2 12:05", [(MON, MORNING)]),
        ("2 11:55", "2 12:15", [(MON, AFTERNOON)]),
        ("2 12:00", "2 12:00", [(MON, AFTERNOON)]),
    ],
)
def test_a_stretch_needs_each_part_of_the_week_it_touches_for_half_an_hour(start, end, needed):
    assert rules.time_bits(at(start), at(end)) == bits(*needed)


def test_a_long_stretch_needs_the_whole_week():
    assert rules.time_bits(at("2 00:00"), at("9 00:00")) == EVERY_TIME
    assert rules.time_bits(at("2 00:00"), at("28 00:00")) == EVERY_TIME


def test_a_stretch_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="end before"):
        rules.time_bits(at("2 10:00"), at("2 09:00"))


def test_free_times_are_what_the_clock_on_the_wall_shows():
    start = datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert rules.time_bits(start, start.replace(hour=11)) == bits((MON, MORNING))


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([], ""),
        ([(TUE, EVENING), (SAT, MORNING)], "Tuesday evenings, Saturday mornings"),
        ([(MON, MORNING), (MON, EVENING)], "Monday mornings and evenings"),
        ([(SUN, part) for part in DayPart], "Sundays"),
        ([(day, EVENING) for day in range(5)], "Weekday evenings"),
        (
            [*[(day, EVENING) for day in range(5)], (TUE, MORNING), (SAT, EVENING)],
            "Weekday evenings, Tuesday mornings, Saturday evenings",
        ),
        ([(day, part) for day in range(5) for part in DayPart], "Weekdays"),
        ([(day, part) for day in range(7) for part in DayPart], "Any time"),
    ],
)
def test_free_times_are_said_in_words(times, words):
    assert rules.spoken_free_times(bits(*times)) == words


def test_an_address_hashes_the_same_however_it_is_written():
    assert rules.address_hash("email", " Asha@Example.org", KEY) == rules.address_hash(
        "email", "asha@example.org", KEY
    )


def test_an_address_hashes_differently_on_another_channel_or_under_another_key():
    hashes = {
        rules.address_hash("email", "asha@example.org", KEY),
        rules.address_hash("sms", "asha@example.org", KEY),
        rules.address_hash("email", "asha@example.org", rules.opt_out_key("another")),
    }
    assert len(hashes) == 3
    assert all(len(value) == 64 for value in hashes)


@pytest.mark.parametrize(
    ("born_on", "band"),
    [
        (date(2010, 11, 22), AgeBand.FROM_16),
        (date(2010, 11, 23), AgeBand.UNDER_16),
        (date(2008, 11, 22), AgeBand.ADULT),
        (date(2008, 11, 23), AgeBand.FROM_16),
        (date(1950, 1, 1), AgeBand.ADULT),
        (date(2008, 2, 29), AgeBand.ADULT),
    ],
)
def test_an_age_band_changes_on_the_birthday(born_on, band):
    assert rules.age_band(born_on, date(2026, 11, 22)) == band


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 22), 36, date(2029, 11, 22)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_its_month(day, months, then):
    assert rules.months_later(day, months) == then
