"""A text at five: the whole way, through the carrier's wire and the inbox, by the rule alone."""

from __future__ import annotations

import itertools
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.broadcasts import service as broadcasting
from app.broadcasts.models import BroadcastState
from app.cover import service
from app.cover.models import CoverState
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.inbox import service as inbox
from app.messaging import delivery
from app.messaging.models import Message
from app.opportunities.models import Shift
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer
from tests import factories as make
from tests.carrier import StubCarrier
from tests.cover.scene import NOW, Scene

_sids = itertools.count(1)


def text(number: str, body: str) -> None:
    inbox.store(
        {
            "MessageSid": f"SM{next(_sids):032d}",
            "From": number,
            "To": "+447700900000",
            "Body": body,
        }
    )
    inbox.process_all()


def workers() -> None:
    """What the workers and the schedule do in their next seconds."""
    service.look_at_all()
    broadcasting.advance_all()
    for lane in (queue.ANSWERS, queue.URGENT):
        delivery.deliver(lane, seconds=0)


def asked() -> list[str]:
    db.session.rollback()
    rows = select(Message.to_address).where(Message.purpose == "ask").order_by(Message.id)
    return list(db.session.scalars(rows))


def test_a_no_at_five_is_a_yes_a_minute_later(
    scene: Scene, app: Flask, stub_carrier: StubCarrier
) -> None:
    scene.rule(most_people=4)
    text(make.drama_phone(0), "No, sorry, my child is ill")
    assert db.session.get_one(Shift, scene.ids[1]).taken == 2
    # Well within a minute: the schedule looks every 15 seconds, the nudge sooner.
    with clock.stopped_at(NOW + timedelta(seconds=30)):
        workers()
        assert scene.covers[0].state == CoverState.ASKING
        number = scene.request.number
        own = [make.drama_phone(n) for n in (100, 101)]
        first = next(phone for phone in own if stub_carrier.texts_to(phone))
        ask = stub_carrier.texts_to(first)[0]
        assert f"{number} YES" in ask
        assert "Gorse Covert Food Bank" in ask
        assert make.drama_phone(0) not in asked()
    # The first is silent, so more are asked, a few at a time.
    minutes = 0
    while len(asked()) < 2:
        minutes += 1
        assert minutes < 60
        with clock.stopped_at(NOW + timedelta(minutes=minutes)):
            workers()
    with clock.stopped_at(NOW + timedelta(minutes=minutes + 2)):
        assert asked()[0] == first
        assert len(set(asked())) == len(asked()) <= 4
        answers, silent = asked()[-1], first
        text(answers, f"{number} yes")
        workers()
        assert "You have a place" in stub_carrier.texts_to(answers)[-1]
    assert db.session.get_one(Shift, scene.ids[1]).taken == 3
    taken = db.session.scalar(
        select(Signup.standing)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .where(Volunteer.phone == answers)
    )
    assert taken == Standing.CONFIRMED
    assert scene.request.state == BroadcastState.ENDED
    assert scene.covers[0].state == CoverState.FILLED
    assert "Covered:" in scene.to_boss()[-1].subject
    # Who was asked and is silent is told; nobody is texted the ask twice.
    assert "filled" in stub_carrier.texts_to(silent)[-1]
    asks = [one for one in stub_carrier.texts_to(silent) if f"{number} YES" in one]
    assert len(asks) == 1
