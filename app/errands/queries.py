"""Reads of errands: one's own, and what is under way about a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import or_, select

from app.errands.models import OPEN, Errand
from app.foundation.extensions import db

SHOWN: Final = 5


def own(user_id: int, errand_id: int) -> Errand | None:
    """An errand of this user, or None."""
    return db.session.scalar(
        select(Errand).where(Errand.id == errand_id, Errand.by_user_id == user_id)
    )


def news(user_id: int) -> Sequence[Errand]:
    """What is under way for a user, or ended and was not looked at yet; the latest first."""
    return db.session.scalars(
        select(Errand)
        .where(
            Errand.by_user_id == user_id,
            or_(Errand.progress.in_(OPEN), Errand.seen_at.is_(None)),
        )
        .order_by(Errand.id.desc())
        .limit(SHOWN)
    ).all()


def latest(kind: str, about_id: int) -> Errand | None:
    """The last errand of a kind about a row, or None."""
    return db.session.scalar(
        select(Errand)
        .where(Errand.kind == kind, Errand.about_id == about_id)
        .order_by(Errand.id.desc())
        .limit(1)
    )
