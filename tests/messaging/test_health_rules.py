"""When a carrier should rest: decided from counts alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.messaging.rules.health import (
    CLASSES,
    LONGEST_REST,
    Seen,
    class_of,
    is_refusal,
    median_seconds,
    rest_after,
    trouble,
)
from app.messaging.rules.outcomes import Outcome, Verdict


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Seen(), ""),
        (Seen(asked=1000), ""),
        # A few faults are the wire's, however few were asked.
        (Seen(asked=4, faults=4), ""),
        (Seen(asked=5, faults=5), "5 of 5 requests failed"),
        (Seen(asked=20, faults=5), "5 of 20 requests failed"),
        (Seen(asked=21, faults=5), ""),
        # What a rough day brings: 1% faults, 1% dropped, half a percent silent.
        (Seen(asked=5000, faults=125), ""),
        (Seen(asked=9, refused=9), ""),
        (Seen(asked=10, refused=9, faults=1), "10 of 10 texts were refused"),
        (Seen(asked=100, refused=89), ""),
        (Seen(asked=100, refused=90), "90 of 100 texts were refused"),
        (Seen(asked=8, slow=4), ""),
        (Seen(asked=10, slow=5), "5 of 10 answers took over 5 seconds"),
        (Seen(asked=11, slow=5), ""),
        (Seen(taken=19, late=19, delivered=1), ""),
        (Seen(taken=20, late=6, delivered=14), "6 of 20 texts took over 5 minutes"),
        (Seen(taken=20, late=5, delivered=15), ""),
        # No receipt at all: our own door may be shut.
        (Seen(taken=500, late=500, delivered=0), ""),
    ],
)
def test_what_is_trouble(seen: Seen, words: str) -> None:
    said = trouble(seen)
    assert said.startswith(words)
    assert bool(said) == bool(words)


@pytest.mark.parametrize(
    ("outcome", "refusal"),
    [
        (Outcome(Verdict.ACCEPTED), False),
        (Outcome(Verdict.UNCERTAIN, is_carriers_fault=True), False),
        (Outcome(Verdict.TRY_LATER, code="20429"), False),
        (Outcome(Verdict.FAILED, code="20003", is_carriers_fault=True), False),
        (Outcome(Verdict.FAILED, code="21614"), True),
        (Outcome(Verdict.OPTED_OUT, code="21610"), False),
    ],
)
def test_a_refusal_is_one_message_refused_for_good(outcome: Outcome, refusal: bool) -> None:
    assert is_refusal(outcome) is refusal


@pytest.mark.parametrize(
    ("rests", "minutes"), [(0, 2), (1, 4), (2, 8), (3, 16), (4, 30), (5, 30), (500, 30)]
)
def test_each_rest_in_a_row_is_longer_up_to_a_limit(rests: int, minutes: int) -> None:
    assert rest_after(rests) == timedelta(minutes=minutes) <= LONGEST_REST


@pytest.mark.parametrize(
    ("seconds", "place"), [(0.0, 0), (0.1, 0), (0.11, 1), (0.9, 3), (5.0, 5), (5.1, 6), (60, 6)]
)
def test_times_fall_in_classes(seconds: float, place: int) -> None:
    assert class_of(seconds) == place


def counts(*at: tuple[int, int]) -> list[int]:
    made = [0] * (len(CLASSES) + 1)
    for place, number in at:
        made[place] = number
    return made


@pytest.mark.parametrize(
    ("classes", "median"),
    [
        (counts(), None),
        (counts((0, 10)), 0.05),
        (counts((0, 5), (1, 5)), 0.1),
        (counts((0, 1), (2, 8), (6, 1)), 0.35),
        (counts((6, 2)), 7.5),
    ],
)
def test_the_median_is_read_from_the_classes(classes: list[int], median: float | None) -> None:
    assert median_seconds(classes) == (median if median is None else pytest.approx(median))
