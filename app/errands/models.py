"""An errand: one piece of long work, from the click to its outcome."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.model import BigId, Model, choice


class Progress(enum.StrEnum):
    """How far an errand has come."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    REFUSED = "refused"  # a person can mend it; `outcome` says how
    FAILED = "failed"  # our fault


OPEN: Final = (Progress.WAITING, Progress.WORKING)


class Errand(Model):
    """Work that a user asked for and a worker does. The row is the truth, the job a nudge.

    `kind` is a name in `errands.kinds`, `about_id` the row that the work is
    about. `tries` counts how often it was taken up: only the latest may finish
    it. `outcome` is a sentence for the person. `label` may hold a file's name,
    so rows are deleted after a day.
    """

    __table_args__ = (
        Index("ix_errand_by_user_id_created_at", "by_user_id", "created_at"),
        Index("ix_errand_kind_about_id", "kind", "about_id"),
        Index("ix_errand_progress", "progress"),
    )

    kind: Mapped[str] = mapped_column(String(60))
    about_id: Mapped[int] = mapped_column(BigId)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    label: Mapped[str] = mapped_column(String(200))
    progress: Mapped[Progress] = mapped_column(choice(Progress), default=Progress.WAITING)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    tries: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(300), default="")
    seen_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        return self.progress in OPEN
