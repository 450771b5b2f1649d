"""What suggested rotas tell a person of themselves, and how they forget them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Shift
from app.suggestions.models import SuggestedPlace
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """Each place that the volunteer was suggested for, oldest first, as plain values."""
    places = db.session.scalars(
        select(SuggestedPlace)
        .where(SuggestedPlace.volunteer_id == volunteer.id)
        .options(
            joinedload(SuggestedPlace.shift)
            .joinedload(Shift.opportunity)
            .joinedload(Opportunity.group)
        )
        .order_by(SuggestedPlace.id)
    )
    return {
        "suggested_for": [
            {
                "role": place.shift.opportunity.title,
                "group": place.shift.opportunity.group.name,
                "starts": place.shift.starts_at.isoformat(),
                "mark": place.mark.value,
                "reasons": place.reasons,
            }
            for place in places
        ]
    }


def forget(volunteer: Volunteer) -> None:
    """Drop them from every draft, in the open transaction of the erasure."""
    db.session.execute(delete(SuggestedPlace).where(SuggestedPlace.volunteer_id == volunteer.id))
