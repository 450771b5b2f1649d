"""Two volunteers who read the site, and hear from it, in another language than English."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation.extensions import db
from app.foundation.flags import has_any
from app.opportunities.models import Shift
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import AgeBand, Language

# By the address to sign in with: the language that they speak, and its code.
READERS: Final = {
    "polish@example.org": (Language.POLISH, "pl"),
    "urdu@example.org": (Language.URDU, "ur"),
}


def add_readers(now: datetime, password_hash: str) -> None:
    """Let one volunteer of each language sign in: who has most to see; once the rows are there."""
    for email, (spoken, code) in READERS.items():
        volunteer = _with_most_places(spoken, now)
        if volunteer is None:
            continue  # in a very small county nobody may speak it
        user = User(
            name=volunteer.name,
            email=email,
            email_verified_at=volunteer.created_at,
            password_hash=password_hash,
            created_at=volunteer.created_at,
        )
        db.session.add(user)
        db.session.flush()
        volunteer.user_id, volunteer.language = user.id, code
        volunteer.email, volunteer.email_verified_at = email, volunteer.created_at
        db.session.flush()


def _with_most_places(spoken: Language, now: datetime) -> Volunteer | None:
    """Of those who speak a language, the adult with most places to come."""
    coming = (
        select(func.count(Signup.id))
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.volunteer_id == Volunteer.id,
            Signup.standing == Standing.CONFIRMED,
            Shift.starts_at > now,
        )
        .scalar_subquery()
    )
    return db.session.scalar(
        select(Volunteer)
        .where(
            Volunteer.user_id.is_(None),
            Volunteer.age_band == AgeBand.ADULT,
            Volunteer.paused_until.is_(None),
            Volunteer.sms_consent_at.is_not(None),
            has_any(Volunteer.languages, spoken),
        )
        .order_by(coming.desc(), Volunteer.id)
        .limit(1)
    )
