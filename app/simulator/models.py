"""The stand-in carrier's own book: phones, texts, calls that it owes us, and its dials."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice


class Direction(enum.StrEnum):
    """Which way a text went, in the carrier's words."""

    OUTBOUND = "outbound-api"  # from us to a phone
    AUTOMATIC = "outbound-reply"  # from the carrier itself, in answer to a keyword
    INBOUND = "inbound"  # from a phone to us


class Status(enum.StrEnum):
    """How far a text has come, in the carrier's words."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"


class SimulatedHandset(Model):
    """A phone that nobody holds. Its number stays out of addresses; its id goes there."""

    phone: Mapped[str] = mapped_column(String(16), unique=True)
    # Since when the carrier takes nothing for this phone: it sent a keyword like STOP.
    stopped_at: Mapped[datetime | None]
    # The newest text of this phone. No foreign key: texts point here, and one way is enough.
    last_text_id: Mapped[int] = mapped_column(default=0, index=True)


class SimulatedText(Model):
    """One text, to or from a handset.

    `ends_as` and `error_code_later` are drawn when the text is taken;
    `next_step_at` is when the pump moves it on, and empty at the end.
    """

    __table_args__ = (
        Index("ix_simulated_text_handset_id_id", "handset_id", "id"),
        Index("ix_simulated_text_next_step_at", "next_step_at"),
    )

    sid: Mapped[str] = mapped_column(String(34), unique=True)
    handset_id: Mapped[int] = mapped_column(ForeignKey("simulated_handset.id", ondelete="CASCADE"))
    direction: Mapped[Direction] = mapped_column(choice(Direction))
    our_number: Mapped[str] = mapped_column(String(16))
    service_sid: Mapped[str | None] = mapped_column(String(34))
    body: Mapped[str] = mapped_column(Text)
    asks: Mapped[bool] = mapped_column(default=False)  # whether it waits for a yes
    segments: Mapped[int] = mapped_column(default=1)
    status: Mapped[Status] = mapped_column(choice(Status))
    error_code: Mapped[int | None]
    ends_as: Mapped[Status] = mapped_column(choice(Status))
    error_code_later: Mapped[int | None]
    status_callback: Mapped[str] = mapped_column(String(500), default="")
    next_step_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

    handset: Mapped[SimulatedHandset] = relationship()

    @property
    def to_number(self) -> str:
        return self.our_number if self.direction == Direction.INBOUND else self.handset.phone

    @property
    def from_number(self) -> str:
        return self.handset.phone if self.direction == Direction.INBOUND else self.our_number


class SimulatedCallback(Model):
    """A call that the carrier owes us: a receipt, or a text from a handset.

    Taking it moves `due_at` on, so that a pump that dies leaves it to the next.
    """

    __table_args__ = (Index("ix_simulated_callback_work", "sent_at", "due_at"),)

    url: Mapped[str] = mapped_column(String(500))
    form: Mapped[dict[str, str]] = mapped_column(JSON)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]  # answered, or given up
    answer: Mapped[str] = mapped_column(String(100), default="")  # the last one, for people


class SimulatorSettings(Model):
    """The dials: one row, made when somebody first turns one. Shares are of a hundred."""

    delay_seconds: Mapped[float] = mapped_column(default=1.0)
    jitter_seconds: Mapped[float] = mapped_column(default=0.5)
    refused_percent: Mapped[int] = mapped_column(default=0)
    failed_percent: Mapped[int] = mapped_column(default=0)
    lost_percent: Mapped[int] = mapped_column(default=0)
    doubled_percent: Mapped[int] = mapped_column(default=0)
    shuffled_percent: Mapped[int] = mapped_column(default=0)
