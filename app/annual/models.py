"""A year's report with its frozen contents, its PDF, and what an hour is worth."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.annual.rules.years import Year
from app.foundation.model import Model, choice


class Progress(enum.StrEnum):
    """How far the making of a report is."""

    QUEUED = "queued"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


WORKING = (Progress.QUEUED, Progress.WORKING)


class AnnualReport(Model):
    """One year's report. `contents` are its figures and words as they were when it was made.

    Made anew as often as one likes until `published_at`; then it stays, but for what
    somebody takes back: their photograph, story or thanks. `doing`, `done` and `of` say
    how far a worker is; `tries` counts its beginnings, so that a worker that was thought
    dead cannot write over the next one's result. `needs_print` says that the PDF is not
    yet of these contents; `prints` counts the tries to make it.
    """

    __table_args__ = (Index("ix_annual_report_progress", "progress", "changed_at"),)

    slug: Mapped[str] = mapped_column(String(10), unique=True)
    first_day: Mapped[date]
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    progress: Mapped[Progress] = mapped_column(choice(Progress), default=Progress.QUEUED)
    changed_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(String(300), default="")
    doing: Mapped[str] = mapped_column(String(80), default="")
    done: Mapped[int] = mapped_column(default=0)
    of: Mapped[int] = mapped_column(default=0)
    contents: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made_at: Mapped[datetime | None]
    foreword: Mapped[str] = mapped_column(Text, default="")
    foreword_by: Mapped[str] = mapped_column(String(120), default="")
    needs_print: Mapped[bool] = mapped_column(default=False)
    prints: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL")
    )

    by_user: Mapped[User | None] = relationship(foreign_keys=[by_user_id])

    @property
    def year(self) -> Year:
        return Year(self.first_day)


class AnnualPrint(Model):
    """A report as PDF, in the database since several web machines hand it out.

    `mark` is of the contents that it was made of (`printing.mark_of`): one that is of
    others is never handed out.
    """

    report_id: Mapped[int] = mapped_column(
        ForeignKey("annual_report.id", ondelete="CASCADE"), unique=True
    )
    mark: Mapped[str] = mapped_column(String(64))
    pages: Mapped[int]
    size: Mapped[int]  # bytes
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class HourValue(Model):
    """What an hour of volunteering is counted as, and where that figure is from.

    A row for each change; the latest holds for reports that are made from then on.
    """

    pence: Mapped[int]
    source: Mapped[str] = mapped_column(String(300))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
