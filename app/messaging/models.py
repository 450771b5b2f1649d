"""The ledger: every message to every contact point, and what became of it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice
from app.messaging.rules.states import FINAL, WAITING, State
from app.volunteers.models import Channel, Volunteer

__all__ = ["ASK", "FINAL", "WAITING", "Message", "Receipt", "Run", "RunState", "State"]


class RunState(enum.StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


# The purpose of a message that asks for help; weekly limits count these.
ASK: Final = "ask"


class Run(Model):
    """Messages that can be held back together: those of one broadcast.

    Its row is read in the very UPDATE that lets a message go, so that a stop
    holds back all that has not left.
    """

    state: Mapped[RunState] = mapped_column(choice(RunState), default=RunState.RUNNING)
    deadline: Mapped[datetime | None]
    # A stated emergency: its messages leave in quiet hours too.
    is_emergency: Mapped[bool] = mapped_column(default=False)


def _index_of(states: tuple[str, ...], name: str, *columns: str) -> Index:
    """An index of the messages in these states only: small, whatever the ledger's size."""
    where = text(f"state IN ({', '.join(repr(state) for state in states)})")
    if len(states) == 1:
        where = text(f"state = {states[0]!r}")
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


class Message(Model):
    """One SMS or email to one contact point.

    Unique per cause, recipient and purpose, so that writing it twice is
    harmless. `token` is ours and travels in the callback's address, so that
    a receipt heals a message whose answer was lost.
    """

    __table_args__ = (
        UniqueConstraint("cause", "recipient", "purpose"),
        # What waits in a lane, in the order of leaving; and what is on its way or in doubt.
        _index_of(("queued",), "ix_message_due", "lane", "not_before", "id"),
        _index_of(("leased", "sending", "uncertain"), "ix_message_moving", "state", "sending_at"),
        Index("ix_message_run_state", "run_id", "state"),
        Index("ix_message_carrier_id", "carrier_id"),
        # How each carrier has done lately; what has never left costs nothing here.
        Index(
            "ix_message_attempt",
            "carrier",
            "sending_at",
            sqlite_where=text("sending_at IS NOT NULL"),
            postgresql_where=text("sending_at IS NOT NULL"),
        ),
        # Who was asked lately, and how often, told from the index alone.
        Index("ix_message_asked", "purpose", "created_at", "volunteer_id", "state"),
        # When somebody was last told how to stop.
        Index(
            "ix_message_told",
            "to_address",
            "created_at",
            sqlite_where=text("tells_stop"),
            postgresql_where=text("tells_stop"),
        ),
    )

    channel: Mapped[Channel] = mapped_column(choice(Channel))
    lane: Mapped[str] = mapped_column(String(10))  # a queue of foundation.queue
    cause: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(30))
    volunteer_id: Mapped[int | None] = mapped_column(
        ForeignKey("volunteer.id", ondelete="SET NULL"), index=True
    )
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    token: Mapped[str] = mapped_column(String(32), unique=True)

    to_address: Mapped[str] = mapped_column(String(254), index=True)
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    segments: Mapped[int] = mapped_column(default=1)
    # Its body says how to stop (messaging.rules.opting_out).
    tells_stop: Mapped[bool] = mapped_column(default=False)
    # May leave even to one who opted out: the confirmation of the opt-out, a sign-in code.
    is_service: Mapped[bool] = mapped_column(default=False)

    state: Mapped[State] = mapped_column(choice(State), default=State.QUEUED)
    reason: Mapped[str] = mapped_column(String(300), default="")  # in words, for people
    not_before: Mapped[datetime]
    deadline: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_holder: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    sending_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    carrier: Mapped[str] = mapped_column(String(20), default="")
    carrier_id: Mapped[str | None] = mapped_column(String(64))
    error_code: Mapped[str | None] = mapped_column(String(20))

    volunteer: Mapped[Volunteer | None] = relationship()
    run: Mapped[Run | None] = relationship()


class Receipt(Model):
    """A status callback as it came, kept whatever it meant."""

    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("message.id", ondelete="SET NULL"), index=True
    )
    carrier_id: Mapped[str] = mapped_column(String(64), index=True)
    status: Mapped[str] = mapped_column(String(30))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
