"""Volunteers: who they are, what they can and want to do, and what they allow."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.foundation.flags import Flags
from app.foundation.languages import ENGLISH
from app.foundation.model import Model, choice
from app.groups.models import Group
from app.volunteers.vocabulary import (
    Activity,
    AgeBand,
    DbsLevel,
    Language,
    Lead,
    Skill,
    Training,
    Transport,
    Workforce,
)


class Channel(enum.StrEnum):
    """A way to write to a contact point."""

    SMS = "sms"
    EMAIL = "email"


class Volunteer(Model):
    """A person who gives time; may or may not sign in.

    Skills, interests and free times are bits of one number each, so that SQL
    narrows 200,000 people by arithmetic alone. `free_times` has one bit per
    weekday and day part (see `volunteers.rules.time_bits`); 0 means that we
    were not told, which excludes nobody.
    """

    __table_args__ = (
        # How many live in which cell, and how far they travel.
        Index("ix_volunteer_near", "cell", "travel_metres", "erased_at"),
        # All that matching reads of a person, cell by cell. SQLite is twice as fast by
        # it; PostgreSQL reads the table in parallel instead, so there it stays empty.
        Index(
            "ix_volunteer_card",
            "cell",
            "travel_metres",
            "east",
            "north",
            "erased_at",
            "phone",
            "sms_consent_at",
            "phone_verified_at",
            "user_id",
            "paused_until",
            "age_band",
            "guardian_consent_at",
            "skills",
            "languages",
            "free_times",
            "asks_per_week",
            "last_asked_at",
            "interests",
            postgresql_where=text("false"),
        ),
        Index("ix_volunteer_phone", "phone"),
        Index("ix_volunteer_email", "email"),
    )

    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), unique=True
    )
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(16))
    phone_verified_at: Mapped[datetime | None]
    email: Mapped[str | None] = mapped_column(String(254))
    email_verified_at: Mapped[datetime | None]

    postcode: Mapped[str] = mapped_column(String(8), default="")
    latitude: Mapped[float]
    longitude: Mapped[float]
    east: Mapped[int]
    north: Mapped[int]
    cell: Mapped[int]
    travel_metres: Mapped[int] = mapped_column(default=8047)  # five miles
    transport: Mapped[Transport] = mapped_column(Flags(Transport), default=Transport(0))

    interests: Mapped[Activity] = mapped_column(Flags(Activity), default=Activity(0))
    skills: Mapped[Skill] = mapped_column(Flags(Skill), default=Skill(0))
    languages: Mapped[Language] = mapped_column(Flags(Language), default=Language(0))
    free_times: Mapped[int] = mapped_column(default=0)

    age_band: Mapped[AgeBand] = mapped_column(choice(AgeBand), default=AgeBand.NOT_TOLD)
    guardian_name: Mapped[str] = mapped_column(String(100), default="")
    guardian_phone: Mapped[str] = mapped_column(String(16), default="")
    guardian_consent_at: Mapped[datetime | None]
    emergency_name: Mapped[str] = mapped_column(String(100), default="")
    emergency_phone: Mapped[str] = mapped_column(String(16), default="")

    # Consent per channel: the moment it was given, or nothing. History in Consent.
    sms_consent_at: Mapped[datetime | None]
    email_consent_at: Mapped[datetime | None]
    prefers: Mapped[Channel] = mapped_column(choice(Channel), default=Channel.SMS)
    asks_per_week: Mapped[int] = mapped_column(default=3)  # 0: emergencies only
    # How long before their shifts they are reminded; nothing for never.
    reminders: Mapped[Lead] = mapped_column(Flags(Lead), default=Lead.DAY, server_default="2")
    # In which we write to them: a code of foundation.languages.
    language: Mapped[str] = mapped_column(String(5), default=ENGLISH, server_default=ENGLISH)
    paused_until: Mapped[date | None]
    last_asked_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship()

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.strip() else "there"


class Consent(Model):
    """That a person allowed or forbade a channel: when, and how we know."""

    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    given: Mapped[bool]
    how: Mapped[str] = mapped_column(String(200))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class OptOut(Model):
    """A contact point that must not be written to, on a channel.

    `address_hash` (see `volunteers.rules.address_hash`) stays when the
    address itself is erased, so that an import finds it again.
    """

    __table_args__ = (UniqueConstraint("channel", "address_hash"),)

    channel: Mapped[Channel] = mapped_column(choice(Channel))
    address: Mapped[str | None] = mapped_column(String(254), index=True)
    address_hash: Mapped[str] = mapped_column(String(64))
    how: Mapped[str] = mapped_column(String(60))


class DbsCheck(Model):
    """That somebody saw a certificate; never what was on it."""

    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    level: Mapped[DbsLevel] = mapped_column(choice(DbsLevel))
    workforce: Mapped[Workforce] = mapped_column(choice(Workforce))
    issued_on: Mapped[date]
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )

    seen_by: Mapped[User | None] = relationship()


class TrainingRecord(Model):
    """A course that was completed, and how long its certificate holds."""

    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    training: Mapped[Training] = mapped_column(Flags(Training))
    completed_on: Mapped[date]
    valid_until: Mapped[date | None]
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )

    seen_by: Mapped[User | None] = relationship()


class TickedBy(enum.StrEnum):
    """Who can say that a step of the induction is done."""

    VOLUNTEER = "volunteer"
    MANAGER = "manager"

    @property
    def label(self) -> str:
        return {
            "volunteer": "They say “I have read it”",
            "manager": "One of us shows them, and ticks it",
        }[self.value]


class InductionStep(Model):
    """Something that a group wants new people to see, read or be shown."""

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    rank: Mapped[int] = mapped_column(default=0)
    needed_first: Mapped[bool] = mapped_column(default=True)  # before the first shift
    ticked_by: Mapped[TickedBy] = mapped_column(choice(TickedBy))
    # No longer asked for; who did it when is kept.
    retired_at: Mapped[datetime | None]


class InductionTick(Model):
    """That a volunteer has done a step: who said so, and when (`created_at`)."""

    __table_args__ = (UniqueConstraint("step_id", "volunteer_id"),)

    step_id: Mapped[int] = mapped_column(ForeignKey("induction_step.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    by_user: Mapped[User | None] = relationship()


class DatesAway(Model):
    """Days, first and last included, on which the volunteer cannot help."""

    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    first_day: Mapped[date]
    last_day: Mapped[date]


class GroupVolunteer(Model):
    """That a group knows a volunteer: its managers may see this person.

    `sees_profile` is false where a group put a person on its list whom others
    knew already: until that person takes a shift there, its managers see the
    name and nothing of what was told to others.
    """

    __table_args__ = (UniqueConstraint("volunteer_id", "group_id"),)

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    how: Mapped[str] = mapped_column(String(60), default="")
    sees_profile: Mapped[bool] = mapped_column(default=True)

    volunteer: Mapped[Volunteer] = relationship()
    group: Mapped[Group] = relationship()


class ImportState(enum.StrEnum):
    READING = "reading"  # a long file, which a worker looks through
    PREVIEW = "preview"
    DONE = "done"
    ABANDONED = "abandoned"


class VolunteerImport(Model):
    """A spreadsheet on its way in: what each row would do, then that it was done."""

    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    file_name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, deferred=True)  # megabytes that few pages want
    # The rows that cannot come in, with reasons, as the file that is offered.
    rejected: Mapped[str] = mapped_column(Text, default="")
    columns: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[ImportState] = mapped_column(choice(ImportState), default=ImportState.PREVIEW)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    done_at: Mapped[datetime | None]
