"""What the ledger tells a person of themselves, and how it forgets them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, select, update

from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.models import WAITING, Message, Receipt, State
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """Each message to the volunteer, oldest first, as plain values."""
    rows = db.session.execute(
        select(Message.created_at, Message.channel, Message.subject, Message.body, Message.state)
        .where(Message.volunteer_id == volunteer.id)
        .order_by(Message.id)
    )
    return {
        "messages": [
            {
                "written": row.created_at.isoformat(),
                "channel": row.channel.value,
                "subject": row.subject,
                "text": row.body,
                "state": row.state.value,
            }
            for row in rows
        ]
    }


def forget(volunteer: Volunteer) -> None:
    """Blank addresses and words, and hold back what has not left; the counts stay true.

    Runs in the open transaction of the erasure.
    """
    mine = Message.volunteer_id == volunteer.id
    db.session.execute(
        update(Receipt)
        .where(Receipt.message_id.in_(select(Message.id).where(mine)))
        .values(payload={})
        .execution_options(synchronize_session=False)
    )
    waiting = Message.state.in_(WAITING)
    db.session.execute(
        update(Message)
        .where(mine)
        .values(
            to_address="",
            subject="",
            body="",
            html=None,
            calendar=None,
            state=case((waiting, State.CANCELLED.value), else_=Message.state),
            reason=case((waiting, "The volunteer was erased."), else_=Message.reason),
            ended_at=case((waiting, clock.now()), else_=Message.ended_at),
        )
        .execution_options(synchronize_session=False)
    )
