"""A swap that somebody asks for, and what became of it."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice
from app.signups.models import Signup
from app.volunteers.models import Volunteer

_PENDING_SQL = "state IN ('open', 'accepted')"


class SwapState(enum.StrEnum):
    """Where a swap stands."""

    OPEN = "open"  # nobody has taken it yet
    ACCEPTED = "accepted"  # taken, and a manager is to say yes
    DONE = "done"
    TURNED_DOWN = "turned-down"  # by the person who was asked, or by a manager
    ENDED = "ended"  # called back, or overtaken by something else


PENDING = (SwapState.OPEN, SwapState.ACCEPTED)


class Swap(Model):
    """That somebody would like to give their place to another volunteer on the same role.

    Asked of one person, it can be for that person's place in return: each then
    has the other's. Offered to all on the role, whoever takes it keeps the own
    places too. A sign-up has one pending swap at most.
    """

    __table_args__ = (
        Index(
            "uq_swap_pending",
            "signup_id",
            unique=True,
            sqlite_where=text(_PENDING_SQL),
            postgresql_where=text(_PENDING_SQL),
        ),
    )

    signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="CASCADE"))
    # Whom it was asked of; nobody: all on the role.
    to_volunteer_id: Mapped[int | None] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    # The place that is asked for in return.
    wanted_signup_id: Mapped[int | None] = mapped_column(
        ForeignKey("signup.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[SwapState] = mapped_column(choice(SwapState), default=SwapState.OPEN)
    taken_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("volunteer.id", ondelete="SET NULL"), index=True
    )
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    ended_at: Mapped[datetime | None]

    signup: Mapped[Signup] = relationship(foreign_keys=[signup_id])
    wanted: Mapped[Signup | None] = relationship(foreign_keys=[wanted_signup_id])
    to: Mapped[Volunteer | None] = relationship(foreign_keys=[to_volunteer_id])
    taken_by: Mapped[Volunteer | None] = relationship(foreign_keys=[taken_by_id])
