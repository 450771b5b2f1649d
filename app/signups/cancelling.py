"""Cancelling: everybody concerned is told, with the reason."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups import letters
from app.signups.models import LIVE, Signup, Standing, Way
from app.signups.rows import end, locked
from app.signups.signals import places_changed


def cancel_shift(shift_id: int, by_user_id: int | None, reason: str, *, tell: bool = True) -> int:
    """Cancel a shift and tell everyone on it why; how many were told.

    `tell` is off when the caller tells them itself, of several shifts at once.
    Raises `Refusal` without a reason, or when the shift is over.
    """
    reason = reason.strip()
    if not reason:
        raise Refusal("Say why: everyone who signed up is told.", "reason")
    with transaction():
        shifts = locked([shift_id])
        if not shifts or shifts[0].stage == Stage.CANCELLED:
            return 0
        shift = shifts[0]
        if shift.ends_at <= clock.now():
            raise Refusal("This shift is over, so it cannot be cancelled.")
        shift.stage = Stage.CANCELLED
        shift.cancel_reason = reason
        shift.revision += 1
        told = 0
        for signup in db.session.scalars(
            select(Signup).where(Signup.shift_id == shift_id, Signup.standing.in_(LIVE))
        ).all():
            end(signup, Standing.CANCELLED, Way.MANAGER, by_user_id, reason)
            if tell:
                letters.tell(signup)
            told += 1
        shift.version += 1
        audit.record("cancelled shift", subject=shift, group_id=shift.opportunity.group_id)
        places_changed.send(shift_id)
        return told


def cancel_opportunity(opportunity_id: int, by_user_id: int | None, reason: str) -> int:
    """Cancel an opportunity and each of its coming shifts; how many people were told.

    Raises `Refusal` without a reason.
    """
    reason = reason.strip()
    if not reason:
        raise Refusal("Say why: everyone who signed up is told.", "reason")
    with transaction():
        opportunity = db.session.get_one(Opportunity, opportunity_id)
        opportunity.stage = Stage.CANCELLED
        opportunity.cancel_reason = reason
        coming = db.session.scalars(
            select(Shift.id)
            .where(
                Shift.opportunity_id == opportunity_id,
                Shift.ends_at > clock.now(),
                Shift.stage != Stage.CANCELLED,
            )
            .order_by(Shift.id)
        ).all()
        return sum(cancel_shift(shift_id, by_user_id, reason) for shift_id in coming)
