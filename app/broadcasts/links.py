"""The one-tap answer: a signed address that is good for one person's part in one request."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.broadcasts import queries, service
from app.broadcasts.models import Answer, Broadcast, Recipient
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities.models import Shift
from app.signups import rows, screens
from app.signups import service as places
from app.signups.models import Signup, Way
from app.volunteers.models import Volunteer


def token(broadcast_id: int, volunteer_id: int) -> str:
    """What stands in the address; it cannot be guessed, and holds ids only."""
    return _serializer().dumps([broadcast_id, volunteer_id])


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="one-tap-answer")


@dataclass(frozen=True)
class Asked:
    """A person's part in a request: what was asked, and how they stand."""

    broadcast: Broadcast
    volunteer: Volunteer
    answer: Answer
    shifts: list[Shift]
    signup: Signup | None

    @property
    def volunteer_id(self) -> int:
        return self.volunteer.id

    @property
    def is_open(self) -> bool:
        """Whether a yes may still give a place, or one in the queue."""
        return any(not screens.closed_because(shift) for shift in self.shifts)


def asked(of_token: str) -> Asked | None:
    """What a token's person was asked; None for a token that is not ours, or is out of date."""
    try:
        broadcast_id, volunteer_id = _serializer().loads(of_token)
    except (BadSignature, ValueError, TypeError):
        return None
    recipient = db.session.scalar(
        select(Recipient)
        .join(Recipient.broadcast)
        .join(Recipient.volunteer)
        .where(
            Volunteer.erased_at.is_(None),
            Recipient.broadcast_id == broadcast_id,
            Recipient.volunteer_id == volunteer_id,
            Recipient.wave.is_not(None),
        )
        .options(joinedload(Recipient.broadcast), contains_eager(Recipient.volunteer))
        .execution_options(populate_existing=True)
    )
    if recipient is None:
        return None
    shifts = queries.shifts_of(recipient.broadcast_id)
    return Asked(
        broadcast=recipient.broadcast,
        volunteer=recipient.volunteer,
        answer=recipient.answer,
        shifts=shifts,
        signup=rows.live([shift.id for shift in shifts], volunteer_id),
    )


def say_yes(part: Asked) -> Signup:
    """Take a place, or one in the queue. Raises `Refusal` for who may not, or is too late.

    That they said yes is kept even then.
    """
    with transaction():
        service.note_answer(part.broadcast.id, part.volunteer_id, Answer.YES)
    return places.claim_one_of(
        [shift.id for shift in part.shifts],
        part.volunteer_id,
        way=Way.LINK,
        cause=f"broadcast:{part.broadcast.id}",
    )


def say_no(part: Asked) -> None:
    """Keep the no and, when they have a place, give it up. Raises `Refusal` when it is over."""
    with transaction():
        service.note_answer(part.broadcast.id, part.volunteer_id, Answer.NO)
        if part.signup is not None:
            places.withdraw(part.signup.shift_id, part.volunteer_id, way=Way.LINK)
