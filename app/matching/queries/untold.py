"""What a volunteer does not see only because they have not told us something."""

from __future__ import annotations

from sqlalchemy import func, select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.places import cells_within
from app.groups.models import Group, Site
from app.matching.queries.roles import WIDE
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import Skill


def would_fit(volunteer: Volunteer, told: str) -> int:
    """How many open roles within reach ask for what is not told: "age" or "skills".

    Roles that anybody may take or ask for, with room on a shift to come. One
    statement. Whether all else fits is not asked: it is a number that says why
    telling helps, not a promise.
    """
    across, up = Site.east - volunteer.east, Site.north - volunteer.north
    query = (
        select(func.count(Opportunity.id.distinct()))
        .select_from(Shift)
        .join(Site, Site.id == Shift.site_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Group, Group.id == Opportunity.group_id)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Shift.taken < Shift.places,
            Opportunity.stage == Stage.PUBLISHED,
            Opportunity.policy.in_((Policy.OPEN, Policy.APPROVAL)),
            Group.is_closed.is_(False),
            across * across + up * up <= volunteer.travel_metres**2,
        )
    )
    if told == "age":
        query = query.where(Opportunity.minimum_age >= 18)
    else:
        lacks = sum(Skill, Skill(0)) & ~volunteer.skills
        query = query.where(Opportunity.needs_skills.bitwise_and(int(lacks)) > 0)
    if volunteer.travel_metres <= WIDE:
        cells = cells_within(volunteer.east, volunteer.north, volunteer.travel_metres)
        query = query.where(Site.cell.in_(cells))
    return db.session.scalar(query) or 0
