"""What is over, counted: one narrow row each, so that a year is summed in a moment.

Nothing here is a fact of its own. `reports.counting` makes each month anew from the
shifts, sign-ups, hours and requests themselves, which stay the truth.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.model import Model


class CountedMonth(Model):
    """That a local month has been counted: when, and what was found.

    `digest` is of the rows that were written; where it is the same again, nothing is.
    """

    month: Mapped[int] = mapped_column(unique=True)  # 202611
    counted_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))


class CountedShift(Model):
    """A shift that took place, on the day and at the hours of its site's clock.

    `fill_minutes` is the time from when the shift could first be taken until its last
    place was; nothing where a place stayed free.
    """

    __table_args__ = (
        # All that the charts sum, so that no page reads the table itself.
        Index(
            "ix_counted_shift_sums",
            "day",
            "month",
            "group_id",
            "district",
            "weekday",
            "starts",
            "minutes",
            "places",
            "filled",
            "minimum",
            "fill_minutes",
        ),
    )

    month: Mapped[int] = mapped_column(index=True)
    day: Mapped[date]
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"), unique=True)
    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    district: Mapped[str] = mapped_column(String(60))
    weekday: Mapped[int]  # Monday is 0
    starts: Mapped[int]  # minutes since midnight, by the clock on the wall
    minutes: Mapped[int]
    places: Mapped[int]
    filled: Mapped[int]
    minimum: Mapped[int]
    fill_minutes: Mapped[int | None]


class GivenTime(Model):
    """The time that one volunteer gave to one group on one day, all shifts together."""

    __table_args__ = (
        Index(
            "ix_given_time_sums",
            "month",
            "volunteer_id",
            "group_id",
            "district",
            "day",
            "minutes",
        ),
        # When somebody last gave time.
        Index("ix_given_time_volunteer_day", "volunteer_id", "day"),
    )

    month: Mapped[int]
    day: Mapped[date]
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    district: Mapped[str] = mapped_column(String(60))
    minutes: Mapped[int]


class CountedRequest(Model):
    """An urgent request that was sent, on the day it began.

    It stands under the group whose shift it asked about first. `taken` is of the places
    that came to be held through it; `first_minutes` and `last_minutes` are from its
    beginning to the first and the last of these.
    """

    __table_args__ = (Index("ix_counted_request_day", "day", "group_id"),)

    month: Mapped[int] = mapped_column(index=True)
    day: Mapped[date]
    broadcast_id: Mapped[int] = mapped_column(
        ForeignKey("broadcast.id", ondelete="CASCADE"), unique=True
    )
    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    district: Mapped[str] = mapped_column(String(60))
    asked: Mapped[int]
    texts: Mapped[int]
    segments: Mapped[int]
    taken: Mapped[int]
    is_filled: Mapped[bool]  # no place of its shifts was left free
    first_minutes: Mapped[int | None]
    last_minutes: Mapped[int | None]


class CountedAsk(Model):
    """How often one volunteer was asked on one day, about a group's shifts."""

    __table_args__ = (
        Index("ix_counted_ask_sums", "day", "volunteer_id", "group_id", "district", "asks"),
    )

    month: Mapped[int] = mapped_column(index=True)
    day: Mapped[date]
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    district: Mapped[str] = mapped_column(String(60))
    asks: Mapped[int]
