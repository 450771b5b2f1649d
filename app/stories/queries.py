"""Reads of thanks and stories: a volunteer's, a group's, the county's and everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload
from werkzeug.exceptions import NotFound

from app.accounts.queries import Page, page_of
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.opportunities.models import Opportunity, Shift
from app.signups.models import PRESENT, Signup
from app.stories.models import CaseStudy, InStudy, Photograph, StudyState, Thanked, Thanks
from app.volunteers.models import Volunteer

LATELY: Final = timedelta(days=14)
SHIFTS_SHOWN: Final = 6
PRINTABLE_SHOWN: Final = 50


def unread_thanks(volunteer_id: int, at_most: int = 3) -> Sequence[Thanks]:
    """The latest thanks that a volunteer has not put away, with their group."""
    return db.session.scalars(
        select(Thanks)
        .join(Thanked, Thanked.thanks_id == Thanks.id)
        .where(Thanked.volunteer_id == volunteer_id, Thanked.seen_at.is_(None))
        .options(joinedload(Thanks.group))
        .order_by(Thanks.id.desc())
        .limit(at_most)
    ).all()


def all_thanks(volunteer_id: int, page: int = 1) -> Page[Thanks]:
    """Everything that a volunteer was thanked for, the latest first."""
    return page_of(
        select(Thanks)
        .join(Thanked, Thanked.thanks_id == Thanks.id)
        .where(Thanked.volunteer_id == volunteer_id)
        .options(joinedload(Thanks.group))
        .order_by(Thanks.id.desc()),
        page,
    )


@dataclass(frozen=True)
class Over:
    """A shift that is over, and how many were on it."""

    shift: Shift
    people: int


def lately_over(group_id: int) -> list[Over]:
    """The group's last shifts that somebody was on, the latest first."""
    now = clock.now()
    people = func.count(Signup.id).label("people")
    of_shift = (
        select(Shift.id, people)
        .join(Shift.opportunity)
        .join(Signup, Signup.shift_id == Shift.id)
        .where(
            Opportunity.group_id == group_id,
            Shift.starts_at <= now,
            Shift.starts_at > now - LATELY,
            Signup.standing.in_(PRESENT),
        )
        .group_by(Shift.id, Shift.starts_at)
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
        .limit(SHIFTS_SHOWN)
        .subquery()
    )
    rows = db.session.execute(
        select(Shift, of_shift.c.people)
        .join(of_shift, of_shift.c.id == Shift.id)
        .options(joinedload(Shift.opportunity), joinedload(Shift.site))
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
    )
    return [Over(shift, number) for shift, number in rows]


@dataclass(frozen=True)
class Given:
    """Thanks that a group gave: to whom, and in how many people's sight."""

    thanks: Thanks
    people: int
    name: str  # of the one person, or of one of them


def thanks_of(group_id: int, page: int = 1) -> tuple[Page[Thanks], dict[int, Given]]:
    """What a group thanked for, the latest first; and, by number, for whom."""
    found = page_of(
        select(Thanks)
        .where(Thanks.group_id == group_id)
        .options(joinedload(Thanks.shift).joinedload(Shift.opportunity))
        .options(joinedload(Thanks.shift).joinedload(Shift.site))
        .order_by(Thanks.id.desc()),
        page,
    )
    by_number = {one.id: one for one in found.rows}
    rows = db.session.execute(
        select(Thanked.thanks_id, func.count(), func.min(Volunteer.name))
        .join(Thanked.volunteer)
        .where(Thanked.thanks_id.in_(by_number))
        .group_by(Thanked.thanks_id)
    )
    return found, {number: Given(by_number[number], people, who) for number, people, who in rows}


def of_group(group_id: int) -> Sequence[CaseStudy]:
    """A group's stories, those that were changed last first."""
    return db.session.scalars(
        select(CaseStudy)
        .where(CaseStudy.group_id == group_id)
        .order_by(CaseStudy.id.desc())
        .limit(100)
    ).all()


