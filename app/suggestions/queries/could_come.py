"""Of a group's people those who might take one shift, told by the database alone."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, not_, or_, select

from app.foundation.flags import has_all
from app.matching.queries.conditions import not_free
from app.opportunities.models import Opportunity, Shift
from app.signups.models import PRESENT, Signup
from app.volunteers.models import Volunteer


def could_come(
    group_id: int, shift: Shift | None, now: datetime, today: date
) -> ColumnElement[bool]:
    """SQL: nothing in the volunteer's profile keeps them from the shift.

    A coarse sieve, so that few are read and judged: it lets through some who
    may not come, and nobody who may is left out. `today` is the county's day;
    without a shift only what holds for every shift is looked at.
    """
    could = [
        or_(Volunteer.paused_until.is_(None), Volunteer.paused_until <= today),
        Volunteer.asks_per_week > 0,
    ]
    if shift is not None:
        across, up = Volunteer.east - shift.site.east, Volunteer.north - shift.site.north
        is_near = across * across + up * up <= Volunteer.travel_metres * Volunteer.travel_metres
        # Whoever has been here before knows the way.
        been_here = (
            select(Signup.volunteer_id)
            .join(Shift, Shift.id == Signup.shift_id)
            .join(Opportunity, Opportunity.id == Shift.opportunity_id)
            .where(
                Opportunity.group_id == group_id,
                Signup.standing.in_(PRESENT),
                Shift.ends_at <= now,
            )
        )
        could += [
            has_all(Volunteer.skills, shift.opportunity.needs_skills),
            not_(not_free(shift.times)),
            or_(is_near, Volunteer.id.in_(been_here)),
        ]
    return and_(*could)
