"""Reads of matching: audiences, what is short, what fits a volunteer, and why."""

from app.matching.queries.advice import Advice, shortfall
from app.matching.queries.audiences import Audience, audience, audience_select
from app.matching.queries.explain import Why, why
from app.matching.queries.own_people import why_thin
from app.matching.queries.people import Ranked
from app.matching.queries.roles import Role, roles_for
from app.matching.queries.shortlist import Shortlist, shortlist
from app.matching.queries.wish import MOST_SHIFTS, Wish

__all__ = [
    "MOST_SHIFTS",
    "Advice",
    "Audience",
    "Ranked",
    "Role",
    "Shortlist",
    "Why",
    "Wish",
    "audience",
    "audience_select",
    "roles_for",
    "shortfall",
    "shortlist",
    "why",
    "why_thin",
]
