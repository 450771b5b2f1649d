"""What an administrator does with other people's accounts."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts import audit
from app.accounts.models import CountyRole, User
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction


def set_county_role(user_id: int, role: CountyRole) -> None:
    """Give or take a county-wide role. Raises `Refusal` for the last administrator."""
    with transaction():
        user = db.session.get_one(User, user_id)
        if user.county_role == role:
            return
        keep_one_administrator(user)
        audit.record(
            "county role changed", subject=user, was=user.county_role.value, now=role.value
        )
        user.county_role = role


def disable(user_id: int) -> None:
    """Shut the user out, at once and everywhere; nothing of theirs is deleted."""
    with transaction():
        user = db.session.get_one(User, user_id)
        if not user.is_enabled:
            return
        keep_one_administrator(user)
        user.is_enabled = False
        user.session_epoch += 1
        audit.record("account disabled", subject=user)


def enable(user_id: int) -> None:
    """Let a disabled user sign in again."""
    with transaction():
        user = db.session.get_one(User, user_id)
        if not user.is_enabled:
            user.is_enabled = True
            audit.record("account enabled", subject=user)


def keep_one_administrator(leaving: User) -> None:
    """Raises `Refusal` for the last administrator; call it in the transaction that takes the role.

    Their rows are locked, so that two who leave at once do not each count on
    the other.
    """
    if not leaving.is_administrator:
        return
    administrators = db.session.scalars(
        select(User.id)
        .where(User.county_role == CountyRole.ADMINISTRATOR, User.is_enabled.is_(True))
        .order_by(User.id)
        .with_for_update()
    ).all()
    if set(administrators) <= {leaving.id}:
        raise Refusal("This is the last administrator. Make somebody else one first.")
