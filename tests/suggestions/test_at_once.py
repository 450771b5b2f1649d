"""Managers, workers and volunteers at the same moment, in threads behind a barrier."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Shift
from app.signups import service as places
from app.signups.models import HOLDING, Signup, Standing, Way
from app.suggestions import service
from app.suggestions.models import Mark, Progress, SuggestedPlace, Suggestion
from tests import factories as make
from tests.broadcasts.test_at_once import together


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(make.group())


@pytest.fixture
def boss(role: Opportunity) -> User:
    return make.manager(role.group)


def drafted(role: Opportunity, boss: User, shifts: int = 3) -> Suggestion:
    for number in range(shifts):
        make.shift(role, starts_at=clock.now() + timedelta(days=2 + number), places=1)
        make.known_to(make.volunteer(), role.group)
    suggestion = service.start(role.group_id, boss.id, 2)
    service.solve(suggestion.id)
    db.session.rollback()
    return db.session.get_one(Suggestion, suggestion.id)


def test_two_managers_who_ask_at_once_ask_each_person_once(
    app: Flask, role: Opportunity, boss: User
) -> None:
    suggestion = drafted(role, boss)
    ask = partial(service.ask, role.group_id, suggestion.id, boss.id)
    faults = together(app, [ask, ask])
    assert [type(fault) for fault in faults] == [Refusal]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Signup)) == 3


def test_the_last_place_goes_to_one_of_those_who_come_at_once(
    app: Flask, role: Opportunity, boss: User
) -> None:
    suggestion = drafted(role, boss)
    shift_ids = list(db.session.scalars(select(Shift.id)))
    works: list[partial[Any]] = [partial(service.ask, role.group_id, suggestion.id, boss.id)]
    for shift_id in shift_ids:
        person = make.volunteer()
        works.append(partial(places.claim, shift_id, person.id, way=Way.WEB))
    assert together(app, works) == []
    db.session.rollback()
    for shift_id in shift_ids:
        held = db.session.scalars(
            select(Signup).where(Signup.shift_id == shift_id, Signup.standing.in_(HOLDING))
        ).all()
        assert len(held) == 1
        [row] = db.session.scalars(
            select(SuggestedPlace).where(SuggestedPlace.shift_id == shift_id)
        ).all()
        offered = held[0].standing == Standing.OFFERED
        assert row.mark == (Mark.ASKED if offered else Mark.REFUSED)


def test_two_workers_write_one_draft(app: Flask, role: Opportunity, boss: User) -> None:
    make.shift(role, starts_at=clock.now() + timedelta(days=2), places=2)
    make.known_to(make.volunteer(), role.group)
    suggestion = service.start(role.group_id, boss.id, 1)
    solve = partial(service.solve, suggestion.id)
    assert together(app, [solve, solve]) == []
    db.session.rollback()
    assert db.session.get_one(Suggestion, suggestion.id).progress == Progress.DONE
    assert db.session.get_one(Suggestion, suggestion.id).tries == 1
    assert db.session.scalar(select(func.count()).select_from(SuggestedPlace)) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_people_of_the_draft_who_claim_each_others_shifts_block_nobody(
    app: Flask, role: Opportunity, boss: User, attempt: int
) -> None:
    suggestion = drafted(role, boss, shifts=6)
    rows = db.session.scalars(select(SuggestedPlace).order_by(SuggestedPlace.shift_id)).all()
    shift_ids = [row.shift_id for row in rows]
    works: list[partial[Any]] = [partial(service.ask, role.group_id, suggestion.id, boss.id)]
    for row, next_shift in zip(rows, shift_ids[1:], strict=False):
        works.append(partial(places.claim, next_shift, row.volunteer_id, way=Way.WEB))
    db.session.rollback()
    assert [fault for fault in together(app, works) if not isinstance(fault, Refusal)] == []
    db.session.rollback()
    for shift_id in shift_ids:
        held = select(func.count()).where(Signup.shift_id == shift_id, Signup.standing.in_(HOLDING))
        assert db.session.scalar(held) == 1
