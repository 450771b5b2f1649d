"""Several at the same moment: an alarm is raised and told once, a finding noted once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.messaging.models import Message
from app.safeguarding import service
from app.safeguarding.models import Finding, ShiftAlarm
from app.safeguarding.rules.alarms import Danger
from app.signups import service as signups
from app.signups.models import Way
from app.volunteers.vocabulary import Skill
from tests import factories

NUMBER = 5


@pytest.fixture
def bank(app: Flask) -> Group:
    group = factories.group()
    factories.manager(group)
    return group


def together(app: Flask, works: list[Callable[[], object]]) -> None:
    """Run each in a thread of its own, begun at the same moment; a failure in one is ours."""
    barrier, faults = threading.Barrier(len(works)), list[BaseException]()
    db.session.remove()

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            try:
                barrier.wait(30)
                work()
            except BaseException as fault:
                faults.append(fault)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert not any(thread.is_alive() for thread in threads)


def test_all_leave_at_the_same_moment_and_each_alarm_is_told_once(app: Flask, bank: Group) -> None:
    shift = factories.shift(
        factories.opportunity(bank),
        starts_at=clock.now() + timedelta(days=9),
        minimum=2,
        places=NUMBER,
    )
    shift_id, people = shift.id, [factories.volunteer().id for _ in range(NUMBER)]
    for person_id in people:
        signups.claim(shift_id, person_id, way=Way.WEB)

    def leaving(person_id: int) -> Callable[[], object]:
        return lambda: signups.withdraw(shift_id, person_id, way=Way.WEB)

    together(app, [leaving(person_id) for person_id in people])
    raised = db.session.scalars(select(ShiftAlarm.danger)).all()
    # Two became one, once; and then nobody was left.
    assert sorted(raised) == [Danger.ALONE, Danger.BELOW_MINIMUM]
    still = select(ShiftAlarm.danger).where(ShiftAlarm.solved_at.is_(None))
    assert db.session.scalars(still).all() == [Danger.BELOW_MINIMUM]
    told = select(func.count()).where(Message.purpose == "alarm-email")
    assert db.session.scalar(told) == 1  # both at the same step


def test_sweeps_at_the_same_moment_tell_once(app: Flask, bank: Group) -> None:
    role = factories.opportunity(bank, never_alone=True)
    for hours in range(1, 7):
        shift = factories.shift(role, starts_at=clock.now() + timedelta(hours=hours))
        factories.signup(shift, factories.volunteer())
    together(app, [service.watch] * NUMBER)
    assert db.session.scalar(select(func.count()).select_from(ShiftAlarm)) == 6
    told = select(Message.body).where(Message.purpose == "alarm-email")
    bodies = "\n".join(db.session.scalars(told))
    assert bodies.count("nobody may do this alone") == 6


def test_looks_at_people_at_the_same_moment_note_and_tell_each_once(
    app: Flask, bank: Group
) -> None:
    role = factories.opportunity(bank, needs_skills=Skill.DRIVE_CAR)
    shift = factories.shift(role, places=8)
    for _ in range(8):
        factories.signup(shift, factories.volunteer())
    together(app, [service.refresh_all_findings] * NUMBER)
    assert db.session.scalar(select(func.count()).select_from(Finding)) == 8
    told = db.session.scalars(select(Message.subject).where(Message.purpose == "findings")).all()
    assert len(told) == 1
