"""A suggested rota: a draft that changes nothing, with each place that it proposes."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice
from app.groups.models import Group
from app.opportunities.models import Shift, Slot
from app.volunteers.models import Volunteer


class Progress(enum.StrEnum):
    """How far a suggestion is."""

    QUEUED = "queued"
    SOLVING = "solving"
    DONE = "done"
    FAILED = "failed"
    ASKED = "asked"  # its manager accepted it, and its people were asked
    DROPPED = "dropped"


# A group has one of these at a time.
OPEN = (Progress.QUEUED, Progress.SOLVING, Progress.DONE, Progress.FAILED)
WORKING = (Progress.QUEUED, Progress.SOLVING)


class Suggestion(Model):
    """Who could take a group's open places in some weeks, worked out by a worker.

    `tries` counts the beginnings of the work, so that a worker that was
    thought dead cannot write over the next one's result.
    """

    __table_args__ = (Index("ix_suggestion_progress", "progress", "changed_at"),)

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    seed: Mapped[int] = mapped_column(default=1)
    progress: Mapped[Progress] = mapped_column(choice(Progress), default=Progress.QUEUED)
    changed_at: Mapped[datetime]  # when it last became what `progress` says
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(String(300), default="")
    # What was found: figures, and the gaps that stay with the reason for each.
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    gaps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    group: Mapped[Group] = relationship()


class Mark(enum.StrEnum):
    """What the manager has said to a proposed place, or what became of it."""

    PROPOSED = "proposed"
    LOCKED = "locked"  # to stay when it is worked out again
    REMOVED = "removed"  # never again in this suggestion
    ASKED = "asked"
    REFUSED = "refused"  # could not be asked; `note` says why


# These are part of the draft as it stands.
STANDING = (Mark.PROPOSED, Mark.LOCKED)


class SuggestedPlace(Model):
    """One person for one place, with the reasons that are shown beside it."""

    __table_args__ = (UniqueConstraint("suggestion_id", "shift_id", "volunteer_id"),)

    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestion.id", ondelete="CASCADE"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"), index=True)
    slot_id: Mapped[int | None] = mapped_column(
        ForeignKey("slot.id", ondelete="SET NULL"), index=True
    )
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    mark: Mapped[Mark] = mapped_column(choice(Mark), default=Mark.PROPOSED)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(String(300), default="")

    suggestion: Mapped[Suggestion] = relationship()
    shift: Mapped[Shift] = relationship()
    slot: Mapped[Slot | None] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
