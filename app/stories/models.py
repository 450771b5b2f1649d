"""Words of thanks, case studies with the people in them, and photographs with their consent."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.foundation.model import Model, choice
from app.groups.models import Group
from app.opportunities.models import Shift
from app.volunteers.models import Volunteer


class Thanks(Model):
    """A sentence of thanks from a group to one volunteer, or to everybody who was on a shift.

    `may_print`: the county may print the words in its annual report, with the group's name
    and nobody else's.
    """

    __table_args__ = (
        Index("ix_thanks_group_created", "group_id", "created_at"),
        Index("ix_thanks_created", "created_at"),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    shift_id: Mapped[int | None] = mapped_column(
        ForeignKey("shift.id", ondelete="SET NULL"), index=True
    )
    words: Mapped[str] = mapped_column(String(300))
    may_print: Mapped[bool] = mapped_column(default=False, server_default=false())

    group: Mapped[Group] = relationship()
    by_user: Mapped[User | None] = relationship()
    shift: Mapped[Shift | None] = relationship()


class Thanked(Model):
    """One of the people whom thanks are for; `seen_at` once they have put it away."""

    __table_args__ = (
        UniqueConstraint("thanks_id", "volunteer_id"),
        Index("ix_thanked_volunteer_seen", "volunteer_id", "seen_at"),
    )

    thanks_id: Mapped[int] = mapped_column(ForeignKey("thanks.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    seen_at: Mapped[datetime | None]

    thanks: Mapped[Thanks] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class StudyState(enum.StrEnum):
    """How far a case study is."""

    DRAFT = "draft"
    OFFERED = "offered"  # to the county, which reads it
    PUBLISHED = "published"

    @property
    def label(self) -> str:
        return {
            "draft": "Draft",
            "offered": "With the county team",
            "published": "Published",
        }[self.value]

    @property
    def colour(self) -> str:
        return {"draft": "grey", "offered": "purple", "published": "green"}[self.value]


class CaseStudy(Model):
    """A story of what volunteering did, written by a group's managers, published by the county.

    Paragraphs of `body` are parted by empty lines. A quotation needs its speaker's yes,
    whose moment is `quotation_agreed_at`. `answer` is what the county said when it sent
    the story back.
    """

    __table_args__ = (
        Index("ix_case_study_state_published", "state", "published_at"),
        Index("ix_case_study_group", "group_id", "id"),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    state: Mapped[StudyState] = mapped_column(choice(StudyState), default=StudyState.DRAFT)
    title: Mapped[str] = mapped_column(String(100))
    summary: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    quotation: Mapped[str] = mapped_column(String(300), default="")
    quotation_by: Mapped[str] = mapped_column(String(100), default="")
    quotation_agreed_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(500), default="")
    offered_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL")
    )

    group: Mapped[Group] = relationship()
    by_user: Mapped[User | None] = relationship(foreign_keys=[by_user_id])

    @property
    def paragraphs(self) -> list[str]:
        return [" ".join(one.split()) for one in self.body.split("\n\n") if one.strip()]


class InStudy(Model):
    """That a case study is about this volunteer, so that it goes when they ask to be forgotten."""

    __table_args__ = (UniqueConstraint("case_study_id", "volunteer_id"),)

    case_study_id: Mapped[int] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )

    case_study: Mapped[CaseStudy] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class Photograph(Model):
    """A case study's picture, and who allowed it when and for what.

    The bytes are ours: decoded and written anew (see `pictures`), so that nothing of the
    camera's notes is left. They stand in the database because several web machines share
    it, because they are saved with it, and because taking consent back must take the
    picture away in one transaction. `digest` names these very bytes in its address.
    """

    case_study_id: Mapped[int] = mapped_column(
        ForeignKey("case_study.id", ondelete="CASCADE"), unique=True
    )
    alt: Mapped[str] = mapped_column(String(200))
    consent_by: Mapped[str] = mapped_column(String(100))
    consent_on: Mapped[date]
    for_web: Mapped[bool] = mapped_column(default=False)
    for_print: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[str] = mapped_column(String(16))
    width: Mapped[int]
    height: Mapped[int]
    small_width: Mapped[int]
    small_height: Mapped[int]
    large: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    small: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    case_study: Mapped[CaseStudy] = relationship()
