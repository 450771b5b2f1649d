"""Reading a case study under its lock."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound

from app.foundation.extensions import db
from app.stories.models import CaseStudy


def locked(case_study_id: int, group_id: int | None = None) -> CaseStudy:
    """The story, of this group if one is given, held till the commit; or 404.

    The lock on its row is what parts a manager who changes it from the county that publishes.
    """
    query = select(CaseStudy).where(CaseStudy.id == case_study_id)
    if group_id is not None:
        query = query.where(CaseStudy.group_id == group_id)
    found = db.session.scalar(
        query.options(joinedload(CaseStudy.group))
        .with_for_update(of=CaseStudy)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
