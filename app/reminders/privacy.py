"""What reminders tell a person of themselves, and how they are forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from app.foundation.extensions import db
from app.reminders.models import Reminder
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """When the volunteer was, or should have been, reminded; the words are among the messages."""
    rows = db.session.scalars(
        select(Reminder).where(Reminder.volunteer_id == volunteer.id).order_by(Reminder.id)
    )
    return {
        "reminders": [
            {
                "of_the_shift_on": row.day.isoformat(),
                "kind": row.lead.label,
                "due": row.due_at.isoformat(),
                "outcome": row.outcome.value,
            }
            for row in rows
        ]
    }


def forget(volunteer: Volunteer) -> None:
    """Let go of all reminders of the volunteer, in the open transaction of the erasure."""
    db.session.execute(delete(Reminder).where(Reminder.volunteer_id == volunteer.id))
