"""When a shift is an alarm: the rule alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.safeguarding.rules.alarms import Crew, Danger, dangers, is_urgent, sentence, still_holds

NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
WATCH = timedelta(hours=48)
NEAR, FAR = timedelta(hours=47), timedelta(days=30)


def crew(ahead: timedelta = FAR, **said: Any) -> Crew:
    usual: dict[str, Any] = {
        "minimum": 2,
        "places": 4,
        "never_alone": False,
        "coming": 2,
        "adults": said.get("coming", 2),
        "under_18": 0,
    }
    starts_at = NOW + ahead
    return Crew(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), **(usual | said))


@pytest.mark.parametrize(
    ("shift", "found"),
    [
        (crew(NEAR), []),
        (crew(FAR, coming=1), []),  # a gap, weeks ahead
        (crew(NEAR, coming=1), [Danger.BELOW_MINIMUM]),
        (crew(FAR, coming=1, has_lost_one=True), [Danger.ALONE, Danger.BELOW_MINIMUM]),
        (crew(FAR, coming=0, minimum=1, has_lost_one=True), [Danger.BELOW_MINIMUM]),
        # It was below its minimum before: this one's leaving did not bring it there.
        (crew(FAR, coming=2, minimum=4, has_lost_one=True), []),
        (crew(FAR, coming=3, minimum=4, has_lost_one=True), [Danger.BELOW_MINIMUM]),
        # A place for one is not an alarm when one has it, unless nobody may be alone.
        (crew(NEAR, coming=1, minimum=1, places=1, has_lost_one=True), []),
        (crew(NEAR, coming=1, minimum=1, never_alone=True), [Danger.ALONE]),
        (crew(FAR, coming=1, minimum=1, never_alone=True), []),
        (crew(NEAR, coming=0, minimum=0, never_alone=True), []),
        (crew(FAR, coming=2, adults=0, under_18=2), [Danger.NO_ADULT]),
        (crew(FAR, coming=2, adults=1, under_18=1), []),
        # Somebody who has not told their age is no adult.
        (crew(FAR, coming=2, adults=0, under_18=1), [Danger.NO_ADULT]),
        (crew(NEAR, coming=0, runs=False), []),
        (crew(timedelta(hours=-3), coming=0), []),
        (crew(timedelta(hours=-1), coming=1), [Danger.BELOW_MINIMUM]),  # it is on
    ],
)
def test_what_is_an_alarm(shift: Crew, found: list[Danger]) -> None:
    assert dangers(shift, NOW, WATCH) == found


def test_an_alarm_far_ahead_stays_until_all_is_well_again() -> None:
    assert dangers(crew(FAR, coming=1), NOW, WATCH) == []
    assert still_holds(Danger.BELOW_MINIMUM, crew(FAR, coming=1), NOW)
    assert still_holds(Danger.ALONE, crew(FAR, coming=1), NOW)
    assert not still_holds(Danger.ALONE, crew(FAR, coming=2), NOW)
    assert not still_holds(Danger.BELOW_MINIMUM, crew(FAR, coming=2), NOW)
    assert not still_holds(Danger.NO_ADULT, crew(FAR, under_18=1, adults=1), NOW)
    assert not still_holds(Danger.BELOW_MINIMUM, crew(timedelta(hours=-3), coming=0), NOW)


@pytest.mark.parametrize("danger", list(Danger))
def test_each_danger_is_told_in_a_sentence(danger: Danger) -> None:
    for coming in (0, 1, 2):
        said = sentence(danger, crew(coming=coming, minimum=3, under_18=coming))
        assert said.endswith(".")
        assert said.count(".") == 1


def test_the_last_day_is_urgent() -> None:
    assert is_urgent(NOW + timedelta(hours=24), NOW)
    assert not is_urgent(NOW + timedelta(hours=25), NOW)
