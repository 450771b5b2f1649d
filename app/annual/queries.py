"""Reads of reports, and of the words that people gave for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer
from werkzeug.exceptions import NotFound

from app.annual.contents import Worth
from app.annual.models import AnnualPrint, AnnualReport, HourValue, Progress
from app.annual.rules import years
from app.foundation.extensions import db
from app.foundation.sentences import N_
from app.reports.rules.suppression import Hidden, alone
from app.stories.models import CaseStudy, Photograph, StudyState, Thanked, Thanks
from app.stories.queries import photographs

# The figure that holds until an administrator says another: it rises each October, so each
# report keeps the one that it was made with. Announced on 22 October 2025 (livingwage.org.uk).
USUAL_WORTH: Final = Worth(
    1345,
    N_(
        "the real Living Wage for the United Kingdom, announced in October 2025 by the "
        "Living Wage Foundation"
    ),
)
STUDIES_PRINTED: Final = 12
WORDS_PRINTED: Final = 8


def called(ids: Collection[int]) -> dict[int, str]:
    """By id what a report is called; the audit trail says it."""
    rows = db.session.execute(
        select(AnnualReport.id, AnnualReport.slug).where(AnnualReport.id.in_(ids))
    )
    return {
        number: f"Annual report, {year.label if year else slug}"
        for number, slug in rows
        for year in [years.of_slug(slug)]
    }


def worth() -> Worth:
    """What an hour is counted as today."""
    latest = db.session.scalar(select(HourValue).order_by(HourValue.id.desc()).limit(1))
    return Worth(latest.pence, latest.source) if latest else USUAL_WORTH


def worths() -> Sequence[HourValue]:
    """The figures that administrators set, the latest first."""
    return db.session.scalars(select(HourValue).order_by(HourValue.id.desc()).limit(10)).all()


def report(report_id: int) -> AnnualReport:
    """A report by its number, or 404."""
    found = db.session.get(AnnualReport, report_id)
    if found is None:
        raise NotFound
    return found


def of_slug(slug: str) -> AnnualReport | None:
    return db.session.scalar(select(AnnualReport).where(AnnualReport.slug == slug))


def reports() -> Sequence[AnnualReport]:
    """Every report, the latest year first."""
    return db.session.scalars(
        select(AnnualReport).order_by(AnnualReport.first_day.desc(), AnnualReport.id.desc())
    ).all()


def published() -> Sequence[AnnualReport]:
    """The reports that everybody may read, the latest year first."""
    return db.session.scalars(
        select(AnnualReport)
        .where(AnnualReport.published_at.is_not(None), AnnualReport.progress == Progress.DONE)
        .order_by(AnnualReport.first_day.desc(), AnnualReport.id.desc())
    ).all()


def print_of(report_id: int, *, with_bytes: bool = False) -> AnnualPrint | None:
    """A report's PDF; its bytes only where they are asked for."""
    query = select(AnnualPrint).where(AnnualPrint.report_id == report_id)
    if with_bytes:
        query = query.options(undefer(AnnualPrint.pdf))
    return db.session.scalar(query)


def studies(begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """The stories that were published between two moments, in the order of their days."""
    found = db.session.scalars(
        select(CaseStudy)
        .where(
            CaseStudy.state == StudyState.PUBLISHED,
            CaseStudy.published_at >= begin,
            CaseStudy.published_at < end,
        )
        .options(joinedload(CaseStudy.group))
        .order_by(CaseStudy.published_at.desc(), CaseStudy.id.desc())
        .limit(STUDIES_PRINTED)
    ).all()[::-1]
    shown = photographs([one.id for one in found])
    return [
        {
            "id": one.id,
            "title": one.title,
            "summary": one.summary,
            "paragraphs": one.paragraphs,
            "quotation": one.quotation,
            "quotation_by": one.quotation_by,
            "group": one.group.name,
            "kind": one.group.kind.value,
            "photo": _photo(shown.get(one.id)),
        }
        for one in found
    ]


def _photo(picture: Photograph | None) -> dict[str, Any] | None:
    if picture is None:
        return None
    return {
        "case_study_id": picture.case_study_id,
        "digest": picture.digest,
        "alt": picture.alt,
        "width": picture.width,
        "height": picture.height,
        "small_width": picture.small_width,
        "small_height": picture.small_height,
        "for_web": picture.for_web,
        "for_print": picture.for_print,
    }


def thanks(begin: datetime, end: datetime) -> dict[str, Any]:
    """How often groups said thank you, and some of the words that may be printed."""
    during = (Thanks.created_at >= begin, Thanks.created_at < end)
    number = db.session.scalar(select(func.count()).select_from(Thanks).where(*during)) or 0
    people = (
        db.session.scalar(
            select(func.count(Thanked.volunteer_id.distinct()))
            .join(Thanks, Thanks.id == Thanked.thanks_id)
            .where(*during)
        )
        or 0
    )
    # The latest words of each group, so that no group fills the page.
    latest = (
        select(func.max(Thanks.id))
        .where(*during, Thanks.may_print)
        .group_by(Thanks.group_id)
        .scalar_subquery()
    )
    words = db.session.scalars(
        select(Thanks)
        .where(Thanks.id.in_(latest))
        .options(joinedload(Thanks.group))
        .order_by(Thanks.id.desc())
        .limit(WORDS_PRINTED)
    )
    told = alone(people)
    return {
        "number": number,
        "people": str(told) if isinstance(told, Hidden) else told,
        "words": [{"id": one.id, "words": one.words, "group": one.group.name} for one in words],
    }


def pictures_for_print(contents: dict[str, Any]) -> dict[str, bytes]:
    """The photographs of a report that may be printed, by their digest."""
    wanted = {
        one["photo"]["digest"]
        for one in contents.get("studies", ())
        if one["photo"] and one["photo"]["for_print"]
    }
    rows = db.session.execute(
        select(Photograph.digest, Photograph.large).where(
            Photograph.digest.in_(wanted), Photograph.for_print
        )
    )
    return {row.digest: row.large for row in rows}
