"""Reads of matching: audiences, what is short, what fits a volunteer, and why."""

from app.matching.queries.audiences import Audience, audience, audience_select
from app.matching.queries.people import Ranked
from app.matching.queries.wish import MOST_SHIFTS, Wish

__all__ = ["MOST_SHIFTS", "Audience", "Ranked", "Wish", "audience", "audience_select"]
