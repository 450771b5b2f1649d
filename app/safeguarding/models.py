"""What a group has set about safety, the alarms about its shifts, and decisions about people."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.foundation.model import Model, choice
from app.opportunities.models import Shift
from app.safeguarding.rules.alarms import ALONE_HOURS, Danger
from app.signups.models import Signup

_OPEN: Final = text("solved_at IS NULL")


class Digest(enum.StrEnum):
    """How often a group's managers are written to of what falls due."""

    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"

    @property
    def label(self) -> str:
        return {
            "daily": "Each day on which there is something to tell",
            "weekly": "Once a week",
            "never": "Not by email: I look at the page myself",
        }[self.value]


class SafetySettings(Model):
    """What a group has decided; a group without a row has decided nothing yet."""

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), unique=True
    )
    # So long before a shift, too few people are an alarm.
    alone_hours: Mapped[int] = mapped_column(default=ALONE_HOURS)
    digest: Mapped[Digest] = mapped_column(choice(Digest), default=Digest.WEEKLY)


class ShiftAlarm(Model):
    """That a shift cannot run safely as it stands; open until it can, or is over.

    One of a kind is open on a shift. That it is still so is read from the
    shift; the row remembers who was told and who has seen it.
    """

    __table_args__ = (
        Index(
            "uq_shift_alarm_open",
            "shift_id",
            "danger",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"), index=True)
    danger: Mapped[Danger] = mapped_column(choice(Danger))
    told_at: Mapped[datetime | None]
    texted_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    solved_at: Mapped[datetime | None]

    shift: Mapped[Shift] = relationship()
    seen_by: Mapped[User | None] = relationship()


class Verdict(enum.StrEnum):
    """What a manager decided about somebody who no longer meets what a shift needs."""

    KEEP = "keep"
    RELEASE = "release"


class Finding(Model):
    """That somebody no longer meets what their coming shift needs, for one reason.

    Found by the sweep or at the change itself; `gone_at` says when it was no
    longer so. What a manager decided stands beside it, with words and, for
    somebody who stays, until when.
    """

    __table_args__ = (
        UniqueConstraint("signup_id", "reason"),
        Index("ix_finding_group_id_gone_at", "group_id", "gone_at"),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(24))  # a `signups.rules.Exclusion`
    gone_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    verdict: Mapped[Verdict | None] = mapped_column(choice(Verdict))
    words: Mapped[str] = mapped_column(String(300), default="")
    keep_until: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]

    signup: Mapped[Signup] = relationship()
    decided_by: Mapped[User | None] = relationship()
