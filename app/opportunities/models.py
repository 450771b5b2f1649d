"""Opportunities, the patterns that repeat, and their shifts."""

from __future__ import annotations

import enum
import uuid
from datetime import UTC, date, datetime, time
from typing import Any, Self

from flask import current_app
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation import clock
from app.foundation.flags import Flags, Vocabulary
from app.foundation.model import Model, choice
from app.foundation.sentences import N_, gettext
from app.groups.models import Group, Site
from app.opportunities.policies import Approves, Unanswered
from app.opportunities.rules import Ground, local_times
from app.volunteers.vocabulary import (
    WEEKDAYS,
    Activity,
    DbsLevel,
    Language,
    Skill,
    Training,
    Workforce,
)


class Stage(enum.StrEnum):
    """Where an opportunity or a shift stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Policy(enum.StrEnum):
    """How a place is given."""

    OPEN = "open"
    APPROVAL = "approval"
    INVITATION = "invitation"  # whom the group's managers asked to this role
    MEMBERS = "members"  # who is on the group's list

    @property
    def words(self) -> str:
        """How one gets a place, said to whoever looks at the role."""
        words = {
            "open": N_("At once, if the role fits you"),
            "approval": N_("You ask for a place, and the group says yes or no"),
            "invitation": N_("By invitation: the group asks people whom it knows"),
            "members": N_("For people whom the group knows already"),
        }
        return gettext(words[self.value])


class Weekday(Vocabulary):
    """A day of the week, as a form offers it; bit 0 is Monday."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 4
    THURSDAY = 8
    FRIDAY = 16
    SATURDAY = 32
    SUNDAY = 64

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {cls(1 << number): name for number, name in enumerate(WEEKDAYS)}


class Opportunity(Model):
    """A role that a group offers, with what it needs."""

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(200), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    what_to_bring: Mapped[str] = mapped_column(String(300), default="")
    contact_name: Mapped[str] = mapped_column(String(100), default="")
    activity: Mapped[Activity] = mapped_column(Flags(Activity), default=Activity(0))
    stage: Mapped[Stage] = mapped_column(choice(Stage), default=Stage.DRAFT, index=True)
    policy: Mapped[Policy] = mapped_column(choice(Policy), default=Policy.OPEN)
    # Where a manager says yes first: within how many days, and what happens without an answer.
    answer_days: Mapped[int] = mapped_column(default=3, server_default="3")
    unanswered: Mapped[Unanswered] = mapped_column(
        choice(Unanswered), default=Unanswered.DECLINE, server_default=Unanswered.DECLINE.value
    )
    # What is a yes by itself; how many shifts and which training are enough for that.
    approves: Mapped[Approves] = mapped_column(
        Flags(Approves), default=Approves(0), server_default="0"
    )
    approves_after: Mapped[int] = mapped_column(default=3, server_default="3")
    approves_training: Mapped[Training] = mapped_column(
        Flags(Training), default=Training(0), server_default="0"
    )
    published_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")

    needs_skills: Mapped[Skill] = mapped_column(Flags(Skill), default=Skill(0))
    likes_skills: Mapped[Skill] = mapped_column(Flags(Skill), default=Skill(0))
    needs_languages: Mapped[Language] = mapped_column(Flags(Language), default=Language(0))
    needs_training: Mapped[Training] = mapped_column(Flags(Training), default=Training(0))
    minimum_age: Mapped[int] = mapped_column(default=18)  # 18, 16 or 0
    dbs_level: Mapped[DbsLevel] = mapped_column(choice(DbsLevel), default=DbsLevel.NONE)
    dbs_workforce: Mapped[Workforce | None] = mapped_column(choice(Workforce))
    # Why the law allows this role to ask for the check; `dbs_reason` adds to it in own words.
    dbs_ground: Mapped[Ground | None] = mapped_column(choice(Ground))
    dbs_reason: Mapped[str] = mapped_column(String(300), default="")
    # Nobody does this by themselves: one person only, soon before a shift, is an alarm.
    never_alone: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Only for those who have done the group's induction (volunteers.induction).
    needs_induction: Mapped[bool] = mapped_column(default=False, server_default=false())

    group: Mapped[Group] = relationship()
    site: Mapped[Site] = relationship()

    @property
    def under_18_welcome(self) -> bool:
        return self.minimum_age < 18


def new_series() -> str:
    """A name that no other series of shifts has."""
    return uuid.uuid4().hex


