"""What is broken when is drawn from the seed alone."""

from __future__ import annotations

from collections import Counter

from tests.chaos.plan import Amounts, Kind, plan

AMOUNTS = Amounts(kills=50, empties=5, restarts=2, cuts=20, stops=250, yeses=100)


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert plan(7, 100, AMOUNTS) == plan(7, 100, AMOUNTS)
    assert plan(7, 100, AMOUNTS) != plan(8, 100, AMOUNTS)


def test_everything_happens_as_often_as_asked_and_while_texts_are_sent() -> None:
    blows = plan(7, 100, AMOUNTS)
    assert Counter(blow.kind for blow in blows) == {
        Kind.KILL: 50,
        Kind.EMPTY_REDIS: 5,
        Kind.RESTART_REDIS: 2,
        Kind.CUT: 20,
        Kind.STOP: 250,
        Kind.YES: 100,
    }
    assert blows == sorted(blows)
    assert all(2 <= blow.at <= 95 and 0 <= blow.draw < 1 for blow in blows)
