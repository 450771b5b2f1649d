"""What standing places tell a person of themselves, and how they forget them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Pattern
from app.signups.standing.models import StandingDate, StandingPlace
from app.signups.standing.words import task_words, when_words
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """Each standing place of the volunteer, oldest first, with its dates that differ."""
    standings = db.session.scalars(
        select(StandingPlace)
        .where(StandingPlace.volunteer_id == volunteer.id)
        .options(
            joinedload(StandingPlace.duty),
            joinedload(StandingPlace.pattern)
            .joinedload(Pattern.opportunity)
            .joinedload(Opportunity.group),
        )
        .order_by(StandingPlace.id)
    ).all()
    dates: dict[int, list[dict[str, str]]] = {}
    for one in db.session.scalars(
        select(StandingDate)
        .where(StandingDate.standing_place_id.in_([standing.id for standing in standings]))
        .order_by(StandingDate.day)
    ):
        dates.setdefault(one.standing_place_id, []).append(
            {"day": one.day.isoformat(), "kind": one.kind.value, "reason": one.reason}
        )
    return {
        "standing_places": [
            {
                "role": task_words(standing),
                "group": standing.pattern.opportunity.group.name,
                "when": when_words(standing),
                "first_day": standing.first_day.isoformat(),
                "last_day": standing.last_day.isoformat() if standing.last_day else None,
                "state": standing.state.value,
                "reason": standing.reason,
                "dates": dates.get(standing.id, []),
            }
            for standing in standings
        ]
    }


def forget(volunteer: Volunteer) -> None:
    """Take the standing places away, so that no place is made again; in the open transaction.

    The places that they made are left with all others (`signups.privacy`).
    """
    db.session.execute(
        delete(StandingPlace)
        .where(StandingPlace.volunteer_id == volunteer.id)
        .execution_options(synchronize_session=False)
    )
