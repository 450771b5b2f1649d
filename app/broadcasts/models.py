"""Urgent requests: what is asked of whom, in which order, and what came of it."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import (
    JSON,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.foundation.flags import Flags
from app.foundation.model import Model, choice
from app.messaging.models import Run
from app.opportunities.models import Shift
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import Skill


class BroadcastState(enum.StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class Pace(enum.StrEnum):
    """How people are asked: the nearest likely first, or all at once."""

    WAVES = "waves"
    EVERYONE = "everyone"


class Broadcast(Model):
    """One urgent request, about one or more shifts, to an audience, over time.

    `number` is what a reply names ("27 YES"). It is unique among the requests
    that can still be answered, and is used again long after.
    """

    __table_args__ = (
        Index(
            "uq_broadcast_live_number",
            "number",
            unique=True,
            sqlite_where=text("number_is_live"),
            postgresql_where=text("number_is_live"),
        ),
    )

    number: Mapped[int]
    number_is_live: Mapped[bool] = mapped_column(default=True)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    state: Mapped[BroadcastState] = mapped_column(
        choice(BroadcastState), default=BroadcastState.DRAFT, index=True
    )
    ended_reason: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    # By the code of a language: the text in it, where `text` is not the whole of it.
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    pace: Mapped[Pace] = mapped_column(choice(Pace), default=Pace.WAVES)
    # Stated by the coordinator, with why: lets it out in quiet hours.
    emergency_reason: Mapped[str] = mapped_column(String(200), default="")

    # Adjustments to the audience; nothing means as each volunteer and role say.
    within_metres: Mapped[int | None]
    also_needs: Mapped[Skill] = mapped_column(Flags(Skill), default=Skill(0))
    group_kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    not_asked_days: Mapped[int] = mapped_column(default=0)
    # Whoever was asked as often this week as they like is asked all the same.
    ignores_budget: Mapped[bool] = mapped_column(default=False)
    # A group's own request about one of its shifts: whose people are asked before all others,
    # or alone, and how many people at most. Nothing in a coordinator's.
    origin: Mapped[str] = mapped_column(String(20), default="", server_default="")
    first_group_id: Mapped[int | None]
    only_first_group: Mapped[bool] = mapped_column(default=False, server_default=false())
    most_people: Mapped[int | None]

    audience_size: Mapped[int] = mapped_column(default=0)
    excluded_size: Mapped[int] = mapped_column(default=0)
    wave: Mapped[int] = mapped_column(default=0)
    next_wave_at: Mapped[datetime | None] = mapped_column(index=True)
    wave_reason: Mapped[str] = mapped_column(String(300), default="")
    # Early warning: that too few fit, and the change that would help most; or nothing.
    warning: Mapped[str] = mapped_column(String(200), default="")
    advice: Mapped[str] = mapped_column(String(200), default="")
    deadline: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # Somebody who was asked and is silent has still to be told that the places are filled.
    is_telling: Mapped[bool] = mapped_column(default=False)

    by_user: Mapped[User | None] = relationship()
    run: Mapped[Run | None] = relationship()


class BroadcastShift(Model):
    """That a broadcast asks about a shift, the first to fill coming first."""

    __table_args__ = (UniqueConstraint("broadcast_id", "shift_id"),)

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id", ondelete="CASCADE"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"), index=True)
    rank: Mapped[int] = mapped_column(default=0)

    broadcast: Mapped[Broadcast] = relationship()
    shift: Mapped[Shift] = relationship()


class BroadcastWave(Model):
    """People asked together: when, how many and why, and what was hoped of them.

    `chance` is the mean of their chances of a yes, as `rules.chances` has
    them. It is kept for the wave alone: no chance stands beside a person.
    """

    __table_args__ = (UniqueConstraint("broadcast_id", "wave"),)

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id", ondelete="CASCADE"))
    wave: Mapped[int]
    asked_at: Mapped[datetime]
    size: Mapped[int]
    chance: Mapped[float] = mapped_column(Float)
    reason: Mapped[str] = mapped_column(String(300), default="")


class BroadcastOutcome(Model):
    """What came of a request, summed up some time after its end, for the next one's estimates.

    `log_sum` and `log_squares` are of ln(minutes) from an ask to its answer.
    """

    broadcast_id: Mapped[int] = mapped_column(
        ForeignKey("broadcast.id", ondelete="CASCADE"), unique=True
    )
    asked: Mapped[int]
    yes: Mapped[int]
    no: Mapped[int]
    answers: Mapped[int]
    log_sum: Mapped[float] = mapped_column(Float)
    log_squares: Mapped[float] = mapped_column(Float)


class Answer(enum.StrEnum):
    """What a recipient said, last."""

    NONE = "none"
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


def _index_of_asked(name: str, column: str, condition: str) -> Index:
    """An index that costs nothing while recipients are written, only once they are asked."""
    where = text(condition)
    return Index(name, "broadcast_id", column, sqlite_where=where, postgresql_where=where)


class Recipient(Model):
    """One volunteer's part in a broadcast: in its audience, or excluded with the reason.

    `excluded` is a code of `matching.rules.Exclusion`, empty for the audience.
    """

    __table_args__ = (
        UniqueConstraint("broadcast_id", "volunteer_id"),
        Index("ix_recipient_next", "broadcast_id", "excluded", "wave", "rank"),
        Index("ix_recipient_volunteer", "volunteer_id", "asked_at"),
        # For the live page: its lists in order, its counts, its latest answers.
        _index_of_asked("ix_recipient_asked", "rank", "wave IS NOT NULL"),
        _index_of_asked("ix_recipient_answer", "answer", "wave IS NOT NULL"),
        _index_of_asked("ix_recipient_answered", "answered_at", "answered_at IS NOT NULL"),
    )

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    excluded: Mapped[str] = mapped_column(String(30), default="")
    score: Mapped[int] = mapped_column(default=0)
    rank: Mapped[int] = mapped_column(default=0)
    metres: Mapped[int] = mapped_column(default=0)
    wave: Mapped[int | None]  # nothing: not asked yet
    asked_at: Mapped[datetime | None]
    answer: Mapped[Answer] = mapped_column(choice(Answer), default=Answer.NONE)
    answered_at: Mapped[datetime | None]
    late_told_at: Mapped[datetime | None]  # was told that the places are filled

    broadcast: Mapped[Broadcast] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
