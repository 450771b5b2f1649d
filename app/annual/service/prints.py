"""A report's PDF: ordered with each change of what it says, made by a worker, never stale."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from app.annual import printing, queries
from app.annual.models import AnnualPrint, AnnualReport, Progress
from app.annual.service.rows import locked
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction

PRINT: Final = "app.annual.jobs.print_anew"
MOST_PRINTS: Final = 3


def order(report: AnnualReport) -> None:
    """In the transaction of a change: the PDF that there is must not be handed out any more."""
    report.needs_print, report.prints, report.changed_at = True, 0, clock.now()
    queue.enqueue_once(PRINT, report.id)


def print_anew(report_id: int) -> None:
    """Make the PDF if it is not of what the report says now; outside of any transaction.

    Should the report change meanwhile, what was made of it is thrown away: the change has
    ordered another.
    """
    queue.taken_up(PRINT, report_id)
    with transaction():
        report = locked(report_id)
        if not report.needs_print or report.progress != Progress.DONE:
            return
        report.prints, report.changed_at = report.prints + 1, clock.now()
        mark = printing.mark_of(report)
        pictures = queries.pictures_for_print(report.contents)
        said = printing.said_by(report, frozenset(pictures))
    made = printing.pdf(said, pictures)
    with transaction():
        report = locked(report_id)
        if printing.mark_of(report) != mark or report.progress != Progress.DONE:
            return
        found = queries.print_of(report_id)
        if found is None:
            found = AnnualPrint(report_id=report_id)
            db.session.add(found)
        found.mark, found.pdf = mark, made.pdf
        found.pages, found.size = made.pages, len(made.pdf)
        report.needs_print = False


def remind(before: datetime) -> None:
    """Nudge for PDFs that nobody has made, in the open transaction; each a few times only."""
    waiting = db.session.scalars(
        select(AnnualReport.id).where(
            AnnualReport.needs_print,
            AnnualReport.progress == Progress.DONE,
            AnnualReport.prints < MOST_PRINTS,
            AnnualReport.changed_at <= before,
        )
    ).all()
    for report_id in waiting:
        queue.enqueue_once(PRINT, report_id)


def retry(report_id: int) -> None:
    """A person asks for the PDF again after it could not be made."""
    with transaction():
        db.session.execute(
            update(AnnualReport)
            .where(AnnualReport.id == report_id, AnnualReport.needs_print)
            .values(prints=0, changed_at=clock.now())
        )
        queue.enqueue_once(PRINT, report_id)


def current(report: AnnualReport) -> bytes | None:
    """The PDF, if it is of what the report says now."""
    found = queries.print_of(report.id, with_bytes=True)
    if found is None or found.mark != printing.mark_of(report):
        return None
    return found.pdf
