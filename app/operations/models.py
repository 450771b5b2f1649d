"""What was wrong and when it was told, and requests whose numbers do not add up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.broadcasts.models import Broadcast
from app.foundation.model import Model, choice
from app.operations.rules.problems import Kind


class Alarm(Model):
    """One thing that was wrong, from when it was first seen until it was over.

    Of one kind and subject one row is open at a time. `told_at` is empty for
    what has not lasted long enough to tell anybody.
    """

    __table_args__ = (
        Index(
            "uq_alarm_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
        Index("ix_alarm_told_at", "told_at"),
    )

    is_open: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    subject: Mapped[str] = mapped_column(String(200), default="")
    sentence: Mapped[str] = mapped_column(String(400))  # as it was when last told
    advice: Mapped[str] = mapped_column(String(300), default="")
    began_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    well_since: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ConservationBreach(Model):
    """That a request asked another number of people than it has messages for.

    Kept when it is mended: it should never have happened.
    """

    broadcast_id: Mapped[int] = mapped_column(
        ForeignKey("broadcast.id", ondelete="CASCADE"), unique=True
    )
    asked: Mapped[int]
    messages: Mapped[int]
    seen_at: Mapped[datetime]  # last
    mended_at: Mapped[datetime | None] = mapped_column(index=True)

    broadcast: Mapped[Broadcast] = relationship()
