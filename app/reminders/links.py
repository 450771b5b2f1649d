"""The one-tap answer to a reminder: a signed address that is good for its own places only."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Shift
from app.signups.models import Signup
from app.volunteers.models import Volunteer


def token(signup_ids: Sequence[int]) -> str:
    """What stands in the address; it cannot be guessed, and holds ids only."""
    return _serializer().dumps(list(signup_ids))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="reminder-answer")


def reminded(of_token: str) -> list[Signup]:
    """The places that a token is about, the soonest first; none for a token that is not ours.

    A place that was left, and one on a shift that is over, is among them still.
    """
    try:
        ids = _serializer().loads(of_token)
    except (BadSignature, ValueError, TypeError):
        return []
    return list(
        db.session.scalars(
            select(Signup)
            .join(Signup.shift)
            .join(Signup.volunteer)
            .where(Signup.id.in_(ids), Volunteer.erased_at.is_(None))
            .options(
                joinedload(Signup.shift)
                .joinedload(Shift.opportunity)
                .joinedload(Opportunity.group),
                joinedload(Signup.shift).joinedload(Shift.site),
            )
            .order_by(Shift.starts_at, Signup.id)
            .execution_options(populate_existing=True)
        )
    )
