"""A volunteer's own shifts under a secret address that calendar programs read again and again.

Programs that subscribe (Google, Apple, Outlook) ask every hour or day and take the answer
for the whole truth: an event that is not there any more goes, one with a higher SEQUENCE
is shown anew. Programs that import once, or that keep what they have, need to be told:
so a place that was lost stays for a while, with STATUS:CANCELLED.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from icalendar import Calendar, Event
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.opportunities.models import Opportunity, Shift
from app.signups import letters, screens
from app.signups.invitation import calendar_of, changed_at, event_of
from app.signups.models import OCCUPYING, CalendarFeed, Signup

KEPT: Final = timedelta(days=60)
# So long a place that was lost is told of.
CANCELLED_KEPT: Final = timedelta(days=30)
# How often programs should ask again; most keep to a time of their own.
_REFRESH: Final = timedelta(hours=1)


def new_address(volunteer_id: int) -> str:
    """Make a new secret token for the volunteer's calendar; the old one stops to work.

    The token is told once: only its hash is kept.
    """
    token = secrets.token_urlsafe(24)
    with transaction():
        _revoke(volunteer_id)
        db.session.add(CalendarFeed(volunteer_id=volunteer_id, token_hash=hashed(token)))
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

    Holds the shifts with a confirmed place, from 60 days ago on, and for 30 days those
    that were lost, as cancelled. Each event has the UID that the emails use, so a program
    shows it once. The same rows give the same bytes, whenever it is read.
    """
    volunteer_id = db.session.scalar(
        select(CalendarFeed.volunteer_id).where(
            CalendarFeed.token_hash == hashed(token), CalendarFeed.revoked_at.is_(None)
        )
    )
    if volunteer_id is None:
        return None
    signups = _shown(volunteer_id)
    calendar = published([signup.shift for signup in signups], gettext("My shifts, Many Hands"))
    for signup in signups:
        calendar.add_component(_event(signup))
    content: bytes = calendar.to_ical()
    return content


def single(signup: Signup) -> bytes:
    """The one place as a file for a calendar program, under the name that emails and feed use."""
    calendar = calendar_of([signup.shift])
    calendar.add_component(_event(signup))
    content: bytes = calendar.to_ical()
    return content


def _shown(volunteer_id: int) -> list[Signup]:
    now = clock.now()
    holds = Signup.standing.in_(OCCUPYING)
    was_lost = and_(
        ~holds,
        Signup.confirmed_at.is_not(None),
        Signup.ended_at > now - CANCELLED_KEPT,
        Shift.ends_at > now,
    )
    rows = db.session.scalars(
        select(Signup)
        .join(Signup.shift)
        .where(
            Signup.volunteer_id == volunteer_id,
            Shift.ends_at > now - KEPT,
            or_(holds, was_lost),
        )
        .options(
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Signup.shift).joinedload(Shift.site),
        )
        .order_by(Shift.starts_at, Signup.id)
    )
    # Whoever left and came back has one event: the latest row says how it stands.
    return list({signup.shift_id: signup for signup in rows}.values())


def _event(signup: Signup) -> Event:
    changed = changed_at(signup)
    holds = signup.standing in OCCUPYING
    if holds:
        # The address appears two days before, and goes at the end.
        shift, now = signup.shift, clock.now()
        for moment in (shift.starts_at - letters.SHOW_ADDRESS_FROM, shift.ends_at):
            if moment <= now:
                changed = max(changed, moment)
    return event_of(signup, cancelled=not holds, where=screens.where(signup), changed=changed)


def published(shifts: Sequence[Shift], name: str) -> Calendar:
    """An empty calendar for programs that subscribe, with the zones of these shifts."""
    calendar = calendar_of(shifts, name=name, x_wr_calname=name)
    calendar.add("refresh-interval", _REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    if shifts:
        calendar.add("x-wr-timezone", shifts[0].site.zone)
    return calendar


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
