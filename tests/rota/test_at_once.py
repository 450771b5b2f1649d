"""Two managers, and a volunteer, at the same moment: real threads and a barrier."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities import making as daily
from app.opportunities import service as opportunities
from app.opportunities.models import Shift, Stage
from app.opportunities.rules import Repeat
from app.rota.changing import service, undoing
from app.rota.changing.drafts import Close, Conflict
from app.rota.changing.models import RotaChange
from app.rota.changing.service import Differs
from app.signups import service as signups
from app.signups.models import HOLDING, Signup, Standing, Way
from tests import factories as make
from tests.rota.making import apply, edit, pattern_change, person_on, shift_change, shifts_of


def together(app: Flask, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of it at one moment, each in a thread of its own; what came of each."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait(timeout=30)
            try:
                results[number] = work()
            except Exception as fault:  # looked at by the test
                results[number] = fault
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=run, args=(number, work)) for number, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    db.session.rollback()
    return results


@pytest.fixture
def weekly(app: Flask) -> Any:
    """A pattern of the coming half year."""
    role = make.opportunity()
    tomorrow = clock.now().date() + timedelta(days=1)
    pattern, _ = opportunities.add_pattern(
        role.group_id,
        role.id,
        Repeat(
            rule="FREQ=WEEKLY;BYDAY=TU",
            starts=time(10),
            ends=time(12),
            first_day=tomorrow,
            last_day=None,
        ),
        places=2,
        minimum=1,
    )
    return pattern


def local(shift: Shift) -> datetime:
    return shift.starts_at.astimezone(ZoneInfo("Europe/London"))


def doing(change: Any) -> Callable[[], Any]:
    seen = service.look(change).fingerprint
    return lambda: service.apply(change, seen, None).id


def test_of_two_managers_of_one_shift_the_second_is_told(app: Flask, weekly: Any) -> None:
    shift = shifts_of(weekly.opportunity_id)[3]
    works = [
        doing(shift_change(shift, places=5)),
        doing(shift_change(shift, places=7)),
        doing(shift_change(shift, starts=time(9))),
    ]
    results = together(app, works)
    assert sum(isinstance(one, Conflict) for one in results) == 2
    assert len(db.session.scalars(select(RotaChange)).all()) == 1
    assert db.session.get_one(Shift, shift.id).version == 1


def test_of_two_managers_of_one_pattern_the_second_is_told(app: Flask, weekly: Any) -> None:
    works = [
        doing(pattern_change(weekly, places=4)),
        doing(pattern_change(weekly, starts=time(14), ends=time(16))),
    ]
    results = together(app, works)
    assert sum(isinstance(one, Conflict) for one in results) == 1
    faces = {(one.places, local(one).hour) for one in shifts_of(weekly.opportunity_id)}
    assert faces in ({(4, 10)}, {(2, 14)})


def test_a_claim_at_the_moment_of_a_change_is_never_lost(app: Flask, weekly: Any) -> None:
    shift = shifts_of(weekly.opportunity_id)[2]
    someone = make.volunteer()
    change = pattern_change(weekly, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")
    gone = next(line.step.shift for line in service.look(change).lines)
    assert gone is not None
    claimed, changed = together(
        app,
        [
            lambda: signups.claim(gone.id, someone.id, way=Way.WEB).id,
            doing(change),
        ],
    )
    row = db.session.get(Shift, gone.id)
    if isinstance(claimed, int):
        # The place was first: the change was shown again, and nothing of it done.
        assert isinstance(changed, Differs)
        assert row is not None
        assert db.session.get_one(Signup, claimed).standing == Standing.CONFIRMED
    else:
        assert isinstance(changed, int)
        assert row is None
    assert db.session.get(Shift, shift.id) is not None or shift.id == gone.id


def test_a_change_and_the_daily_task_make_no_shift_twice(app: Flask, weekly: Any) -> None:
    later = clock.now() + timedelta(weeks=3)
    with clock.stopped_at(later):
        change = pattern_change(weekly, rule="FREQ=WEEKLY;BYDAY=WE")
        results = together(app, [doing(change), daily.extend_patterns, daily.extend_patterns])
        assert not [one for one in results if isinstance(one, Exception)] or any(
            isinstance(one, Differs) for one in results
        )
        daily.extend_patterns()
    keys = [(one.series, one.occurrence_day) for one in shifts_of(weekly.opportunity_id)]
    assert len(keys) == len(set(keys))


def test_a_closure_and_the_daily_task_leave_no_shift_on_a_closed_day(
    app: Flask, weekly: Any
) -> None:
    group_id, role_id = weekly.opportunity.group_id, weekly.opportunity_id
    with clock.stopped_at(clock.now() + timedelta(weeks=4)):
        first = clock.now().date() + timedelta(weeks=23)
        last = first + timedelta(weeks=3)
        change = Close(group_id=group_id, site_id=None, name="x", first_day=first, last_day=last)
        results = together(app, [doing(change), daily.extend_patterns])
        if isinstance(results[0], Differs):  # the daily task was first: look again
            apply(change)
        daily.extend_patterns()
        closed = [one for one in shifts_of(role_id) if first <= one.starts_at.date() <= last]
    assert closed == []


def test_of_two_who_undo_one_does(app: Flask, weekly: Any) -> None:
    person_on(shifts_of(weekly.opportunity_id)[1])
    done = apply(pattern_change(weekly, starts=time(14), ends=time(16)))
    group_id, number = done.group_id, done.id
    results = together(app, [lambda: undoing.undo(group_id, number, None).id] * 3)
    assert sum(isinstance(one, int) for one in results) == 1
    hours = {one.ends_at - one.starts_at for one in shifts_of(weekly.opportunity_id)}
    assert hours == {timedelta(hours=2)}
    assert {local(one).hour for one in shifts_of(weekly.opportunity_id)} == {10}


@pytest.mark.parametrize("attempt", range(3))
def test_a_place_given_back_and_one_taken_at_that_moment_are_never_both_held(
    app: Flask, weekly: Any, attempt: int
) -> None:
    shift = shifts_of(weekly.opportunity_id)[3]
    edit(shift, places=8)
    people = [person_on(shift)[0].id for _ in range(6)]
    done = apply(
        pattern_change(weekly, last_day=shift.starts_at.date() - timedelta(days=1)),
        along=[shift.id],
        reason="We close for good.",
    )
    assert db.session.get_one(Shift, shift.id).stage == Stage.CANCELLED
    other = make.shift(starts_at=shift.starts_at + timedelta(minutes=30), places=8)
    group_id, change_id, numbers = done.group_id, done.id, [shift.id, other.id]

    def claim(volunteer_id: int) -> Callable[[], Any]:
        return lambda: signups.claim(numbers[1], volunteer_id, way=Way.WEB).id

    db.session.rollback()
    works = [lambda: undoing.undo(group_id, change_id, None).id, *map(claim, people)]
    results = together(app, works)
    assert isinstance(results[0], int)
    assert [one for one in results if not isinstance(one, int | Refusal)] == []
    held = db.session.scalars(
        select(Signup.volunteer_id).where(
            Signup.shift_id.in_(numbers), Signup.standing.in_(HOLDING)
        )
    ).all()
    assert sorted(held) == sorted(people)


@pytest.mark.parametrize("attempt", range(3))
def test_changes_that_give_places_to_two_queues_do_not_block_one_another(
    app: Flask, attempt: int
) -> None:
    shifts = [make.shift(places=1), make.shift(places=1, starts_at=clock.now() + timedelta(days=9))]
    people = [make.volunteer() for _ in range(8)]
    for shift, queue in zip(shifts, (people, people[::-1]), strict=True):
        signups.claim(shift.id, make.volunteer().id, way=Way.WEB)
        for person in queue:
            signups.claim(shift.id, person.id, way=Way.WEB)
    works = [doing(shift_change(shift, places=9)) for shift in shifts]
    results = together(app, works)
    assert [one for one in results if not isinstance(one, int)] == []
    for shift in shifts:
        assert db.session.get_one(Shift, shift.id).taken == 9


@pytest.mark.parametrize("attempt", range(4))
def test_a_change_that_makes_shifts_and_the_close_of_its_role_do_not_block_one_another(
    app: Flask, weekly: Any, attempt: int
) -> None:
    group_id, role_id = weekly.opportunity.group_id, weekly.opportunity_id
    works = [
        doing(pattern_change(weekly, rule="FREQ=WEEKLY;BYDAY=TU,WE,TH,FR,SA,SU")),
        lambda: opportunities.close(group_id, role_id).stage,
    ]
    results = together(app, works)
    assert [one for one in results if isinstance(one, Exception)] == []
