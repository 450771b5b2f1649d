"""Two managers, the rule and a yes in the same moment."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from app.broadcasts.models import Broadcast, BroadcastState
from app.cover import service
from app.cover.models import Cover, CoverState
from app.cover.rules import Reach
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.safeguarding import service as safety
from app.safeguarding.models import ShiftAlarm
from app.safeguarding.rules.alarms import Danger
from app.signups import service as places
from app.signups.models import Way
from tests import factories as make
from tests.cover.scene import Scene
from tests.signups.standing.test_at_once import together


def test_two_managers_press_at_once(scene: Scene, app: Flask) -> None:
    scene.drop_out()
    group_id, shift_id, first = scene.ids
    second = make.manager(scene.group).id
    db.session.remove()
    results = together(
        app,
        *(
            lambda boss=boss: service.ask(group_id, shift_id, boss, 5, Reach.NEARBY).id
            for boss in (first, second, first)
        ),
    )
    assert len(set(results)) == 1
    assert db.session.scalar(select(func.count()).select_from(Broadcast)) == 1


def test_a_press_and_the_rule_at_once(scene: Scene, app: Flask) -> None:
    scene.rule()
    scene.drop_out()
    group_id, shift_id, boss = scene.ids
    db.session.remove()
    together(
        app,
        service.look_at_all,
        lambda: service.ask(group_id, shift_id, boss, 5, Reach.NEARBY),
        service.look_at_all,
    )
    live = select(func.count()).select_from(Cover).where(Cover.state == CoverState.ASKING)
    assert db.session.scalar(live) == 1
    assert db.session.scalar(select(func.count()).select_from(Broadcast)) == 1


def test_the_place_fills_while_the_manager_presses(scene: Scene, app: Flask) -> None:
    scene.drop_out()
    group_id, shift_id, boss = scene.ids
    person_id = scene.own[0].id
    db.session.remove()
    asked, _ = together(
        app,
        lambda: service.ask(group_id, shift_id, boss, 5, Reach.NEARBY),
        lambda: places.claim(shift_id, person_id, way=Way.WEB),
    )
    service.look_at_all()
    db.session.rollback()
    assert db.session.get_one(Shift, shift_id).taken == 3
    states = set(db.session.scalars(select(Broadcast.state)))
    assert states <= {BroadcastState.ENDED}
    assert isinstance(asked, Refusal) or states


def test_several_drop_outs_at_once_are_one_cover(scene: Scene, app: Flask) -> None:
    scene.rule()
    _, shift_id, _ = scene.ids
    people = [person.id for person in scene.on_it]
    db.session.remove()
    together(
        app,
        *(
            lambda person=person: places.withdraw(shift_id, person, way=Way.TEXT)
            for person in people
        ),
    )
    service.look_at_all()
    states = db.session.scalars(select(Cover.state)).all()
    assert states == [CoverState.ASKING]


def test_a_stop_and_the_rule_at_once_leave_nobody_asked_after_it(scene: Scene, app: Flask) -> None:
    scene.rule()
    scene.drop_out()
    group_id, shift_id, boss = scene.ids
    db.session.remove()
    together(
        app,
        service.look_at_all,
        lambda: service.stop(group_id, shift_id, boss),
    )
    service.look_at_all()
    db.session.rollback()
    assert set(db.session.scalars(select(Cover.state))) == {CoverState.STOPPED}
    assert set(db.session.scalars(select(Broadcast.state))) <= {BroadcastState.ENDED}


def test_late_drop_outs_and_sweeps_at_once_make_one_letter_each(scene: Scene, app: Flask) -> None:
    scene.rule(wait_minutes=10)
    shift_id = scene.ids[1]
    leaving = [person.id for person in scene.on_it]
    db.session.remove()
    results = together(
        app,
        *(lambda one=one: bool(places.withdraw(shift_id, one, way=Way.TEXT)) for one in leaving),
        service.look_at_all,
        safety.watch,
    )
    assert results[:3] == [True, True, True]
    service.look_at_all()
    safety.watch()
    letters = scene.to_boss()
    # An email and a text for each of them, and nothing besides.
    assert len(letters) == 6
    assert {one.cause.partition(":")[0] for one in letters} == {"late"}
    raised = db.session.scalars(select(ShiftAlarm.danger)).all()
    assert sorted(raised) == [Danger.ALONE, Danger.BELOW_MINIMUM]
    assert len(scene.covers) == 1
