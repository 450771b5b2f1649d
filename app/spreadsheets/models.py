"""A rota on its way back in."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.model import Model, choice


class ImportState(enum.StrEnum):
    READING = "reading"  # a long file, which a worker looks through
    PREVIEW = "preview"
    DONE = "done"
    ABANDONED = "abandoned"


class RotaImport(Model):
    """A spreadsheet of a rota: what it holds, what it would do, then that it was done.

    `sheets` and `plan` hold names, so both are emptied once it is done or
    thrown away, and after a day in any case.
    """

    __table_args__ = (Index("ix_rota_import_created_at", "created_at"),)

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    file_name: Mapped[str] = mapped_column(String(200))
    sheets: Mapped[list[Any]] = mapped_column(JSON, deferred=True)
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[ImportState] = mapped_column(choice(ImportState), default=ImportState.PREVIEW)
    done_at: Mapped[datetime | None]
