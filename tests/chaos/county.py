"""The people of a run, and the request that goes to all of them, as a coordinator starts it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import insert, select

from app.broadcasts import service as broadcasts
from app.broadcasts.models import Pace, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.rules import segments
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import AgeBand
from tests import factories

US: Final = "+447700900000"
# Ofcom has only a thousand numbers for drama. No country has the code 999 (ITU-T E.164,
# "reserved for future global service"), so these reach nobody, wherever they should get to.
FIRST_NUMBER: Final = 999_000_000_000
_BATCH: Final = 1000


def phone(n: int) -> str:
    return f"+{FIRST_NUMBER + n}"


@dataclass(frozen=True)
class Drafted:
    """A request that only waits for Send."""

    broadcast_id: int
    coordinator_id: int
    number: int
    segments: int


def fill(people: int, places: int, dice: random.Random) -> Drafted:
    """So many volunteers, a few of whom may not be asked, and a draft to all of them."""
    now = clock.now()
    with db.engine.begin() as connection:
        for first in range(0, people, _BATCH):
            rows = [_person(n, dice, now) for n in range(first, min(people, first + _BATCH))]
            connection.execute(insert(Volunteer), rows)
    # Some said STOP long ago.
    for n in dice.sample(range(people), people // 100):
        volunteers.opt_out(Channel.SMS, phone(n), how="text STOP")
    coordinator = factories.coordinator()
    shift = factories.shift(starts_at=now + timedelta(days=2), places=places)
    broadcast = broadcasts.draft([shift.id], coordinator.id)
    text = f"Many Hands: help on Saturday? Reply {broadcast.number} YES or NO. STOP to opt out"
    broadcasts.word(broadcast.id, text, pace=Pace.EVERYONE)
    return Drafted(
        broadcast.id, coordinator.id, broadcast.number, segments.count(broadcast.text).segments
    )


def _person(n: int, dice: random.Random, now: Any) -> dict[str, Any]:
    forbids = dice.random() < 0.01
    return {
        "created_at": now,
        "name": f"Volunteer {n}",
        "phone": phone(n),
        "phone_verified_at": now,
        "sms_consent_at": None if forbids else now,
        "age_band": AgeBand.ADULT,
        "postcode": "LE11 3TU",
        **factories.position(),
    }


def send(drafted: Drafted) -> list[str]:
    """Press Send; the numbers of all who are to be asked."""
    broadcasts.start(drafted.broadcast_id, drafted.coordinator_id)
    db.session.rollback()
    rows = db.session.execute(
        select(Volunteer.phone)
        .join(Recipient, Recipient.volunteer_id == Volunteer.id)
        .where(Recipient.broadcast_id == drafted.broadcast_id, Recipient.excluded == "")
        .order_by(Volunteer.id)
    )
    return [str(row.phone) for row in rows]
