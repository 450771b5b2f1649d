"""Rules that repeat: against dateutil, and against a model that knows nothing of rules."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from dateutil import tz as dateutil_tz
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.errors import Refusal
from app.opportunities.rules import Repeat, closing, occurrences
from app.opportunities.rules.repeating import CODES, ORDINALS, Rule, days, sentence, weekly

LONDON = "Europe/London"
# 2027/28: a leap day between; 1999/2000 and 2099/2100: the leap year that is one, and the not.
some_days = st.one_of(
    st.dates(date(2025, 1, 1), date(2032, 12, 31)),
    st.dates(date(2028, 2, 1), date(2028, 3, 15)),
    st.dates(date(2099, 11, 1), date(2100, 3, 15)),
)
some_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
some_rules = st.builds(
    Rule,
    st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found))),
    st.integers(1, 4),
    st.sampled_from([None, None, *ORDINALS]),
)


def by_hand(rule: Rule, start: date, day: date) -> bool:
    """Whether a day is one of the rule's, found by looking at the calendar on the wall."""
    if day < start or day.weekday() not in rule.weekdays:
        return False
    if rule.ordinal is None:
        weeks = (day.toordinal() - 1) // 7 - (start.toordinal() - 1) // 7  # 1 January 1 is a Monday
        return weeks % rule.every == 0
    months = (day.year - start.year) * 12 + day.month - start.month
    column = [
        week[day.weekday()]
        for week in calendar.Calendar().monthdayscalendar(day.year, day.month)
        if week[day.weekday()]
    ]
    wanted = column[-1] if rule.ordinal == -1 else column[rule.ordinal - 1]
    return months % rule.every == 0 and day.day == wanted


@given(rule=some_rules, start=some_days, ahead=st.integers(0, 500), length=st.integers(0, 500))
def test_the_days_are_those_of_the_calendar_on_the_wall(
    rule: Rule, start: date, ahead: int, length: int
) -> None:
    first = start + timedelta(days=ahead - 50)
    last = first + timedelta(days=length)
    repeat = Repeat(rule=rule.written(), starts=time(9), ends=time(10), first_day=start)
    every = (first + timedelta(days=n) for n in range(length + 1))
    assert days(repeat, first, last) == [day for day in every if by_hand(rule, start, day)]


@given(
    rule=some_rules,
    starts=some_times,
    start=some_days,
    length=st.integers(0, 800),
    skipped=st.sets(st.integers(0, 800), max_size=9),
    closed=st.sets(st.integers(0, 800), max_size=9),
)
def test_the_days_and_starts_are_those_of_dateutil(
    rule: Rule, starts: time, start: date, length: int, skipped: set[int], closed: set[int]
) -> None:
    start = min(start, date(2034, 12, 31))  # dateutil's own time zones know summers to 2037
    last = start + timedelta(days=length)
    skipped_days = {start + timedelta(days=n) for n in skipped}
    closed_days = {start + timedelta(days=n) for n in closed}
    byday = [rrule.weekday(day, rule.ordinal) for day in rule.weekdays]
    expected = rrule.rrule(
        rrule.WEEKLY if rule.ordinal is None else rrule.MONTHLY,
        interval=rule.every,
        wkst=rrule.MO,
        byweekday=byday,
        dtstart=datetime.combine(start, starts),
        until=datetime.combine(last, starts),
    )
    zone = dateutil_tz.gettz(LONDON)
    repeat = Repeat(
        rule=rule.written(),
        starts=starts,
        ends=time(23, 59),
        first_day=start,
        last_day=last,
        skipped=skipped_days,
    )
    assert [(o.day, o.starts_at) for o in occurrences(repeat, LONDON, closed=closed_days)] == [
        (face.date(), dateutil_tz.resolve_imaginary(face.replace(tzinfo=zone)).astimezone(UTC))
        for face in expected
        if face.date() not in skipped_days | closed_days
    ]


@given(rule=some_rules, start=some_days, starts=some_times)
def test_each_time_is_on_its_day_by_local_clocks_but_in_the_hour_that_is_skipped(
    rule: Rule, start: date, starts: time
) -> None:
    repeat = Repeat(
        rule=rule.written(),
        starts=starts,
        ends=time((starts.hour + 2) % 24, starts.minute),
        first_day=start,
        last_day=start + timedelta(days=400),
    )
    zone = ZoneInfo(LONDON)
    for one in occurrences(repeat, LONDON):
        face = one.starts_at.astimezone(zone).replace(tzinfo=None)
        skipped = face - datetime.combine(one.day, starts)
        assert skipped in (timedelta(0), timedelta(hours=1))
        if skipped:
            assert (one.day.month, one.day.weekday(), starts.hour) == (3, 6, 1)
        assert timedelta(hours=1) <= one.ends_at - one.starts_at <= timedelta(hours=3)


