"""Two hands at the same moment: real threads and a barrier."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.signups import service as places
from app.signups.models import LIVE, Signup, Way
from app.signups.standing import making, service
from app.signups.standing.models import StandingPlace
from app.volunteers.models import Volunteer
from tests import factories as make
from tests.signups.standing.test_service import NOW, TUESDAY, WEEK, days, desk, wanted


@pytest.fixture(autouse=True)
def _morning(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


def together(app: Flask, *works: Callable[[], object]) -> list[object]:
    """What each returned, or the refusal it met; any other fault is raised."""
    barrier = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait(timeout=30)
            try:
                results[place] = work()
            except Exception as fault:
                results[place] = fault
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refusal):
            raise result
    return results


def test_two_sweeps_make_each_place_once(app: Flask) -> None:
    pattern = desk()
    people = [make.volunteer().id for _ in range(2)]
    for person_id in people:
        make.save(
            StandingPlace(
                pattern_id=pattern.id,
                volunteer_id=person_id,
                weekdays=0,
                first_day=NOW.date(),
                state="active",
                told_at=clock.now(),
            )
        )
    db.session.remove()
    together(app, *[making.sweep] * 3)
    assert [len(days(person_id)) for person_id in people] == [10, 10]


def test_given_twice_at_once_it_is_one_standing_place(app: Flask) -> None:
    pattern = desk()
    group_id, pattern_id = pattern.opportunity.group_id, pattern.id
    boss_id = make.manager(pattern.opportunity.group).id
    person_id = make.volunteer().id
    db.session.remove()

    def give() -> object:
        return service.give(group_id, pattern_id, person_id, wanted(), boss_id)

    results = together(app, give, give)
    assert sum(isinstance(result, Refusal) for result in results) == 1
    assert db.session.scalar(select(func.count()).select_from(StandingPlace)) == 1
    assert len(days(person_id)) == 10


def test_the_end_and_the_making_at_once_leave_nothing_beyond_the_end(app: Flask) -> None:
    pattern = desk()
    person_id = make.volunteer().id
    standing = make.standing_place(pattern, db.session.get_one(Volunteer, person_id))
    standing_id = standing.id
    db.session.remove()

    def end() -> object:
        return service.end(standing_id, TUESDAY, keeps_made=False, by_user_id=None, by_group=False)

    together(app, making.sweep, end, making.sweep)
    making.sweep()
    assert set(days(person_id)) <= {TUESDAY}


def test_away_and_the_making_at_once_leave_no_place_on_those_days(app: Flask) -> None:
    pattern = desk()
    person = make.volunteer()
    make.standing_place(pattern, person)
    person_id = person.id
    db.session.remove()
    together(
        app,
        making.sweep,
        lambda: service.go_away(person_id, TUESDAY, TUESDAY + 4 * WEEK),
        making.sweep,
    )
    assert days(person_id)[0] == TUESDAY + 5 * WEEK


def test_the_last_place_is_taken_once(app: Flask) -> None:
    pattern = desk(places=1)
    standing_person, other = make.volunteer(), make.volunteer()
    make.standing_place(pattern, standing_person)
    ids = [one.shift_id for one in making.due()]
    other_id = other.id
    db.session.remove()

    def claim_all() -> None:
        for shift_id in ids:
            places.claim(shift_id, other_id, way=Way.WEB)

    together(app, making.sweep, claim_all)
    held = db.session.execute(
        select(Signup.shift_id, func.count())
        .where(Signup.standing.in_(LIVE), Signup.standing != "waiting")
        .group_by(Signup.shift_id)
    ).all()
    assert {count for _, count in held} == {1}
    assert len(held) == 10
