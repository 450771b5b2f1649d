"""By which ways a volunteer may be written to; opt-outs are seen to when a message leaves."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, not_, or_

from app.volunteers.models import Channel, OptOut, Volunteer


class Ways(NamedTuple):
    """Whether by text, and whether by email."""

    by_text: bool
    by_email: bool


def allowed(volunteer: Volunteer) -> Ways:
    """What they have said yes to, each way with an address of theirs; an email one proven."""
    return Ways(
        bool(volunteer.phone and volunteer.sms_consent_at),
        bool(volunteer.email and volunteer.email_verified_at and volunteer.email_consent_at),
    )


def for_own_shifts(volunteer: Volunteer) -> Ways:
    """The same; for who has said yes to neither, one way that they have proven to be theirs.

    They are not asked when help is needed, but hear of their own shifts all the same.
    """
    ways = allowed(volunteer)
    if any(ways):
        return ways
    by_email = bool(volunteer.email and volunteer.email_verified_at)
    return Ways(bool(volunteer.phone and volunteer.phone_verified_at) and not by_email, by_email)


def is_told_of_own_shifts(channel: Channel) -> ColumnElement[bool]:
    """SQL of `for_own_shifts`, for one way; nobody who stopped what comes this way."""
    has_email = and_(Volunteer.email.is_not(None), Volunteer.email_verified_at.is_not(None))
    wants_text = and_(Volunteer.phone.is_not(None), Volunteer.sms_consent_at.is_not(None))
    wants_email = and_(has_email, Volunteer.email_consent_at.is_not(None))
    has_phone = and_(Volunteer.phone.is_not(None), Volunteer.phone_verified_at.is_not(None))
    wants_neither = not_(or_(wants_text, wants_email))
    if channel == Channel.SMS:
        told = or_(wants_text, and_(wants_neither, has_phone, not_(has_email)))
        stopped = OptOut.address == Volunteer.phone
    else:
        told = or_(wants_email, and_(wants_neither, has_email))
        stopped = OptOut.address == Volunteer.email
    return and_(told, ~exists().where(OptOut.channel == channel, stopped))
