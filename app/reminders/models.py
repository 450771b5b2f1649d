"""Which reminders are due when, who got one, and when the sweep last ran."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.flags import Flags
from app.foundation.model import Model, choice
from app.opportunities.models import Shift
from app.signups.models import Signup
from app.volunteers.vocabulary import Lead

_OPEN = text("done_at IS NULL")
_DUE = text("outcome = 'due'")


class ReminderRound(Model):
    """One kind of reminder of one shift, at the time that it has now.

    Made ahead of time, so that what is due is known before it is, and what was
    not done is seen. A shift that is moved gets new rounds; those of its former
    revision find nobody any more.
    """

    __table_args__ = (
        UniqueConstraint("shift_id", "revision", "lead"),
        Index(
            "ix_reminder_round_open",
            "due_at",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"))
    revision: Mapped[int]
    lead: Mapped[Lead] = mapped_column(Flags(Lead))
    day: Mapped[date]  # of the shift, as its site has it
    zone: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(index=True)
    last_call: Mapped[datetime]
    fresh_from: Mapped[datetime]
    # Nothing while its time has not come, or nobody has seen to it.
    done_at: Mapped[datetime | None]

    shift: Mapped[Shift] = relationship()


class Outcome(enum.StrEnum):
    """What became of one person's reminder."""

    DUE = "due"  # taken on, not written yet
    TEXT = "text"
    EMAIL = "email"
    UNREACHABLE = "unreachable"  # they allow neither, or have opted out
    OVERTAKEN = "overtaken"  # they left, or the shift was moved or cancelled, in the same minute
    MISSED = "missed"  # its time had passed before anybody saw to it


WRITTEN = (Outcome.TEXT, Outcome.EMAIL)


class Reminder(Model):
    """That somebody was, or was to be, reminded of their place on a shift.

    Unique by sign-up, kind and the shift's revision: whoever writes twice, the
    database keeps one. Rows of one `cause` were told by one message.
    """

    __table_args__ = (
        UniqueConstraint("signup_id", "lead", "revision"),
        Index("ix_reminder_due", "volunteer_id", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_reminder_volunteer_written", "volunteer_id", "written_at"),
    )

    signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    lead: Mapped[Lead] = mapped_column(Flags(Lead))
    revision: Mapped[int]
    day: Mapped[date]
    due_at: Mapped[datetime] = mapped_column(index=True)
    # By which way, as they prefer and allow: decided when it was taken on.
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    by_text: Mapped[bool] = mapped_column(default=True)
    cause: Mapped[str] = mapped_column(String(60), default="", index=True)
    written_at: Mapped[datetime | None]

    signup: Mapped[Signup] = relationship()


class ReminderBeat(Model):
    """When the sweep of the reminders last began and ended: one row, named "reminders"."""

    name: Mapped[str] = mapped_column(String(20), unique=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
