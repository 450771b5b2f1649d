"""What the facts mean, and when a problem is told; tables, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.rules.alarms import REMIND_EVERY, WELL_FOR, WRONG_FOR, Known, decide
from app.operations.rules.problems import (
    CarrierFacts,
    Facts,
    Kind,
    LaneFacts,
    Problem,
    TaskFacts,
    how_often,
    problems,
    spoken,
)
from app.operations.rules.waiting import Waiting, why

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def ago(**length: float) -> timedelta:
    return timedelta(**length)


def lane(name: str = "urgent", **said: Any) -> Facts:
    return Facts(lanes=(LaneFacts(name, **said), LaneFacts("ordinary")))


def carrier(**said: Any) -> Facts:
    return Facts(carriers=(CarrierFacts("Twilio", **said),))


def task(**said: Any) -> Facts:
    return Facts(tasks=(TaskFacts("app.x", "Look", pause=ago(seconds=15), **said),))


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        (Facts(), []),
        (Facts(since_reminders=ago(minutes=10), reminders_late=ago(minutes=10)), []),
        (Facts(since_reminders=ago(minutes=11)), [Kind.REMINDERS]),
        (Facts(since_reminders=ago(minutes=1), reminders_late=ago(minutes=11)), [Kind.REMINDERS]),
        (Facts(since_sweep=ago(seconds=119)), []),
        (Facts(since_sweep=ago(seconds=121)), [Kind.SWEEP]),
        (Facts(since_sweep=None), [Kind.SWEEP]),
        (Facts(redis_answers=False), [Kind.REDIS]),
        (lane(workers=0), [Kind.WORKER]),
        # One sentence for one cause: not one for each lane.
        (
            Facts(lanes=(LaneFacts("answers", workers=0), LaneFacts("email", workers=0))),
            [Kind.WORKER],
        ),
        (lane("answers", oldest_due=ago(seconds=119)), []),
        (lane("answers", oldest_due=ago(seconds=121)), [Kind.QUEUE]),
        # A large request takes hours, and that is no fault while it goes on.
        (lane("urgent", oldest_due=ago(hours=3), is_moving=True), []),
        (lane("urgent", oldest_due=ago(hours=3), is_moving=False), [Kind.QUEUE]),
        (lane("urgent", oldest_due=ago(minutes=9), is_moving=False), []),
        (lane("email", oldest_due=ago(minutes=11), is_moving=False), [Kind.QUEUE]),
        (lane("urgent", oldest_due=None, is_moving=False), []),
        (carrier(attempts=19, failing=19), []),
        (carrier(attempts=100, failing=19), []),
        (carrier(attempts=100, failing=20), [Kind.FAILURES]),
        (carrier(attempts=100, failing=20, resting_because="Slow."), [Kind.CARRIER]),
        (carrier(resting_because="Slow."), [Kind.CARRIER]),
        (Facts(replies_waited=ago(seconds=119)), []),
        (Facts(replies_waited=ago(seconds=121)), [Kind.REPLIES]),
        (Facts(undecided=1), [Kind.UNCERTAIN]),
        (Facts(breaches=1), [Kind.CONSERVATION]),
        (Facts(held_for=ago(minutes=59)), []),
        (Facts(held_for=ago(minutes=61)), [Kind.HELD]),
        (task(failing_for=ago(seconds=1)), [Kind.TASK]),
        (task(since_ended=ago(minutes=9)), []),
        (task(since_ended=ago(minutes=11)), [Kind.TASK]),
        (task(), []),  # new: it has not run yet
    ],
)
def test_what_is_wrong(facts: Facts, kinds: list[Kind]) -> None:
    assert [problem.kind for problem in problems(facts)] == kinds


def test_a_slow_task_may_take_ten_of_its_pauses() -> None:
    daily = TaskFacts("app.x", "Look", pause=ago(days=1), since_ended=ago(days=9))
    assert problems(Facts(tasks=(daily,))) == []


def test_while_somebody_holds_all_sending_nothing_is_late() -> None:
    late = LaneFacts("urgent", oldest_due=ago(hours=1), is_moving=False)
    assert problems(Facts(lanes=(late,), held_for=ago(minutes=5))) == []


def test_the_sentences_are_plain() -> None:
    found = problems(
        Facts(
            since_sweep=ago(minutes=3),
            lanes=(LaneFacts("urgent", 1, ago(hours=2), 1, False),),
            carriers=(CarrierFacts("Twilio", 50, 25, "The carrier had a fault."),),
            undecided=1,
            breaches=2,
        )
    )
    assert [problem.sentence for problem in found] == [
        "The sweep, which finds forgotten work, has not run for 3 minutes.",
        "“Urgent requests” has waited for 2 hours: 1 message in the lane.",
        "25 of the last 50 attempts at Twilio failed. The last reason: The carrier had a fault.",
        "1 message has been uncertain for more than 30 minutes, and nobody has decided.",
        "The numbers of 2 urgent requests do not add up: the people asked are not as many as "
        "their messages.",
    ]


@pytest.mark.parametrize(
    ("length", "words"),
    [
        ({"seconds": -1}, "0 seconds"),
        ({"seconds": 1}, "1 second"),
        ({"seconds": 89}, "89 seconds"),
        ({"seconds": 90}, "2 minutes"),
        ({"minutes": 89}, "89 minutes"),
        ({"hours": 35}, "35 hours"),
        ({"hours": 36}, "2 days"),
    ],
)
def test_a_length_of_time_in_words(length: dict[str, float], words: str) -> None:
    assert spoken(timedelta(**length)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "every 5 seconds"),
        (60, "every minute"),
        (90, "every 90 seconds"),
        (120, "every 2 minutes"),
        (3600, "every hour"),
        (86400, "every day"),
    ],
)
def test_how_often_in_words(seconds: int, words: str) -> None:
    assert how_often(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (Waiting("urgent", is_held=True, run_is_paused=True), "All sending is paused."),
        (Waiting("urgent", run_is_paused=True, workers=0), "Their request is paused."),
        (Waiting("urgent", waits_for_morning=True, workers=0), "It is night"),
        (Waiting("urgent", workers=0, redis_answers=False), "No worker serves the lane “Urgent"),
        (Waiting("urgent", redis_answers=False, seconds_ahead=9), "Redis is away"),
        (Waiting("urgent", seconds_ahead=600), "it is busy for 10 minutes."),
        (Waiting("urgent", share=0.44, seconds_ahead=600), "we send at 44% of our rate."),
        (Waiting("email", share=0.44, seconds_ahead=600), "Others before them are leaving now."),
        (Waiting("urgent", seconds_ahead=0.5), "Others before them are leaving now."),
        (Waiting("urgent", is_moving=False), "We do not know."),
    ],
)
def test_why_they_wait(of: Waiting, reason: str) -> None:
    assert reason in why(of)


# Alarms

REDIS = Problem(Kind.REDIS, "", "Redis does not answer.", "Start it.")
SWEEP = Problem(Kind.SWEEP, "", "Nobody sweeps.", "Look.")


def known(began: timedelta, **said: datetime | None) -> Known:
    return Known(1, "redis", "", NOW - began, **said)


@pytest.mark.parametrize(
    ("wrong", "alarm", "lists"),
    [
        # Seen for the first time: kept, told to nobody.
        ([REDIS], None, {"begin": (REDIS,)}),
        ([REDIS], known(ago(minutes=4, seconds=59)), {}),
        ([REDIS], known(WRONG_FOR), {"tell": (1,)}),
        # It had seemed well for a moment: the five minutes count from its beginning.
        (
            [REDIS],
            known(WRONG_FOR, well_since=NOW - ago(seconds=30)),
            {"tell": (1,), "still_wrong": (1,)},
        ),
        ([REDIS], known(ago(hours=9), told_at=NOW - ago(hours=8)), {}),
        ([REDIS], known(ago(days=2), told_at=NOW - REMIND_EVERY), {"remind": (1,)}),
        (
            [REDIS],
            known(ago(days=3), told_at=NOW - ago(days=3), reminded_at=NOW - ago(hours=1)),
            {},
        ),
        # Gone: watched first, then told, or dropped when nobody had been told.
        ([], known(ago(hours=1), told_at=NOW - ago(minutes=50)), {"seems_well": (1,)}),
        ([], known(ago(minutes=2)), {"seems_well": (1,)}),
        (
            [],
            known(ago(hours=1), told_at=NOW, well_since=NOW - ago(minutes=4)),
            {},
        ),
        ([], known(ago(hours=1), told_at=NOW, well_since=NOW - WELL_FOR), {"end": (1,)}),
        ([], known(ago(minutes=9), well_since=NOW - WELL_FOR), {"drop": (1,)}),
        # Another problem does not keep this one open, nor this one that.
        (
            [SWEEP],
            known(ago(hours=1), told_at=NOW, well_since=NOW - WELL_FOR),
            {"begin": (SWEEP,), "end": (1,)},
        ),
    ],
)
def test_when_an_alarm_is_told_and_when_it_ends(
    wrong: list[Problem], alarm: Known | None, lists: dict[str, tuple[Any, ...]]
) -> None:
    decision = decide(wrong, [alarm] if alarm else [], {("redis", ""): 1}, NOW)
    for name in ("begin", "tell", "remind", "still_wrong", "seems_well", "end", "drop"):
        assert getattr(decision, name) == lists.get(name, ()), name


@pytest.mark.parametrize(("times", "minutes"), [(1, 5), (2, 10), (3, 20), (7, 320), (50, 320)])
def test_what_comes_back_must_stay_away_longer(times: int, minutes: int) -> None:
    for seconds, ended in ((minutes * 60 - 1, ()), (minutes * 60, (1,))):
        gone = known(ago(days=1), told_at=NOW, well_since=NOW - ago(seconds=seconds))
        assert decide([], [gone], {gone.key: times}, NOW).end == ended


@given(st.lists(st.integers(min_value=10, max_value=3600), min_size=40, max_size=400))
def test_no_flicker_makes_a_flood(lengths: list[int]) -> None:
    """Whatever comes and goes within a day, few emails leave, and each start has one end."""
    moment, told, ended, reminded = NOW, [], [], []
    alarm: Known | None = None
    for number, length in enumerate(lengths):
        wrong = [REDIS] if number % 2 == 0 else []
        until = moment + timedelta(seconds=length)
        while moment < until and moment < NOW + timedelta(days=1):
            today = sum(at > moment - timedelta(days=1) for at in told)
            decision = decide(wrong, [alarm] if alarm else [], {("redis", ""): today}, moment)
            if decision.begin:
                alarm = Known(1, "redis", "", moment)
            if alarm and decision.tell:
                told.append(moment)
                alarm = Known(1, "redis", "", alarm.began_at, moment)
            if decision.remind:
                reminded.append(moment)
            if alarm and decision.still_wrong:
                alarm = Known(1, "redis", "", alarm.began_at, alarm.told_at)
            if alarm and decision.seems_well:
                alarm = Known(1, "redis", "", alarm.began_at, alarm.told_at, None, moment)
            if decision.end:
                ended.append(moment)
            if decision.end or decision.drop:
                alarm = None
            moment += timedelta(seconds=30)
    assert len(told) <= 10
    assert len(told) - 1 <= len(ended) <= len(told)
    assert reminded == []
