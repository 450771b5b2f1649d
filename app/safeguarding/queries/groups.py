"""Who manages a group, what it has set, and which groups have anything to watch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from app.accounts.models import User
from app.foundation.extensions import db
from app.groups.models import Group, Membership, Part
from app.opportunities.models import Opportunity, Stage
from app.safeguarding.models import SafetySettings
from app.volunteers.models import DbsCheck, TrainingRecord


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


def to_look_at() -> Sequence[int]:
    """The groups that are open and have a live role, or have noted a check or a training."""
    return db.session.scalars(
        select(Group.id)
        .where(
            Group.is_closed.is_(False),
            or_(
                Group.id.in_(
                    select(Opportunity.group_id).where(
                        Opportunity.stage.in_([Stage.PUBLISHED, Stage.CLOSED])
                    )
                ),
                Group.id.in_(select(DbsCheck.group_id).where(DbsCheck.group_id.is_not(None))),
                Group.id.in_(
                    select(TrainingRecord.group_id).where(TrainingRecord.group_id.is_not(None))
                ),
            ),
        )
        .order_by(Group.id)
    ).all()
