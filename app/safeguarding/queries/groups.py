"""Who manages a group, and what it has set."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import User
from app.foundation.extensions import db
from app.groups.models import Membership, Part
from app.safeguarding.models import SafetySettings


def managers_of(group_id: int) -> Sequence[User]:
    """The group's managers who can sign in, in the order of their joining."""
    return db.session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.group_id == group_id,
            Membership.part == Part.MANAGER,
            User.is_enabled.is_(True),
        )
        .order_by(Membership.id)
    ).all()


def settings_of(group_id: int) -> SafetySettings | None:
    """What the group has set, or None."""
    return db.session.scalar(select(SafetySettings).where(SafetySettings.group_id == group_id))
