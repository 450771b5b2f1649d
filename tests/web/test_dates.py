"""Dates and times as people type them."""

from __future__ import annotations

from datetime import date, time

import pytest

from app.foundation.errors import Refusal
from app.web import dates

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-05", date(2026, 12, 5)),
        ("5/12/2026", date(2026, 12, 5)),
        ("05/12/26", date(2026, 12, 5)),
        ("5.12.2026", date(2026, 12, 5)),
        ("5-12-2026", date(2026, 12, 5)),
        ("5/12", date(2026, 12, 5)),
        ("5 Dec", date(2026, 12, 5)),
        ("5dec", date(2026, 12, 5)),
        ("5th December", date(2026, 12, 5)),
        ("  Sat 5th of  December 2026 ", date(2026, 12, 5)),
        ("Saturday, 5 December", date(2026, 12, 5)),
        ("December 5", date(2026, 12, 5)),
        ("Dec 5, 2027", date(2027, 12, 5)),
        ("1 sept 2027", date(2027, 9, 1)),
        ("3 January", date(2027, 1, 3)),
        ("23 Nov", date(2026, 11, 23)),
        ("29 Feb", date(2028, 2, 29)),
        ("1st of March", date(2027, 3, 1)),
        ("today", date(2026, 11, 23)),
        ("Tomorrow", date(2026, 11, 24)),
    ],
)
def test_a_date_is_read_as_it_is_written(text: str, day: date) -> None:
    assert dates.parse_date(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "someday",
        "31/2/2026",
        "31 June",
        "29 Feb 2027",
        "13/13/2026",
        "5 foo",
        "0/0",
        "5 ma 12 1",
    ],
)
def test_what_is_no_date_is_refused_beside_its_field(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        dates.parse_date(text, TODAY, "day")
    assert refusal.value.field == "day"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("18:30", time(18, 30)),
        ("18:30:00", time(18, 30)),
        ("6.30pm", time(18, 30)),
        ("6:30 PM", time(18, 30)),
        ("6pm", time(18)),
        ("6 p.m.", time(18)),
        ("1830", time(18, 30)),
        ("9", time(9)),
        ("09:05", time(9, 5)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("noon", time(12)),
        ("midnight", time(0)),
    ],
)
def test_a_time_is_read_as_it_is_written(text: str, moment: time) -> None:
    assert dates.parse_time(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "25:00", "18:61", "13pm", "0am", "6:3"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        dates.parse_time(text)
