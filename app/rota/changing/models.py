"""What managers changed in the rota: from what to what, so that it can be undone."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.foundation.model import Model, choice


class Kind(enum.StrEnum):
    """What was changed."""

    SHIFT = "shift"
    PATTERN = "pattern"
    CLOSURE = "closure"


class RotaChange(Model):
    """One change by one manager, with every row that it touched before and after.

    `record` holds {"shifts": [...], "patterns": [...], "closures": [...]}: each
    entry has the row's id, its values before and after (None where there was
    or is no row), and for a shift the sign-ups that ended with it. It names
    nobody: people are numbers of sign-ups.
    """

    __table_args__ = (Index("ix_rota_change_group_created_at", "group_id", "created_at"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    opportunity_id: Mapped[int | None] = mapped_column(
        ForeignKey("opportunity.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    # In one sentence, for the list of recent changes.
    summary: Mapped[str] = mapped_column(String(300))
    reason: Mapped[str] = mapped_column(String(300), default="", server_default="")
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    # What could not be put back, and why: sentences without names.
    left_over: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")

    by: Mapped[User | None] = relationship(foreign_keys=[by_user_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])