class Pattern(Model):
    """Shifts that repeat, at the site's local time, until a date or until somebody says.

    `rule` is the value of an RRULE (RFC 5545), evaluated on local dates from
    `first_day` on. When "this and later" shifts get another pattern, the old
    one ends and the new one has the same `series`: a shift's stable key is its
    series and the local date for which it was made.
    """

    opportunity_id: Mapped[int] = mapped_column(
        ForeignKey("opportunity.id", ondelete="CASCADE"), index=True
    )
    series: Mapped[str] = mapped_column(String(32), default=new_series, index=True)
    rule: Mapped[str] = mapped_column(String(200))
    starts: Mapped[time]
    ends: Mapped[time]  # before `starts`: ends the next day
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    skipped_days: Mapped[list[str]] = mapped_column(JSON, default=list)  # ISO dates
    works_on_holidays: Mapped[bool] = mapped_column(default=True, server_default=true())
    places: Mapped[int]
    minimum: Mapped[int] = mapped_column(default=1)
    # The slots that each shift gets: [{"duty_id": 3, "places": 2, "minimum": 1}]; empty for none.
    team: Mapped[list[dict[str, int]]] = mapped_column(JSON, default=list, server_default="[]")
    # Raised by each change that a manager makes, as `Shift.version` is.
    version: Mapped[int] = mapped_column(default=0, server_default="0")

    opportunity: Mapped[Opportunity] = relationship()


class Closure(Model):
    """Days on which a group, or one of its sites, is closed: its patterns make no shifts then."""

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    site_id: Mapped[int | None] = mapped_column(  # empty: every site of the group
        ForeignKey("site.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(80))
    first_day: Mapped[date]
    last_day: Mapped[date]

    site: Mapped[Site | None] = relationship()


class Duty(Model):
    """What some of a shift's people do, such as driving, and what it needs of them.

    It asks for this in addition to what its opportunity asks for. Who is in
    charge is an adult, whatever the minimum age says.
    """

    opportunity_id: Mapped[int] = mapped_column(
        ForeignKey("opportunity.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int] = mapped_column(default=0)  # the order on the page
    in_charge: Mapped[bool] = mapped_column(default=False)
    needs_skills: Mapped[Skill] = mapped_column(Flags(Skill), default=Skill(0))
    needs_languages: Mapped[Language] = mapped_column(Flags(Language), default=Language(0))
    needs_training: Mapped[Training] = mapped_column(Flags(Training), default=Training(0))
    minimum_age: Mapped[int] = mapped_column(default=0)  # 18, 16 or 0: as the opportunity
    # Kept for the shifts that have it; new ones do not get it.
    retired_at: Mapped[datetime | None]

    opportunity: Mapped[Opportunity] = relationship()


def _times(context: Any) -> int:
    """What `Shift.times` is when nobody says: by the zone that the county lives in."""
    row = context.get_current_parameters()
    zone = current_app.config["TIMEZONE"]
    return local_times(_aware(row["starts_at"]), _aware(row["ends_at"]), zone)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


class Shift(Model):
    """One time of one opportunity, at one site.

    `taken` is kept by triggers on the sign-up table (see `signups.models`),
    never by application code; its check constraint is what makes an oversold
    shift impossible whoever writes.
    """

    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= places", name="not_oversold"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("minimum >= 0 AND minimum <= places", name="minimum_fits"),
        Index("ix_shift_stage_starts_at", "stage", "starts_at"),
        Index("ix_shift_opportunity_starts_at", "opportunity_id", "starts_at"),
        UniqueConstraint("pattern_id", "occurrence_day"),
        Index("uq_shift_series_occurrence_day", "series", "occurrence_day", unique=True),
    )

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id", ondelete="CASCADE"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    pattern_id: Mapped[int | None] = mapped_column(ForeignKey("pattern.id", ondelete="SET NULL"))
    # Its stable key: the pattern's series, and the local date for which the pattern made it,
    # which stays when the shift is moved.
    series: Mapped[str | None] = mapped_column(String(32))
    occurrence_day: Mapped[date | None]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    places: Mapped[int]
    minimum: Mapped[int] = mapped_column(default=1)
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    stage: Mapped[Stage] = mapped_column(choice(Stage), default=Stage.DRAFT)
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
    # The parts of the local week that it needs, as in `Volunteer.free_times`.
    times: Mapped[int] = mapped_column(default=_times)
    # Raised by each change that people are told of: the SEQUENCE of RFC 5545.
    revision: Mapped[int] = mapped_column(default=0)
    # Raised by each change at all that a manager makes, so that two do not undo one another.
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    # When anything above last changed but the places taken, which the database counts itself.
    changed_at: Mapped[datetime | None] = mapped_column(default=clock.now, onupdate=clock.now)

    opportunity: Mapped[Opportunity] = relationship()
    site: Mapped[Site] = relationship()
    pattern: Mapped[Pattern | None] = relationship()

    @property
    def places_left(self) -> int:
        return self.places - self.taken

    @property
    def is_full(self) -> bool:
        return self.taken >= self.places


class Slot(Model):
    """The places of one duty on one shift: "two drivers, one at least".

    A shift has slots for all of its places or none at all; without any, each
    of its people does the same. Like `Shift.taken`, `taken` is kept by the
    triggers on the sign-up table, and the check refuses one too many.
    """

    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= places", name="not_oversold"),
        CheckConstraint("minimum >= 0 AND minimum <= places", name="minimum_fits"),
        UniqueConstraint("shift_id", "duty_id"),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"))
    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id", ondelete="CASCADE"), index=True)
    places: Mapped[int]
    minimum: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0, server_default="0")

    shift: Mapped[Shift] = relationship()
    duty: Mapped[Duty] = relationship()

    @property
    def places_left(self) -> int:
        return self.places - self.taken
