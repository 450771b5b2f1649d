"""A shift made in a hurry, so that help can be asked for it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from app.accounts import audit
from app.broadcasts import service
from app.broadcasts.models import Broadcast
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Site
from app.opportunities import service as opportunities
from app.opportunities.service import Details
from app.volunteers.vocabulary import Activity, Skill


@dataclass(frozen=True, kw_only=True)
class Hurried:
    """The least that a shift needs, as a coordinator says it; times are the site's own."""

    site_id: int
    title: str
    summary: str
    activity: Activity
    needs_skills: Skill
    day: date
    starts: time
    ends: time
    places: int
    minimum: int


def ask_for(wanted: Hurried, by_user_id: int) -> Broadcast:
    """Publish the role and its shift for the site's group, and draft a request about it.

    All or nothing. Raises `Refusal` for what cannot be published or asked about.
    """
    with transaction():
        site = db.session.get(Site, wanted.site_id)
        if site is None:
            raise Refusal("Choose where it is.", "site_id")
        details = Details(
            site_id=site.id,
            title=wanted.title,
            summary=wanted.summary or f"Urgent help: {wanted.title}"[:200],
            activity=wanted.activity,
            needs_skills=wanted.needs_skills,
        )
        role = opportunities.create(site.group_id, details)
        opportunities.publish(site.group_id, role.id)
        shift = opportunities.add_shift(
            site.group_id,
            role.id,
            day=wanted.day,
            starts=wanted.starts,
            ends=wanted.ends,
            places=wanted.places,
            minimum=wanted.minimum,
        )
        audit.record(
            "made a shift on the spot",
            subject=shift,
            group_id=site.group_id,
            actor_id=by_user_id,
        )
        return service.draft([shift.id], by_user_id)
