"""By which ways a volunteer may be written to; opt-outs are seen to when a message leaves."""

from __future__ import annotations

from typing import NamedTuple

from app.volunteers.models import Volunteer


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
