"""What somebody takes back leaves every report, the published ones too, in that very moment.

Each listener runs in the transaction of whoever took it back. The PDF is ordered anew, and
the one that there is not handed out from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from app.annual.models import AnnualReport
from app.annual.service import prints
from app.foundation.extensions import db

Contents = dict[str, Any]


def study(case_study_id: int) -> None:
    """A story, with its photograph."""

    def change(said: Contents) -> Contents:
        kept = [one for one in said.get("studies", ()) if one["id"] != case_study_id]
        return said | {"studies": kept}

    _everywhere(change)


def picture(case_study_id: int) -> None:
    """A story's photograph; its words stay."""

    def change(said: Contents) -> Contents:
        kept = [
            one | {"photo": None} if one["id"] == case_study_id else one
            for one in said.get("studies", ())
        ]
        return said | {"studies": kept}

    _everywhere(change)


def thanks(thanks_id: int) -> None:
    """Words of thanks."""

    def change(said: Contents) -> Contents:
        told = said.get("thanks")
        if not told:
            return said
        kept = [one for one in told["words"] if one["id"] != thanks_id]
        return said | {"thanks": told | {"words": kept}}

    _everywhere(change)


def _everywhere(change: Callable[[Contents], Contents]) -> None:
    """Change every report that says it; the rows are locked in the order of their numbers."""
    reports = db.session.scalars(
        select(AnnualReport)
        .order_by(AnnualReport.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for report in reports:
        if not report.contents:
            continue
        changed = change(report.contents)
        if changed != report.contents:
            report.contents = changed
            prints.order(report)
