"""Reading a report under its lock: who makes, prints, publishes and takes back waits for it."""

from __future__ import annotations

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.annual.models import AnnualReport
from app.foundation.extensions import db


def locked(report_id: int) -> AnnualReport:
    """The report, held till the commit; or 404."""
    found = db.session.scalar(
        select(AnnualReport)
        .where(AnnualReport.id == report_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
