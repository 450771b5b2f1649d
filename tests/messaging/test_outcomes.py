"""What an answer of the carrier means, row by row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.messaging.rules import outcomes
from app.messaging.rules.outcomes import Verdict


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (429, 20429, Verdict.TRY_LATER),
        (400, 21611, Verdict.TRY_LATER),
        (400, 21610, Verdict.OPTED_OUT),
        (400, 21211, Verdict.FAILED),
        (401, 20003, Verdict.FAILED),
        (404, None, Verdict.FAILED),
        (408, None, Verdict.UNCERTAIN),
        (500, None, Verdict.UNCERTAIN),
        (503, 20503, Verdict.UNCERTAIN),
    ],
)
def test_a_refusal_has_one_meaning(status: int, code: int | None, verdict: Verdict) -> None:
    outcome = outcomes.of_refusal(status, code)
    assert outcome.verdict == verdict
    assert outcome.reason


@pytest.mark.parametrize(
    ("code", "words"),
    [(None, ""), ("30003", "switched off"), ("21610", "STOP"), ("99999", "99999")],
)
def test_an_undelivered_text_says_why(code: str | None, words: str) -> None:
    assert words in outcomes.undelivered_reason(code)


@pytest.mark.parametrize(
    ("attempts", "hours", "seconds"),
    [(1, 0, 2), (3, 0, 8), (9, 1, 300), (500, 23, 300), (2, 24, None)],
)
def test_the_pause_grows_and_a_day_is_enough(
    attempts: int, hours: int, seconds: int | None
) -> None:
    pause = outcomes.next_try_after(attempts, timedelta(hours=hours))
    assert pause == (None if seconds is None else timedelta(seconds=seconds))
