"""Texts that came in: stored as they came, then understood."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.broadcasts.models import Broadcast
from app.foundation.model import Model, choice
from app.volunteers.models import Volunteer


class ReplyState(enum.StrEnum):
    """Whether a reply still waits for somebody."""

    NEW = "new"  # stored, not yet processed
    DONE = "done"  # acted on by rule
    WAITING = "waiting"  # for a person
    CLOSED = "closed"  # by a person


class Reply(Model):
    """An inbound SMS and what it was taken to mean; one row per carrier's id."""

    __table_args__ = (
        Index("ix_reply_state", "state", "id"),
        Index(
            "ix_reply_found",
            "found_at",
            sqlite_where=text("found_at IS NOT NULL"),
            postgresql_where=text("found_at IS NOT NULL"),
        ),
    )

    carrier_id: Mapped[str] = mapped_column(String(64), unique=True)
    from_address: Mapped[str] = mapped_column(String(40), index=True)
    to_address: Mapped[str] = mapped_column(String(40), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[ReplyState] = mapped_column(choice(ReplyState), default=ReplyState.NEW)
    meaning: Mapped[str] = mapped_column(String(12), default="")  # of inbox.rules.Meaning
    outcome: Mapped[str] = mapped_column(String(200), default="")  # in words, what we did
    volunteer_id: Mapped[int | None] = mapped_column(
        ForeignKey("volunteer.id", ondelete="SET NULL"), index=True
    )
    broadcast_id: Mapped[int | None] = mapped_column(
        ForeignKey("broadcast.id", ondelete="SET NULL"), index=True
    )
    attempts: Mapped[int] = mapped_column(default=0)
    # The carrier's call never came: when its list told us. `created_at` is when it had the text.
    found_at: Mapped[datetime | None]
    processed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    closed_at: Mapped[datetime | None]

    volunteer: Mapped[Volunteer | None] = relationship()
    broadcast: Mapped[Broadcast | None] = relationship()


class InboundListing(Model):
    """Until when a carrier's list of texts that came in has been read without a gap."""

    carrier: Mapped[str] = mapped_column(String(20), unique=True)
    complete_until: Mapped[datetime]
