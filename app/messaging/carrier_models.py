"""What all workers know of the carriers: which of them rest, and how they did lately."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.model import Model


class CarrierStatus(Model):
    """Whether a carrier of texts rests; one row for each that ever did.

    A carrier without a row has never been in trouble.
    """

    carrier: Mapped[str] = mapped_column(String(20), unique=True)
    is_resting: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime]  # of the rest, or of coming back from it
    until: Mapped[datetime | None]  # none: a person said so, and a person ends it
    reason: Mapped[str] = mapped_column(String(300), default="")  # in words, for people
    rests: Mapped[int] = mapped_column(default=0)  # so many in a row; each lasts longer


class CarrierTally(Model):
    """What a carrier was asked within ten seconds, by all workers together.

    `slot` is when they began. The answers are counted by how long it took
    until a text was accepted; see `rules.health.CLASSES`.
    """

    __table_args__ = (UniqueConstraint("carrier", "slot"),)

    carrier: Mapped[str] = mapped_column(String(20))
    slot: Mapped[datetime]
    asked: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    within_100ms: Mapped[int] = mapped_column(default=0)
    within_200ms: Mapped[int] = mapped_column(default=0)
    within_500ms: Mapped[int] = mapped_column(default=0)
    within_1s: Mapped[int] = mapped_column(default=0)
    within_2s: Mapped[int] = mapped_column(default=0)
    within_5s: Mapped[int] = mapped_column(default=0)
    longer: Mapped[int] = mapped_column(default=0)
