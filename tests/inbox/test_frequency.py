"""How often to ask, said by text: a small grammar that never clashes with yes, no and stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inbox import answers
from app.inbox.rules import Meaning, understand
from app.messaging.rules.segments import count
from app.volunteers.rules import ASK_LEVELS, HowOften

LESS, MORE, EMERGENCIES = HowOften(step=-1), HowOften(step=1), HowOften(per_week=0)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("LESS", LESS),
        ("less", LESS),
        ("Less please", LESS),
        ("less often", LESS),
        ("fewer texts please", LESS),
        ("less texts", LESS),
        ("text me less", LESS),
        ("Not so often", LESS),
        ("too many texts", LESS),
        ("Too often!", LESS),
        ("Too many requests, thanks", LESS),
        ("MORE", MORE),
        ("more often please", MORE),
        ("Ask me more", MORE),
        ("as often as you need me", MORE),
        ("ONLY EMERGENCIES", EMERGENCIES),
        ("Only emergencies!", EMERGENCIES),
        ("emergencies only", EMERGENCIES),
        ("emergency only pls", EMERGENCIES),
        ("only in an emergency", EMERGENCIES),
        ("Only text me in emergencies please", EMERGENCIES),
        ("just for emergencies", EMERGENCIES),
        ("0 a week", EMERGENCIES),
        ("1 a week", HowOften(per_week=1)),
        ("2 A WEEK", HowOften(per_week=2)),
        ("2 a week please", HowOften(per_week=2)),
        ("two a week", HowOften(per_week=2)),
        ("2 per week", HowOften(per_week=2)),
        ("2x a week", HowOften(per_week=2)),
        ("2 times a week", HowOften(per_week=2)),
        ("2 texts a week max", HowOften(per_week=2)),
        ("max 2 a week", HowOften(per_week=2)),
        ("at most 3 a week", HowOften(per_week=3)),
        ("no more than 2 a week please", HowOften(per_week=2)),
        ("once a week", HowOften(per_week=1)),
        ("Twice a week thanks", HowOften(per_week=2)),
        ("50 a week", HowOften(per_week=50)),
    ],
)
def test_a_wish_about_how_often_is_understood(text, wish):
    found = understand(text)
    assert (found.meaning, found.how_often, found.number) == (Meaning.often, wish, None)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("yes 2 a week", Meaning.yes),
        ("I can do 2 a week", Meaning.yes),
        ("no, 2 a week is too much", Meaning.no),
        ("27 yes", Meaning.yes),
        ("2", Meaning.unclear),
        ("2 NO", Meaning.no),
        ("no more", Meaning.stop),
        ("no more texts", Meaning.stop),
        ("stop 2 a week", Meaning.stop),
        ("less texts, stop", Meaning.stop),
        ("more info please", Meaning.question),
        ("more details?", Meaning.question),
        ("emergency", Meaning.unclear),
        ("is it an emergency?", Meaning.question),
        ("more than 2 of us", Meaning.unclear),
        ("weekly", Meaning.unclear),
        ("too late", Meaning.no),
        ("too far", Meaning.no),
    ],
)
def test_what_says_something_else_changes_nothing(text, meaning):
    found = understand(text)
    assert (found.meaning, found.how_often) == (meaning, None)


@given(
    st.sampled_from(["yes", "no", "stop", "27 yes", "can't", "help", "start"]),
    st.sampled_from(["2 a week", "less", "more", "only emergencies"]),
)
def test_beside_an_answer_the_answer_counts(answer, wish):
    assert understand(f"{answer}. {wish}").how_often is None
    assert understand(f"{wish}. {answer}").how_often is None


@pytest.mark.parametrize(
    "words", ["YES", "NO", "LESS", "MORE", "2 A WEEK", "ONLY EMERGENCIES", "STOP"]
)
def test_the_answer_to_help_names_every_word_that_works(words):
    assert words in answers.HELP
    assert understand(words).meaning not in (Meaning.unclear, Meaning.question)


@pytest.mark.parametrize(
    "text",
    [
        answers.HELP,
        answers.STARTED,
        answers.STOPPED,
        *(answers.asked_as_often(level) for level in ASK_LEVELS),
    ],
)
def test_a_fixed_answer_fits_one_segment(text):
    assert count(text).segments == 1