@given(rule=some_rules)
def test_a_rule_is_read_as_it_was_written(rule: Rule) -> None:
    assert Rule.read(rule.written()) == rule
    assert rrule.rrulestr(rule.written(), dtstart=datetime(2026, 1, 1))  # noqa: DTZ001 - local


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "Every second Tuesday and Thursday"),
        ("freq=weekly;byday=mo,tu,we,th,fr", "Every Monday to Friday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;WKST=MO", "Every day"),
        ("FREQ=WEEKLY;BYDAY=SA,MO,WE", "Every Monday, Wednesday and Saturday"),
        ("FREQ=MONTHLY;BYDAY=1TU", "The first Tuesday of the month"),
        ("FREQ=MONTHLY;BYDAY=+2TU,2TH", "The second Tuesday and Thursday of the month"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1SA", "The last Saturday of every second month"),
    ],
)
def test_a_rule_is_said_in_plain_words(text: str, says: str) -> None:
    assert Rule.read(text).words() == says


def test_a_pattern_reads_as_a_sentence() -> None:
    said = sentence("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", time(10), time(12))
    assert said == "Every second Tuesday and Thursday, 10am to noon"


@pytest.mark.parametrize(
    "text",
    [
        *("", ";", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=XX", "FREQ=YEARLY;BYDAY=MO"),
        *("FREQ=WEEKLY;BYDAY=1TU", "FREQ=MONTHLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=5TU"),
        *("FREQ=MONTHLY;BYDAY=1TU,2TH", "FREQ=MONTHLY;BYDAY=-2FR", "FREQ=MONTHLY;BYMONTHDAY=29"),
        *("FREQ=WEEKLY;INTERVAL=0;BYDAY=MO", "FREQ=WEEKLY;INTERVAL=x;BYDAY=MO"),
        *("FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;BYDAY=MO;WKST=SU"),
        *("FREQ=WEEKLY;FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO\nRRULE:FREQ=DAILY"),
    ],
)
def test_what_the_screens_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        Rule.read(text)


def test_fortnights_go_on_over_the_turn_of_a_year_of_53_weeks() -> None:
    repeat = Repeat(
        rule=weekly([4], 2), starts=time(9), ends=time(10), first_day=date(2026, 12, 18)
    )
    found = days(repeat, date(2026, 12, 1), date(2027, 1, 31))
    assert found == [date(2026, 12, 18), date(2027, 1, 1), date(2027, 1, 15), date(2027, 1, 29)]


def test_a_weekly_day_is_kept_over_29_february() -> None:
    repeat = Repeat(rule=weekly([1]), starts=time(9), ends=time(10), first_day=date(2028, 2, 22))
    found = days(repeat, date(2028, 2, 22), date(2028, 3, 7))
    assert found == [date(2028, 2, 22), date(2028, 2, 29), date(2028, 3, 7)]


def test_the_last_tuesday_of_february_is_the_leap_day_when_it_is() -> None:
    repeat = Repeat(
        rule="FREQ=MONTHLY;BYDAY=-1TU", starts=time(9), ends=time(10), first_day=date(2027, 1, 1)
    )
    assert date(2028, 2, 29) in days(repeat, date(2028, 2, 1), date(2028, 2, 29))


def test_a_repeat_without_an_end_needs_one_to_be_listed() -> None:
    repeat = Repeat(rule=weekly([1]), starts=time(9), ends=time(10), first_day=date(2028, 2, 22))
    with pytest.raises(ValueError, match="last day"):
        occurrences(repeat, LONDON)


def test_the_first_day_of_the_week_is_not_taken_from_the_process() -> None:
    before = calendar.firstweekday()
    calendar.setfirstweekday(calendar.SUNDAY)
    try:
        start = date(2031, 1, 4)  # a Saturday, of no other test
        repeat = Repeat(rule=weekly([6], 2), starts=time(9), ends=time(10), first_day=start)
        assert days(repeat, start, start + timedelta(days=16)) == [
            date(2031, 1, 5),
            date(2031, 1, 19),
        ]
    finally:
        calendar.setfirstweekday(before)


def test_the_bank_holidays_of_england_are_named() -> None:
    found = closing.bank_holidays(date(2026, 12, 24), date(2027, 1, 2))
    assert found == {
        date(2026, 12, 25): "Christmas Day",
        date(2026, 12, 26): "Boxing Day",
        date(2026, 12, 28): "Boxing Day, the day in its place",
        date(2027, 1, 1): "New Year's Day",
    }
    assert date(2027, 3, 29) in closing.bank_holidays(date(2027, 3, 29), date(2027, 3, 29))


def test_the_codes_are_those_of_the_standard() -> None:
    assert [str(rrule.weekday(n)) for n in range(7)] == list(CODES)
