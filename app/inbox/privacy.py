"""What the inbox tells a person of themselves, and how it forgets them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from app.foundation.extensions import db
from app.inbox.models import Reply
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """Each text from the volunteer, oldest first, as plain values."""
    rows = db.session.execute(
        select(Reply.created_at, Reply.body, Reply.meaning, Reply.outcome)
        .where(Reply.volunteer_id == volunteer.id)
        .order_by(Reply.id)
    )
    return {
        "replies": [
            {
                "arrived": row.created_at.isoformat(),
                "text": row.body,
                "taken_as": row.meaning,
                "outcome": row.outcome,
            }
            for row in rows
        ]
    }


def forget(volunteer: Volunteer) -> None:
    """Blank the words and the number; that a reply came, and what it meant, stays."""
    db.session.execute(
        update(Reply)
        .where(Reply.volunteer_id == volunteer.id)
        .values(body="", from_address="", payload={})
    )
