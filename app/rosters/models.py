"""One message from a group to many of its people, and whom it did not reach."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.foundation.model import Model, choice
from app.groups.models import Group, Site
from app.messaging.models import Run
from app.opportunities.models import Opportunity, Shift
from app.rosters.rules import Reach
from app.volunteers.models import Channel, Volunteer


class Scope(enum.StrEnum):
    """Whose people it is for."""

    SHIFT = "shift"
    DAY = "day"
    GROUP = "group"


class RosterMessage(Model):
    """A message to everybody on a shift, of a day at a site, or on a group's list.

    A draft until `sent_at`; that it is sent once, however often somebody presses the
    button, is decided under the lock of its row.
    """

    __table_args__ = (Index("ix_roster_message_group_sent", "group_id", "sent_at"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    scope: Mapped[Scope] = mapped_column(choice(Scope))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id", ondelete="SET NULL"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="SET NULL"))
    day: Mapped[date | None]
    # Of a group's people only those who have, or lately had, a place in this role.
    opportunity_id: Mapped[int | None] = mapped_column(
        ForeignKey("opportunity.id", ondelete="SET NULL")
    )
    this_week: Mapped[bool] = mapped_column(default=False)  # only those with a place in seven days
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    subject: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[str] = mapped_column(Text)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    sent_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship()
    by_user: Mapped[User | None] = relationship()
    shift: Mapped[Shift | None] = relationship()
    site: Mapped[Site | None] = relationship()
    opportunity: Mapped[Opportunity | None] = relationship()
    run: Mapped[Run | None] = relationship()


class RosterRecipient(Model):
    """One of the people whom a message was for, and whether it could be written to them."""

    __table_args__ = (UniqueConstraint("roster_message_id", "volunteer_id"),)

    roster_message_id: Mapped[int] = mapped_column(
        ForeignKey("roster_message.id", ondelete="CASCADE")
    )
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    reach: Mapped[Reach] = mapped_column(choice(Reach))

    volunteer: Mapped[Volunteer] = relationship()
