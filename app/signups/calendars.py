"""A volunteer's own shifts under a secret address that calendar programs read again and again."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from icalendar import Calendar
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities.models import Opportunity, Shift
from app.signups import screens
from app.signups.invitation import event_of
from app.signups.models import OCCUPYING, CalendarFeed, Signup

KEPT = timedelta(days=60)


def new_address(volunteer_id: int) -> str:
    """Make a new secret token for the volunteer's calendar; the old one stops to work.

    The token is told once: only its hash is kept.
    """
    token = secrets.token_urlsafe(24)
    with transaction():
        _revoke(volunteer_id)
        db.session.add(CalendarFeed(volunteer_id=volunteer_id, token_hash=_hash(token)))
    return token


def revoke(volunteer_id: int) -> None:
    """No address shows the volunteer's shifts any more."""
    with transaction():
        _revoke(volunteer_id)


def _revoke(volunteer_id: int) -> None:
    db.session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.volunteer_id == volunteer_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def has_address(volunteer_id: int) -> bool:
    """Whether a secret address is in use for this volunteer."""
    found = db.session.scalar(
        select(CalendarFeed.id).where(
            CalendarFeed.volunteer_id == volunteer_id, CalendarFeed.revoked_at.is_(None)
        )
    )
    return found is not None


def feed(token: str) -> bytes | None:
    """The calendar of the volunteer whose token this is (RFC 5545), or None.

    Holds the shifts with a confirmed place, from 60 days ago on. Each event
    has the UID that the emails use, so a program shows it once.
    """
    volunteer_id = db.session.scalar(
        select(CalendarFeed.volunteer_id).where(
            CalendarFeed.token_hash == _hash(token), CalendarFeed.revoked_at.is_(None)
        )
    )
    if volunteer_id is None:
        return None
    calendar = Calendar()
    calendar.add("prodid", "-//Many Hands//Shifts//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "My shifts, Many Hands")
    calendar.add("refresh-interval;value=duration", "PT1H")
    for signup in db.session.scalars(
        select(Signup)
        .join(Signup.shift)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(OCCUPYING),
            Shift.ends_at > clock.now() - KEPT,
        )
        .options(
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Signup.shift).joinedload(Shift.site),
        )
        .order_by(Shift.starts_at)
    ):
        calendar.add_component(event_of(signup, where=screens.where(signup)))
    content: bytes = calendar.to_ical()
    return content


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
