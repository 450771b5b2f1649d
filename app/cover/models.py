"""A group's rule for cover, and each time that a place was to be covered."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.broadcasts.models import Broadcast
from app.cover.rules import Cause, Reach, Start
from app.foundation.model import Model, choice
from app.groups.models import Group
from app.opportunities.models import Shift


class CoverState(enum.StrEnum):
    """Where the cover of a shift stands."""

    PENDING = "pending"  # the rule asks at `starts_at` unless somebody stops it
    ASKING = "asking"
    FILLED = "filled"
    STOPPED = "stopped"
    IMPOSSIBLE = "impossible"  # the rule could not ask: `note` says why
    OVER = "over"  # the shift has begun, or is no more


LIVE: Final = (CoverState.PENDING, CoverState.ASKING)
_LIVE_SQL = "state IN ('pending', 'asking')"


class CoverRule(Model):
    """What happens by itself when somebody drops out, as a group has set it; one for each group."""

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), unique=True
    )
    start: Mapped[Start] = mapped_column(choice(Start), default=Start.NEVER)
    within_hours: Mapped[int] = mapped_column(default=24)
    most_people: Mapped[int] = mapped_column(default=10)
    wait_minutes: Mapped[int] = mapped_column(default=10)
    reach: Mapped[Reach] = mapped_column(choice(Reach), default=Reach.NEARBY)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    group: Mapped[Group] = relationship()


class Cover(Model):
    """One time that a shift's place was to be covered: why, by whom, and what came of it.

    The partial index lets a shift be covered once at a time, whoever presses.
    """

    __table_args__ = (
        Index(
            "uq_cover_live",
            "shift_id",
            unique=True,
            sqlite_where=text(_LIVE_SQL),
            postgresql_where=text(_LIVE_SQL),
        ),
        Index("ix_cover_shift_state", "shift_id", "state"),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[CoverState] = mapped_column(choice(CoverState), index=True)
    cause: Mapped[Cause] = mapped_column(choice(Cause))
    most_people: Mapped[int]
    reach: Mapped[Reach] = mapped_column(choice(Reach))
    # When the rule asks; nothing where a person decides.
    starts_at: Mapped[datetime | None]
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    broadcast_id: Mapped[int | None] = mapped_column(
        ForeignKey("broadcast.id", ondelete="SET NULL"), index=True
    )
    stopped_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(String(300), default="")
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    shift: Mapped[Shift] = relationship()
    broadcast: Mapped[Broadcast | None] = relationship()
