"""What was decided about a person's places: told to them, and forgotten with them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from app.foundation.extensions import db
from app.safeguarding.models import Finding
from app.signups.models import Signup
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """Each finding about the volunteer's places, oldest first, as plain values."""
    rows = db.session.scalars(
        select(Finding)
        .join(Signup, Signup.id == Finding.signup_id)
        .where(Signup.volunteer_id == volunteer.id)
        .order_by(Finding.id)
    )
    return {
        "decisions_about_places": [
            {
                "found": row.created_at.isoformat(),
                "reason": row.reason,
                "decided": row.verdict.value if row.verdict else None,
                "words": row.words,
                "until": row.keep_until.isoformat() if row.keep_until else None,
            }
            for row in rows
        ]
    }


def forget(volunteer: Volunteer) -> None:
    """Drop them all. Runs in the open transaction of the erasure."""
    mine = select(Signup.id).where(Signup.volunteer_id == volunteer.id)
    db.session.execute(
        delete(Finding)
        .where(Finding.signup_id.in_(mine))
        .execution_options(synchronize_session=False)
    )
