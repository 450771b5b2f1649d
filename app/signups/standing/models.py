"""A standing place on a pattern, and the dates on which it is different."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice
from app.opportunities.models import Duty, Pattern
from app.signups.standing.rules import Stand
from app.volunteers.models import Volunteer


class StandingState(enum.StrEnum):
    """Where a standing place stands."""

    ASKED = "asked"  # by the volunteer; the group has not answered
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"


GOES_ON: Final = (StandingState.ASKED, StandingState.ACTIVE)


class StandingPlace(Model):
    """That a volunteer has a place on the shifts of a pattern, each time or each second week.

    Days are those of the pattern (`Shift.occurrence_day`), so a shift that is
    moved keeps its people. Weeks begin on Monday and are counted through the
    years (`rules.week_of`): "every second week" goes on after New Year.
    """

    __table_args__ = (Index("ix_standing_place_volunteer_state", "volunteer_id", "state"),)

    pattern_id: Mapped[int] = mapped_column(
        ForeignKey("pattern.id", ondelete="CASCADE"), index=True
    )
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id", ondelete="SET NULL"))
    weekdays: Mapped[int]  # bit 0 is Monday; 0: each day of the pattern
    every_weeks: Mapped[int] = mapped_column(default=1)
    phase: Mapped[int] = mapped_column(default=0)  # of `rules.week_of`, modulo `every_weeks`
    first_day: Mapped[date]
    last_day: Mapped[date | None]  # nothing: until they say
    state: Mapped[StandingState] = mapped_column(choice(StandingState), index=True)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    # Why it was declined or ended, in words for both sides.
    reason: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    # The places made beyond the last day stay: whoever ended it said so.
    keeps_made: Mapped[bool] = mapped_column(default=False)
    # When the one letter about it was written.
    told_at: Mapped[datetime | None]

    pattern: Mapped[Pattern] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
    duty: Mapped[Duty | None] = relationship()

    @property
    def stand(self) -> Stand:
        """When it is, as the rules know it."""
        return Stand(
            weekdays=self.weekdays,
            every_weeks=self.every_weeks,
            phase=self.phase,
            first_day=self.first_day,
            last_day=self.last_day,
        )

    @property
    def cause(self) -> str:
        """What its places say that they came from (`Signup.cause`)."""
        return cause_of(self.id)


def cause_of(standing_id: int) -> str:
    return f"standing:{standing_id}"


class Difference(enum.StrEnum):
    """How one date of a standing place is not like the others."""

    SKIPPED = "skipped"  # somebody said that they do not come on this day
    MISSED = "missed"  # the place could not be made; tried again until the day


class StandingDate(Model):
    """One date on which a standing place is different, and why."""

    __table_args__ = (UniqueConstraint("standing_place_id", "day"),)

    standing_place_id: Mapped[int] = mapped_column(
        ForeignKey("standing_place.id", ondelete="CASCADE")
    )
    day: Mapped[date]
    kind: Mapped[Difference] = mapped_column(choice(Difference))
    reason: Mapped[str] = mapped_column(String(300), default="")
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    tried_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]

    standing_place: Mapped[StandingPlace] = relationship()
