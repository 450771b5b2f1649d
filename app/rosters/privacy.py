"""What messages to rosters tell a person of themselves, and how they are forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from app.foundation.extensions import db
from app.groups.models import Group
from app.rosters.models import RosterMessage, RosterRecipient
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """Which groups wrote to them among others, and when; the words are among the messages."""
    rows = db.session.execute(
        select(RosterMessage.sent_at, Group.name, RosterRecipient.reach)
        .join(RosterMessage, RosterMessage.id == RosterRecipient.roster_message_id)
        .join(Group, Group.id == RosterMessage.group_id)
        .where(RosterRecipient.volunteer_id == volunteer.id)
        .order_by(RosterRecipient.id)
    )
    return {
        "messages_to_many": [
            {
                "group": row.name,
                "sent": row.sent_at.isoformat() if row.sent_at else "",
                "outcome": row.reach.value,
            }
            for row in rows
        ]
    }


def forget(volunteer: Volunteer) -> None:
    """Take the volunteer off every such list, in the open transaction of the erasure."""
    db.session.execute(delete(RosterRecipient).where(RosterRecipient.volunteer_id == volunteer.id))
