"""Requests under way, and what became of them, for the tests of the engine."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import User
from app.broadcasts import service
from app.broadcasts.models import Broadcast, Recipient
from app.foundation.extensions import db
from app.messaging.models import Message
from app.opportunities.models import Shift
from tests import factories
from tests.broadcasts.pages import NOW


def tonight(**said: object) -> Shift:
    return factories.shift(**({"starts_at": NOW + timedelta(hours=3), "places": 2} | said))


def started(shift: Shift, boss: User, **word: object) -> Broadcast:
    broadcast = service.draft([shift.id], boss.id)
    if word:
        service.word(broadcast.id, broadcast.text, **word)  # type: ignore[arg-type]
    service.start(broadcast.id, boss.id)
    return fresh(broadcast)


def fresh(broadcast: Broadcast) -> Broadcast:
    db.session.rollback()
    return db.session.get_one(Broadcast, broadcast.id, populate_existing=True)


def recipients(broadcast: Broadcast) -> list[Recipient]:
    db.session.rollback()
    rows = select(Recipient).where(Recipient.broadcast_id == broadcast.id)
    return list(db.session.scalars(rows.order_by(Recipient.rank, Recipient.id)))


def asked(broadcast: Broadcast) -> list[Recipient]:
    return [one for one in recipients(broadcast) if one.wave is not None]


def texts() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.purpose == "ask")))
