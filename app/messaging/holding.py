"""The brake: while a hold is open no text and no email leaves, but for what people wait for.

Codes to sign in, the answer to a STOP and the alarms to administrators
(`Message.is_service`) go out all the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, exists, select, text, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.model import Model
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring, rows_changed
from app.messaging.models import Message


class SendingHold(Model):
    """That somebody stopped all sending, and until when; the index allows one open hold."""

    __table_args__ = (
        Index(
            "uq_sending_hold_open",
            "is_open",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )

    is_open: Mapped[bool] = mapped_column(default=True)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    by_user: Mapped[User | None] = relationship(foreign_keys=[by_user_id])


def is_held(message: Any = Message) -> ColumnElement[bool]:
    """SQL, over Message or an alias of it: the open hold keeps it back.

    For every statement that lets a message go.
    """
    return and_(~message.is_service, exists().where(SendingHold.is_open))


def current() -> SendingHold | None:
    """The open hold, with who began it; None while messages may leave."""
    return db.session.scalar(
        select(SendingHold).where(SendingHold.is_open).options(joinedload(SendingHold.by_user))
    )


def pause(by_user_id: int, reason: str = "") -> bool:
    """Hold all messages back from now on; False when they are held already.

    What was handed to a carrier in the second before is not called back.
    """
    with transaction():
        begun: int | None = db.session.scalar(
            insert_ignoring(SendingHold.__table__)
            .values(
                created_at=clock.now(),
                is_open=True,
                by_user_id=by_user_id,
                reason=reason.strip()[:200],
            )
            .returning(SendingHold.__table__.c.id)
        )
    return begun is not None


def go_on(by_user_id: int) -> bool:
    """Let messages leave again; False when nothing held them back.

    The sweep wakes the workers within seconds; whoever cannot wait nudges the lanes.
    """
    with transaction():
        ended = db.session.execute(
            update(SendingHold)
            .where(SendingHold.is_open)
            .values(is_open=False, ended_at=clock.now(), ended_by_id=by_user_id)
        )
        return bool(rows_changed(ended))
