"""Several coordinators, workers and volunteers at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.broadcasts import service
from app.broadcasts.models import Broadcast, BroadcastState, Pace
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.signups import service as places
from app.signups.models import Signup, Way
from tests.broadcasts.pages import people
from tests.broadcasts.running import fresh, started, tonight


def together(app: Flask, works: Sequence[partial[object]]) -> list[BaseException]:
    """Do each work in a thread and a context of its own, at one moment; what went wrong."""
    barrier = threading.Barrier(len(works))
    faults: list[BaseException] = []

    def apart(work: partial[object]) -> None:
        with app.app_context():
            try:
                barrier.wait()
                work()
            except BaseException as fault:  # the thread must tell, or the test could pass by it
                faults.append(fault)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=apart, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return faults


def test_asking_and_claiming_at_the_same_moment_stop_neither(app: Flask, boss: User) -> None:
    """The engine asks somebody who is taking the last place just then, again and again."""
    crowd = people(12, asks_per_week=100)
    ids = [one.id for one in crowd]
    for _ in range(5):
        shift = tonight(places=1)
        broadcast = started(shift, boss, pace=Pace.EVERYONE)
        works = [
            partial(service.advance, broadcast.id),
            partial(places.claim, shift.id, ids[0], way=Way.WEB),
        ]
        assert together(app, works) == []
        assert fresh(broadcast).state == BroadcastState.ENDED
        with transaction():
            db.session.query(Signup).delete()


def test_of_two_requests_for_one_shift_one_starts(app: Flask, boss: User) -> None:
    people(5, asks_per_week=100)
    boss_id = boss.id
    for _ in range(5):
        shift_id = tonight().id
        drafts = [service.draft([shift_id], boss_id).id for _ in range(4)]
        faults = together(app, [partial(service.start, draft, boss_id) for draft in drafts])
        assert [type(fault) for fault in faults] == [Refusal] * 3
        assert all("already asks" in str(fault) for fault in faults)


def test_drafts_of_the_same_moment_have_numbers_of_their_own(app: Flask, boss: User) -> None:
    shift_id, boss_id = tonight().id, boss.id
    works = [partial(service.draft, [shift_id], boss_id) for _ in range(6)]
    assert together(app, works) == []
    db.session.rollback()
    numbers = db.session.scalars(select(Broadcast.number)).all()
    assert len(set(numbers)) == len(numbers) == 6


def test_one_requests_fault_does_not_hold_up_the_others(
    boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(5, asks_per_week=100)
    bad, good = started(tonight(), boss), started(tonight(), boss)
    bad_id, advance = bad.id, service.course.advance

    def fail_on_the_first(broadcast_id: int) -> None:
        if broadcast_id == bad_id:
            raise RuntimeError("a fault of ours")
        advance(broadcast_id)

    monkeypatch.setattr(service.course, "advance", fail_on_the_first)
    with pytest.raises(ExceptionGroup):
        service.advance_all()
    assert fresh(good).wave == 1
