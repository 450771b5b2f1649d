"""When people came and left, the hours they ask to have counted, and signed statements."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice
from app.groups.models import Group
from app.opportunities.models import Shift
from app.signups.models import Signup
from app.volunteers.models import Volunteer


class Seen(enum.StrEnum):
    """How we know that somebody came or left."""

    BOARD = "board"  # a manager, on the board of the day
    TABLET = "tablet"  # the tablet in the building, pressed by the person
    STAFF = "staff"  # the tablet, after its PIN
    CODE = "code"  # the code on the tablet, which changes each minute
    POSTER = "poster"  # the code on the wall, which can be photographed
    TEXT = "text"  # "HERE", from their phone
    MANAGER = "manager"  # put right by a manager afterwards
    ASKED = "asked"  # they told us when we asked
    RULE = "rule"  # nobody told us: the planned end counts

    @property
    def label(self) -> str:
        return {
            "board": "by a manager",
            "tablet": "on the tablet",
            "staff": "on the tablet, after the PIN",
            "code": "by the code on the tablet",
            "poster": "by the poster’s code",
            "text": "by text",
            "manager": "put right by a manager",
            "asked": "told us when asked",
            "rule": "by rule",
        }[self.value]

    @property
    def is_sure(self) -> bool:
        """Whether it shows that the person was in the building; the others take their word."""
        return self not in (Seen.POSTER, Seen.TEXT)


class Attendance(Model):
    """When one person came to a shift, and when they left it.

    With a sign-up, the sign-up's standing rules: this counts while it is
    ATTENDED, and the minutes stand in `Signup.attended_minutes`. Without one
    the person is extra: they came, the shift was full, they take no place,
    and the minutes stand here.
    """

    __table_args__ = (
        UniqueConstraint("shift_id", "volunteer_id"),
        # Those who are in, or who forgot to say that they left.
        Index(
            "ix_attendance_open",
            "came_at",
            sqlite_where=text("left_at IS NULL AND came_at IS NOT NULL"),
            postgresql_where=text("left_at IS NULL AND came_at IS NOT NULL"),
        ),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    signup_id: Mapped[int | None] = mapped_column(
        ForeignKey("signup.id", ondelete="CASCADE"), unique=True
    )
    came_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    came_by: Mapped[Seen | None] = mapped_column(choice(Seen))
    left_by: Mapped[Seen | None] = mapped_column(choice(Seen))
    # A manager stated the times: everything between them counts.
    is_exact: Mapped[bool] = mapped_column(default=False)
    extra_minutes: Mapped[int | None]
    # When we asked when they left; so that nobody is asked twice.
    asked_at: Mapped[datetime | None]

    shift: Mapped[Shift] = relationship()
    signup: Mapped[Signup | None] = relationship()
    volunteer: Mapped[Volunteer] = relationship()

    @property
    def minutes(self) -> int | None:
        """What counts of it, in minutes."""
        return self.signup.attended_minutes if self.signup else self.extra_minutes

    @property
    def is_here(self) -> bool:
        return self.came_at is not None and self.left_at is None


class AttendanceChange(Model):
    """One change of an attendance: from what, to what, by whom, how and why. Never deleted."""

    attendance_id: Mapped[int] = mapped_column(
        ForeignKey("attendance.id", ondelete="CASCADE"), index=True
    )
    came_before: Mapped[datetime | None]
    came_after: Mapped[datetime | None]
    left_before: Mapped[datetime | None]
    left_after: Mapped[datetime | None]
    minutes_before: Mapped[int | None]
    minutes_after: Mapped[int | None]
    seen: Mapped[Seen] = mapped_column(choice(Seen))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(300), default="")


class RequestState(enum.StrEnum):
    """What became of hours that somebody asked to have counted."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class HoursRequest(Model):
    """Hours that a volunteer asks a group to count.

    With an attendance it asks to put that one right: they came and left at
    other times. Without one it is time given beside any shift.
    """

    __table_args__ = (
        Index("ix_hours_request_group_state", "group_id", "state"),
        Index("ix_hours_request_volunteer_state", "volunteer_id", "state"),
    )

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    signup_id: Mapped[int | None] = mapped_column(ForeignKey("signup.id", ondelete="CASCADE"))
    day: Mapped[date]
    minutes: Mapped[int]
    came_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    what: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[RequestState] = mapped_column(choice(RequestState), default=RequestState.WAITING)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(300), default="")

    group: Mapped[Group] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
    signup: Mapped[Signup | None] = relationship()


class Statement(Model):
    """Hours as they were on the day somebody had them printed, signed by us.

    `contents` is what the paper says, `signature` an HMAC over exactly that
    (see `service.statements`). The code on the paper finds this row.
    """

    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str] = mapped_column(String(16), unique=True)
    contents: Mapped[dict[str, Any]] = mapped_column(JSON)
    signature: Mapped[str] = mapped_column(String(64))

    volunteer: Mapped[Volunteer] = relationship()
