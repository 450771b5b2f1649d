"""When people are reminded, and in which words; tables and properties, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messaging.rules.quiet import in_quiet_hours
from app.messaging.rules.segments import count
from app.reminders import rules
from app.volunteers.vocabulary import Lead
from tests.reminders.conftest import LONDON, london

QUIET = (time(21), time(8))
ZONE = "Europe/London"
MOMENTS = st.integers(1_767_225_600, 1_861_920_000).map(lambda at: datetime.fromtimestamp(at, UTC))


@pytest.mark.parametrize(
    ("lead", "starts", "due"),
    [
        (Lead.TWO_HOURS, london(6, 10, 14), london(6, 10, 12)),
        (Lead.DAY, london(6, 10, 14), london(6, 9, 14)),
        (Lead.WEEK, london(6, 10, 14), london(6, 3, 14)),
        # The quiet hours: in the morning, if the shift is an hour off then.
        (Lead.TWO_HOURS, london(6, 10, 9), london(6, 10, 8)),
        (Lead.TWO_HOURS, london(6, 10, 9, 30), london(6, 10, 8)),
        (Lead.DAY, london(6, 10, 7), london(6, 9, 8)),
        # Else an hour before the night.
        (Lead.TWO_HOURS, london(6, 10, 8, 30), london(6, 9, 20)),
        (Lead.TWO_HOURS, london(6, 10, 6), london(6, 9, 20)),
        (Lead.TWO_HOURS, london(6, 10, 23, 30), london(6, 10, 20)),
        # So late in the evening that the sweep might not come before the night.
        (Lead.TWO_HOURS, london(6, 10, 22, 55), london(6, 10, 20)),
        (Lead.DAY, london(6, 10, 20, 55), london(6, 10, 8)),
        # The clocks go forward on 29 March 2026 and back on 25 October: the same wall time.
        (Lead.DAY, london(3, 29, 14), london(3, 28, 14)),
        (Lead.DAY, london(3, 30, 10), london(3, 29, 10)),
        (Lead.WEEK, london(4, 1, 18), london(3, 25, 18)),
        (Lead.DAY, london(10, 25, 14), london(10, 24, 14)),
        (Lead.DAY, london(10, 26, 9), london(10, 25, 9)),
        (Lead.WEEK, london(10, 28, 18), london(10, 21, 18)),
        # Two hours are two hours, whatever the clocks do meanwhile.
        (Lead.TWO_HOURS, london(3, 29, 11), london(3, 29, 9)),
    ],
)
def test_when_it_is_due(lead: Lead, starts: datetime, due: datetime) -> None:
    times = rules.times(lead, starts, ZONE, QUIET)
    assert times is not None
    assert times.due_at.astimezone(LONDON) == due
    assert times.fresh_from < times.due_at < times.last_call <= starts


def test_the_same_wall_time_is_another_distance_when_the_clocks_change() -> None:
    spring = rules.times(Lead.DAY, london(3, 29, 14), ZONE, QUIET)
    autumn = rules.times(Lead.DAY, london(10, 25, 14), ZONE, QUIET)
    assert spring is not None
    assert autumn is not None
    assert london(3, 29, 14).astimezone(UTC) - spring.due_at == timedelta(hours=23)
    assert london(10, 25, 14).astimezone(UTC) - autumn.due_at == timedelta(hours=25)


def test_where_it_is_always_night_nobody_is_reminded() -> None:
    almost_always = (time(8, 5), time(8))
    assert rules.times(Lead.TWO_HOURS, london(6, 10, 6), ZONE, almost_always) is None


@given(
    starts=MOMENTS,
    lead=st.sampled_from(list(Lead)),
    zone=st.sampled_from(["Europe/London", "Europe/Lisbon", "Australia/Lord_Howe", "Asia/Kolkata"]),
    begin=st.times(),
    end=st.times(),
)
def test_never_at_night_and_always_before_the_shift(
    starts: datetime, lead: Lead, zone: str, begin: time, end: time
) -> None:
    quiet = (begin, end)
    starts_at = starts
    times = rules.times(lead, starts_at, zone, quiet)
    if times is not None:
        assert not in_quiet_hours(times.due_at, zone, quiet)
        assert times.due_at < starts_at
        assert times.due_at < times.last_call <= starts_at


@given(
    now=MOMENTS,
    minutes=st.integers(1, 20_000),
)
def test_what_is_written_leaves_while_its_words_are_true(now: datetime, minutes: int) -> None:
    here = now
    starts = here + timedelta(minutes=minutes)
    until = rules.must_leave_by(here, starts, ZONE, QUIET)
    assert here < until <= starts
    last = until - timedelta(microseconds=1)
    there = ZoneInfo(ZONE)
    assert last.astimezone(there).date() == here.astimezone(there).date()
    if not in_quiet_hours(here, ZONE, QUIET):
        assert not in_quiet_hours(last, ZONE, QUIET)


LIBRARY = rules.Place(
    "Hathern Library", "Desk, tomorrow, 9 to 11am", "12 Market Street, LE12 5LB", "The library"
)


def test_the_text_asks_for_an_answer() -> None:
    assert rules.text_of((LIBRARY,)) == (
        "Hathern Library: reminder. Desk, tomorrow, 9 to 11am, 12 Market Street, LE12 5LB. "
        "Reply OK, or NO if you can't come."
    )


def test_whoever_has_said_ok_is_not_asked_again() -> None:
    said = rules.text_of((replace(LIBRARY, is_assured=True),))
    assert "Reply OK" not in said
    assert "Reply NO" in said


def test_one_text_tells_of_two_shifts() -> None:
    tea = rules.Place("Hathern Library", "Tea, tomorrow, 2 to 4pm", "The hall", "The hall")
    said = rules.text_of((LIBRARY, tea))
    assert said.startswith("Hathern Library: reminder. Desk, tomorrow, 9 to 11am, 12 Market")
    assert "; and Tea, tomorrow, 2 to 4pm, The hall." in said
    assert said.endswith("Reply OK if you come to all, NO if to none.")


def test_two_groups_share_a_text_of_ours() -> None:
    other = rules.Place("Food Bank", "Sorting, tomorrow, 2 to 4pm", "The hall", "The hall")
    assert rules.text_of((LIBRARY, other)).startswith("Many Hands: reminder.")


def test_a_long_address_gives_way_to_the_sites_name() -> None:
    long = rules.Place(
        "Loughborough Community Food Bank",
        "Food parcel driver, tomorrow, 6:30 to 8:30pm",
        "The Old Methodist Schoolroom, 112 Leicester Road, LE11 2AG",
        "Schoolroom",
    )
    said = rules.text_of((long,))
    assert "Schoolroom" in said
    assert "LE11" not in said
    assert count(said + "\nReply STOP to opt out.").segments == 1
