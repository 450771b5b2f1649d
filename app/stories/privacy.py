"""What thanks and stories tell a person of themselves, and how they are forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.stories.models import CaseStudy, InStudy, Photograph, Thanked, Thanks
from app.stories.signals import study_taken_back, thanks_taken_back
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """The thanks that they were given, and the case studies that name them."""
    thanks = db.session.scalars(
        select(Thanks)
        .join(Thanked, Thanked.thanks_id == Thanks.id)
        .where(Thanked.volunteer_id == volunteer.id)
        .options(joinedload(Thanks.group))
        .order_by(Thanks.id)
    )
    studies = db.session.execute(
        select(CaseStudy, Photograph.consent_by, Photograph.consent_on)
        .join(InStudy, InStudy.case_study_id == CaseStudy.id)
        .outerjoin(Photograph, Photograph.case_study_id == CaseStudy.id)
        .where(InStudy.volunteer_id == volunteer.id)
        .options(joinedload(CaseStudy.group))
        .order_by(CaseStudy.id)
    )
    return {
        "thanks": [
            {"from": row.group.name, "on": row.created_at.isoformat(), "words": row.words}
            for row in thanks
        ],
        "case_studies": [
            {
                "group": study.group.name,
                "title": study.title,
                "text": study.body,
                "quotation": study.quotation,
                "state": study.state.value,
                "photograph_allowed_by": by or "",
                "photograph_allowed_on": on.isoformat() if on else "",
            }
            for study, by, on in studies
        ],
    }


def forget(volunteer: Volunteer) -> None:
    """Delete the stories that name the person, and the thanks that were for them.

    Thanks to a whole shift stay for the others, unless the words name the person. Runs
    in the open transaction of the erasure, while the name is still known.
    """
    studies = db.session.scalars(
        select(InStudy.case_study_id).where(InStudy.volunteer_id == volunteer.id)
    ).all()
    for case_study_id in studies:
        study_taken_back.send(case_study_id)
    db.session.execute(delete(CaseStudy).where(CaseStudy.id.in_(studies)))

    theirs = select(Thanked.thanks_id).where(Thanked.volunteer_id == volunteer.id)
    others = exists().where(Thanked.thanks_id == Thanks.id, Thanked.volunteer_id != volunteer.id)
    gone = set(db.session.scalars(select(Thanks.id).where(Thanks.id.in_(theirs), ~others)).all())
    if first := volunteer.first_name.strip():
        named = func.lower(Thanks.words).contains(first.lower(), autoescape=True)
        gone |= set(db.session.scalars(select(Thanks.id).where(Thanks.id.in_(theirs), named)))
    for thanks_id in gone:
        thanks_taken_back.send(thanks_id)
    db.session.execute(delete(Thanks).where(Thanks.id.in_(gone)))
    db.session.execute(delete(Thanked).where(Thanked.volunteer_id == volunteer.id))
