"""The county's part in a report: a foreword, the hourly figure, and showing it to everybody."""

from __future__ import annotations

from sqlalchemy import delete

from app.accounts import audit
from app.annual.models import AnnualReport, HourValue, Progress
from app.annual.service import prints
from app.annual.service.rows import locked
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction


def set_foreword(report_id: int, words: str, by: str) -> None:
    """Put words before the figures. Raises `Refusal` once the report is published."""
    with transaction():
        report = locked(report_id)
        _refuse_published(report)
        report.foreword = words.replace("\r\n", "\n").strip()
        report.foreword_by = " ".join(by.split()) if report.foreword else ""
        if report.progress == Progress.DONE:
            prints.order(report)
        audit.record("wrote foreword of annual report", subject=report, year=report.slug)


def publish(report_id: int, user_id: int) -> None:
    """Show the report to everybody; it stays as it is from now on.

    Raises `Refusal` while it or its PDF is being made.
    """
    with transaction():
        report = locked(report_id)
        _refuse_published(report)
        if report.progress != Progress.DONE:
            raise Refusal("The report is not made yet.")
        if report.needs_print:
            raise Refusal("The PDF is still being made. Wait a moment, and look at it first.")
        report.published_at, report.published_by_id = clock.now(), user_id
        audit.record("published annual report", subject=report, year=report.slug)


def throw_away(report_id: int) -> None:
    """Delete a draft. Raises `Refusal` once the report is published."""
    with transaction():
        report = locked(report_id)
        _refuse_published(report)
        audit.record("deleted draft of annual report", subject=report, year=report.slug)
        db.session.execute(delete(AnnualReport).where(AnnualReport.id == report_id))


def set_worth(pence: int, source: str, user_id: int) -> None:
    """Say what an hour is counted as in reports that are made from now on."""
    with transaction():
        db.session.add(HourValue(pence=pence, source=" ".join(source.split()), by_user_id=user_id))
        audit.record("set value of an hour", pence=pence)


def _refuse_published(report: AnnualReport) -> None:
    if report.published_at is not None:
        raise Refusal("This report is published, so it stays as it is.")
