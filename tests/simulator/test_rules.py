"""Words and chance, as the stand-in takes them."""

from __future__ import annotations

import pytest

from app.simulator import rules
from app.simulator.rules import Dials, Keyword


@pytest.mark.parametrize(
    ("body", "keyword"),
    [
        ("STOP", Keyword.STOP),
        (" stopall\n", Keyword.STOP),
        ("unstop", Keyword.START),
        ("Help", Keyword.HELP),
        ("stop please", None),
        ("YES", None),
        ("CANCEL", None),
        ("END", None),
        ("", None),
    ],
)
def test_a_keyword_counts_only_alone(body, keyword):
    assert rules.keyword(body) == keyword


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ("Drive tonight? Reply 27 YES or 27 NO.", ["27 YES", "27 NO", "YES", "NO", "STOP"]),
        ("Can you come? Reply YES", ["YES", "NO", "STOP"]),
        ("Your code is 123456", ["YES", "NO", "STOP"]),
        ("", ["YES", "NO", "STOP"]),
    ],
)
def test_the_quick_answers_name_the_request(body, answers):
    assert rules.quick_answers(body) == answers


def test_a_phone_that_stopped_is_offered_the_way_back():
    assert rules.quick_answers("Reply YES", stopped=True) == ["YES", "NO", "START"]


def test_a_text_about_yesterday_asks_nothing():
    assert not rules.asks("Thanks for yesterday")


@pytest.mark.parametrize(("drawn", "happens"), [(0.0, True), (0.24, True), (0.25, False)])
def test_a_share_happens_as_often_as_it_says(drawn, happens):
    assert rules.happens(25, lambda: drawn) is happens


def test_nothing_happens_at_none_of_a_hundred():
    assert not rules.happens(0, lambda: 0.0)


def test_a_step_takes_the_delay_and_some_of_the_jitter():
    assert Dials(2, 4).pause(lambda: 0.5).total_seconds() == 4


def test_each_failure_has_a_code():
    assert {rules.failure(lambda drawn=drawn: drawn / 100) for drawn in range(100)} == {
        (30003, True),
        (30005, True),
        (30007, True),
        (30008, True),
        (30001, False),
    }
