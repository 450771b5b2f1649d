"""Many people at the same moment: real processes, real threads and a barrier."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from app.broadcasts import service as broadcasting
from app.broadcasts.models import Broadcast, BroadcastState
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox.models import Reply
from app.messaging.models import Message
from app.opportunities.models import Shift
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer
from tests import factories
from tests.races import processes

SPAWN = multiprocessing.get_context("spawn")


def run_together(jobs: Sequence[tuple[Callable[..., None], Sequence[Any]]], parties: int) -> None:
    """Start each job in a process of its own, let them go at one barrier, and wait."""
    barrier = SPAWN.Barrier(parties)
    running = []
    for job, (settings, *rest) in jobs:
        process = SPAWN.Process(target=job, args=(settings, barrier, *rest))
        process.start()
        running.append(process)
    for process in running:
        process.join(timeout=240)
        assert process.exitcode == 0


def people(number: int) -> list[int]:
    """So many volunteers with numbers of their own, past the range that reaches nobody's list."""
    template = factories.volunteer()
    db.session.refresh(template)
    row = {
        column.name: getattr(template, column.name)
        for column in Volunteer.__table__.columns
        if column.name != "id"
    }
    rows = [
        row | {"name": f"Volunteer {n}", "phone": f"+4477009{n:05d}", "email": None}
        for n in range(number)
    ]
    with transaction():
        db.session.delete(template)
        db.session.execute(insert(Volunteer), rows)
    return list(db.session.scalars(select(Volunteer.id).order_by(Volunteer.id)))


@pytest.mark.timeout(300)
def test_a_thousand_yes_for_fifty_places(app: Flask, settings: dict[str, object]) -> None:
    noon = clock.now().replace(hour=12, minute=0)
    coordinator = factories.coordinator()
    shift = factories.shift(places=50, starts_at=clock.now() + timedelta(days=2))
    people(1000)
    with clock.stopped_at(noon):
        broadcast = broadcasting.draft([shift.id], coordinator.id)
        broadcasting.start(broadcast.id, coordinator.id)
        broadcasting.ask_everyone(broadcast.id, coordinator.id)
        broadcasting.advance(broadcast.id)
    shift_id, broadcast_id = shift.id, broadcast.id
    number = db.session.get_one(Broadcast, broadcast_id).number
    texts = [
        {
            "MessageSid": f"SM{n:032d}",
            "From": f"+4477009{n:05d}",
            "To": "+447700900000",
            "Body": f"{number} YES",
        }
        for n in range(1000)
    ]
    db.session.remove()

    posters = [(processes.post_yes, (settings, texts[n::2])) for n in range(2)]
    workers = [(processes.process, (settings, 1000))] * 2
    run_together([*posters, *workers], parties=2 * processes.THREADS + 2)

    standings = Counter(db.session.scalars(select(Signup.standing)))
    assert standings == {Standing.CONFIRMED: 50, Standing.WAITING: 950}
    assert db.session.get_one(Shift, shift_id).taken == 50
    answers = Counter(db.session.scalars(select(Message.cause).where(Message.purpose == "answer")))
    assert len(answers) == 1000
    assert db.session.get_one(Broadcast, broadcast_id).state == BroadcastState.ENDED
    # In the order of arrival: whoever's reply was processed earlier stands earlier.
    in_order = db.session.execute(
        select(Reply.processed_at, Signup.id, Signup.standing)
        .join(Signup, Signup.volunteer_id == Reply.volunteer_id)
        .order_by(Reply.processed_at, Reply.id)
    ).all()
    assert [row.id for row in in_order] == sorted(row.id for row in in_order)
    assert {row.standing for row in in_order[:50]} == {Standing.CONFIRMED}
    told = [
        db.session.scalar(select(Message.body).where(Message.cause == f"reply:{reply_id}"))
        for reply_id in db.session.scalars(
            select(Reply.id).order_by(Reply.processed_at.desc()).limit(1)
        )
    ]
    assert "number 950 on the waiting list" in (told[0] or "")


@pytest.mark.timeout(300)
def test_claims_at_once_never_oversell(app: Flask, settings: dict[str, object]) -> None:
    shift = factories.shift(places=7)
    shift_id = shift.id
    pairs = [(shift_id, volunteer_id) for volunteer_id in people(120)]
    db.session.remove()
    run_together(
        [(processes.claim, (settings, pairs[n::2])) for n in range(2)],
        parties=2 * processes.THREADS,
    )
    assert db.session.get_one(Shift, shift_id).taken == 7
    assert db.session.scalar(select(func.count()).select_from(Signup)) == 120


@pytest.mark.timeout(300)
def test_one_person_cannot_take_two_shifts_of_the_same_time(
    app: Flask, settings: dict[str, object]
) -> None:
    starts_at = clock.now() + timedelta(days=2)
    role = factories.opportunity()
    shifts = [factories.shift(role, starts_at=starts_at) for _ in range(16)]
    person = factories.volunteer()
    pairs = [(shift.id, person.id) for shift in shifts]
    db.session.remove()
    run_together(
        [(processes.claim, (settings, pairs[n::2])) for n in range(2)],
        parties=2 * processes.THREADS,
    )
    assert db.session.scalar(select(func.count()).select_from(Signup)) == 1


@pytest.mark.timeout(300)
def test_the_same_claim_from_many_doors_is_one_place(
    app: Flask, settings: dict[str, object]
) -> None:
    shift, person = factories.shift(), factories.volunteer()
    pairs = [(shift.id, person.id)] * 32
    db.session.remove()
    run_together(
        [(processes.claim, (settings, pairs[n::2])) for n in range(2)],
        parties=2 * processes.THREADS,
    )
    assert db.session.scalar(select(func.count()).select_from(Signup)) == 1
