"""Quiet hours follow the clock on the wall, over both clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messaging.rules.quiet import in_quiet_hours, next_allowed, rest_until

LONDON = "Europe/London"
NIGHT = (time(21), time(8))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-01-15T20:59:59", False),
        ("2026-01-15T21:00:00", True),
        ("2026-01-15T23:59:59", True),
        ("2026-01-16T00:00:00", True),
        ("2026-01-16T07:59:59", True),
        ("2026-01-16T08:00:00", False),
        ("2026-01-16T12:00:00", False),
        # Summer: the wall is an hour ahead of UTC.
        ("2026-07-15T19:59:59", False),
        ("2026-07-15T20:00:00", True),
        ("2026-07-16T06:59:59", True),
        ("2026-07-16T07:00:00", False),
        # The clocks go forward on 29 March 2026 at 01:00 UTC.
        ("2026-03-28T21:00:00", True),
        ("2026-03-29T06:59:59", True),
        ("2026-03-29T07:00:00", False),
        ("2026-03-29T20:00:00", True),
        # They go back on 25 October 2026 at 01:00 UTC.
        ("2026-10-24T20:00:00", True),
        ("2026-10-25T07:00:00", True),
        ("2026-10-25T08:00:00", False),
        ("2026-10-25T20:00:00", False),
        ("2026-10-25T21:00:00", True),
    ],
)
def test_quiet_is_read_from_the_wall_clock(moment, quiet):
    assert in_quiet_hours(utc(moment), LONDON, NIGHT) is quiet


@pytest.mark.parametrize(
    ("moment", "quiet"), [("2026-01-15T12:30", True), ("2026-01-15T14:00", False)]
)
def test_quiet_hours_may_lie_within_one_day(moment, quiet):
    assert in_quiet_hours(utc(moment), LONDON, (time(12), time(14))) is quiet


def test_no_hour_is_quiet_where_start_and_end_are_the_same():
    assert not in_quiet_hours(utc("2026-01-15T03:00"), LONDON, (time(8), time(8)))


@pytest.mark.parametrize(
    ("moment", "quiet", "allowed"),
    [
        ("2026-01-15T12:00", NIGHT, "2026-01-15T12:00"),
        ("2026-01-15T21:00", NIGHT, "2026-01-16T08:00"),
        ("2026-01-16T07:59:59", NIGHT, "2026-01-16T08:00"),
        ("2026-01-16T08:00", NIGHT, "2026-01-16T08:00"),
        ("2026-12-31T23:30", NIGHT, "2027-01-01T08:00"),
        ("2026-07-15T20:00", NIGHT, "2026-07-16T07:00"),
        # Forward: the night is an hour shorter.
        ("2026-03-28T21:00", NIGHT, "2026-03-29T07:00"),
        ("2026-03-29T00:59", NIGHT, "2026-03-29T07:00"),
        ("2026-03-29T01:00", NIGHT, "2026-03-29T07:00"),
        # Back: it is an hour longer.
        ("2026-10-24T20:00", NIGHT, "2026-10-25T08:00"),
        ("2026-10-25T00:30", NIGHT, "2026-10-25T08:00"),
        ("2026-10-25T01:30", NIGHT, "2026-10-25T08:00"),
        # An end at 01:30 is leapt over: free as soon as the clocks leap.
        ("2026-03-28T22:00", (time(21), time(1, 30)), "2026-03-29T01:00"),
        # An end at 01:30 that comes twice: the first one counts, the second has its own turn.
        ("2026-10-24T22:00", (time(21), time(1, 30)), "2026-10-25T00:30"),
        ("2026-10-25T01:10", (time(21), time(1, 30)), "2026-10-25T01:30"),
        # A start at 01:30: the clocks go back out of the quiet hours.
        ("2026-10-25T00:45", (time(1, 30), time(5)), "2026-10-25T01:00"),
        # The only allowed hour is the one that is leapt over: the next day's.
        ("2026-03-28T23:00", (time(2), time(1)), "2026-03-30T00:00"),
    ],
)
def test_the_next_allowed_moment_is_the_end_of_the_quiet_hours(moment, quiet, allowed):
    assert next_allowed(utc(moment), LONDON, quiet) == utc(allowed)


def test_the_answer_is_in_utc():
    assert next_allowed(utc("2026-07-15T22:00"), LONDON, NIGHT).tzinfo is UTC


@given(
    st.sampled_from(["2026-03-28T12:00", "2026-10-24T12:00", "2026-06-01T00:00"]),
    st.integers(0, 36 * 60),
    st.integers(0, 47),
    st.integers(0, 47),
)
def test_it_is_the_first_allowed_minute_however_one_counts(day, minutes, start, end):
    moment = utc(day) + timedelta(minutes=minutes)
    quiet = (time(start // 2, start % 2 * 30), time(end // 2, end % 2 * 30))
    expected = moment
    while in_quiet_hours(expected, LONDON, quiet):
        expected += timedelta(minutes=1)
    assert next_allowed(moment, LONDON, quiet) == expected


@pytest.mark.parametrize(
    ("moment", "needed_by", "rests_until"),
    [
        ("2026-01-15T12:00", "2026-01-18T12:00", None),  # by day nothing waits
        ("2026-01-15T22:00", "2026-01-18T12:00", "2026-01-16T08:00"),
        ("2026-01-16T07:59", "2026-01-18T12:00", "2026-01-16T08:00"),
        ("2026-01-16T08:00", "2026-01-18T12:00", None),
        ("2026-01-15T22:00", "2026-01-16T10:01", "2026-01-16T08:00"),
        ("2026-01-15T22:00", "2026-01-16T10:00", None),  # too little of the morning is left
        ("2026-01-15T22:00", "2026-01-16T07:30", None),
        ("2026-01-15T22:00", "2026-01-15T21:00", None),  # it is late already
    ],
)
def test_news_rests_until_the_morning_unless_that_is_too_late(moment, needed_by, rests_until):
    until = rest_until(utc(moment), LONDON, NIGHT, utc(needed_by))
    assert until == (utc(rests_until) if rests_until else None)


@pytest.mark.parametrize("ask", [in_quiet_hours, next_allowed])
def test_a_moment_without_a_zone_is_refused(ask):
    with pytest.raises(ValueError, match="time zone"):
        ask(datetime(2026, 1, 1, 12), LONDON, NIGHT)  # noqa: DTZ001 (what is being refused)