def study_of(group_id: int, case_study_id: int) -> CaseStudy:
    """A story of this group, or 404."""
    return _one(
        select(CaseStudy).where(CaseStudy.id == case_study_id, CaseStudy.group_id == group_id)
    )


def for_county(case_study_id: int) -> CaseStudy:
    """A story that was offered or published, or 404: drafts are their group's."""
    return _one(
        select(CaseStudy).where(CaseStudy.id == case_study_id, CaseStudy.state != StudyState.DRAFT)
    )


def for_everybody(case_study_id: int) -> CaseStudy:
    """A published story, or 404."""
    return _one(
        select(CaseStudy).where(
            CaseStudy.id == case_study_id, CaseStudy.state == StudyState.PUBLISHED
        )
    )


def _one(query: Select[Any]) -> CaseStudy:
    found: CaseStudy | None = db.session.scalar(query.options(joinedload(CaseStudy.group)))
    if found is None:
        raise NotFound
    return found


def people_in(case_study_id: int) -> Sequence[Volunteer]:
    """Whom a story is about, by name."""
    return db.session.scalars(
        select(Volunteer)
        .join(InStudy, InStudy.volunteer_id == Volunteer.id)
        .where(InStudy.case_study_id == case_study_id)
        .order_by(func.lower(Volunteer.name), Volunteer.id)
    ).all()


@dataclass(frozen=True)
class Story:
    """A story with its photograph, if there is one that may be shown on the web."""

    study: CaseStudy
    photograph: Photograph | None


def published(page: int = 1) -> tuple[Page[CaseStudy], list[Story]]:
    """What everybody may read, the latest first."""
    found = page_of(
        select(CaseStudy)
        .join(CaseStudy.group)
        .where(CaseStudy.state == StudyState.PUBLISHED)
        .options(contains_eager(CaseStudy.group))
        .order_by(CaseStudy.published_at.desc(), CaseStudy.id.desc()),
        page,
    )
    shown = photographs([one.id for one in found.rows])
    return found, [
        Story(one, picture if (picture := shown.get(one.id)) and picture.for_web else None)
        for one in found.rows
    ]


def latest_of(group_id: int, at_most: int = 3) -> list[Story]:
    """A group's latest published stories, in one statement."""
    rows = db.session.execute(
        select(CaseStudy, Photograph)
        .outerjoin(Photograph, and_(Photograph.case_study_id == CaseStudy.id, Photograph.for_web))
        .where(CaseStudy.state == StudyState.PUBLISHED, CaseStudy.group_id == group_id)
        .order_by(CaseStudy.published_at.desc(), CaseStudy.id.desc())
        .limit(at_most)
    )
    return [Story(study, photograph) for study, photograph in rows]


def photographs(studies: Sequence[int]) -> dict[int, Photograph]:
    """The photographs of these stories, by the story's number; without their bytes."""
    rows = db.session.scalars(select(Photograph).where(Photograph.case_study_id.in_(studies)))
    return {one.case_study_id: one for one in rows}


def waiting() -> Sequence[CaseStudy]:
    """The stories that wait for the county, those that wait longest first."""
    return db.session.scalars(
        select(CaseStudy)
        .where(CaseStudy.state == StudyState.OFFERED)
        .options(joinedload(CaseStudy.group))
        .order_by(CaseStudy.offered_at, CaseStudy.id)
        .limit(100)
    ).all()


def printable(since: datetime) -> Sequence[Thanks]:
    """Thanks that may be printed and were given since then, the latest first."""
    return db.session.scalars(
        select(Thanks)
        .where(Thanks.may_print, Thanks.created_at >= since)
        .options(joinedload(Thanks.group))
        .order_by(Thanks.id.desc())
        .limit(PRINTABLE_SHOWN)
    ).all()


def group_named(group_id: int) -> Group:
    return db.session.get_one(Group, group_id)
