"""The work behind a report: begun by one click, done by a worker, taken up when one dies."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import select, update

from app.accounts import audit
from app.annual import contents, counting, queries
from app.annual.models import WORKING, AnnualReport, Progress
from app.annual.rules.years import Year, complete, of_slug, spoken_month
from app.annual.service import prints
from app.annual.service.rows import locked
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import rows_changed

log = logging.getLogger(__name__)

MAKE: Final = "app.annual.jobs.make"
MOST_TRIES: Final = 3
# A nudge that was not taken up by then is left again; a worker that long at one month has died.
NUDGE_LOST: Final = timedelta(seconds=20)
WORKER_LOST: Final = timedelta(seconds=180)
_OURS: Final = "Something went wrong on our side. Try again."


def start(slug: str, user_id: int) -> AnnualReport:
    """Have the report of a year made, or made anew; the row to watch.

    What was there stays to be read until the new one is done. Raises `Refusal` for a
    year that is not over, while it is being made, and once it was published.
    """
    year = of_slug(slug)
    today = clock.today(current_app.config["TIMEZONE"])
    if year is None or year not in complete(today):
        raise Refusal("Choose one of these years.", "year")
    with transaction():
        report = db.session.scalar(
            select(AnnualReport)
            .where(AnnualReport.slug == slug)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if report is None:
            report = AnnualReport(slug=slug, first_day=year.first_day)
            db.session.add(report)
        elif report.published_at is not None:
            raise Refusal("The report of this year is published, so it stays as it is.", "year")
        elif report.progress in WORKING:
            raise Refusal("The report of this year is being made already.", "year")
        report.by_user_id = user_id
        report.progress, report.changed_at = Progress.QUEUED, clock.now()
        report.tries, report.fault, report.doing = 0, "", ""
        report.done = report.of = 0
        db.session.flush()
        audit.record("asked for annual report", subject=report, year=slug)
        queue.enqueue(MAKE, report.id)
    return report


def make(report_id: int) -> None:
    """Count the year and print it; harmless when another worker has it, or has done it."""
    number = _take_up(report_id)
    if number is None:
        return
    try:
        year = db.session.get_one(AnnualReport, report_id).year
        figures = _figures(report_id, number, year)
    except _TakenOver:
        return
    except Exception:
        db.session.rollback()
        _fail(report_id, number)
        raise
    with transaction():
        report = _still_ours(report_id, number)
        if report is None:
            return
        # Under the lock: who takes something back waits for it, and then finds it here.
        begin, end = counting.bounds(year)
        report.contents = figures | {
            "studies": queries.studies(begin, end),
            "thanks": queries.thanks(begin, end),
        }
        report.progress, report.changed_at = Progress.DONE, clock.now()
        report.made_at, report.doing = clock.now(), ""
        prints.order(report)
    prints.print_anew(report_id)


def _figures(report_id: int, number: int, year: Year) -> dict[str, Any]:
    """Both years, month by month, with a word about each to whoever watches."""
    earlier = queries.of_slug(year.before.slug)
    told = earlier.contents if earlier and earlier.published_at else None
    of = len(year.months) * (1 if told else 2)
    done = 0

    def tell(month: int) -> None:
        nonlocal done
        db.session.rollback()  # counting holds no snapshot for longer than a month
        when = spoken_month(date(month // 100, month % 100, 1), True)
        _note(report_id, number, f"Counting {when}", done, of)
        done += 1

    last = None if told else counting.count(year.before, tell)
    this = counting.count(year, tell)
    groups = counting.groups()
    return contents.write(
        year,
        this,
        last,
        groups,
        queries.worth(),
        clock.today(current_app.config["TIMEZONE"]),
        last_contents=told,
    )


class _TakenOver(Exception):
    """Another worker has this report now."""


def _note(report_id: int, number: int, doing: str, done: int, of: int) -> None:
    with transaction():
        noted = db.session.execute(
            update(AnnualReport)
            .where(
                AnnualReport.id == report_id,
                AnnualReport.progress == Progress.WORKING,
                AnnualReport.tries == number,
            )
            .values(doing=doing, done=done, of=of, changed_at=clock.now())
        )
        if not rows_changed(noted):
            raise _TakenOver


def _take_up(report_id: int) -> int | None:
    """Say that this worker has it; the number of its try, or None when there is nothing to do."""
    with transaction():
        taken = db.session.execute(
            update(AnnualReport)
            .where(AnnualReport.id == report_id, AnnualReport.progress == Progress.QUEUED)
            .values(
                progress=Progress.WORKING,
                changed_at=clock.now(),
                tries=AnnualReport.tries + 1,
            )
        )
        if not rows_changed(taken):
            return None
        return db.session.scalar(select(AnnualReport.tries).where(AnnualReport.id == report_id))


def _still_ours(report_id: int, number: int) -> AnnualReport | None:
    """The row, locked, unless it was given to another worker meanwhile."""
    report = locked(report_id)
    ours = report.progress == Progress.WORKING and report.tries == number
    return report if ours else None


def _fail(report_id: int, number: int) -> None:
    with transaction():
        report = _still_ours(report_id, number)
        if report is not None:
            report.progress, report.changed_at = Progress.FAILED, clock.now()
            report.fault = _OURS


def sweep() -> None:
    """Take up what was forgotten: nudges that were lost, workers that died, PDFs not made."""
    now = clock.now()
    lost = (AnnualReport.progress == Progress.WORKING, AnnualReport.changed_at < now - WORKER_LOST)
    with transaction():
        db.session.execute(
            update(AnnualReport)
            .where(*lost, AnnualReport.tries >= MOST_TRIES)
            .values(progress=Progress.FAILED, changed_at=now, fault=_OURS)
        )
        back = db.session.scalars(
            update(AnnualReport)
            .where(*lost)
            .values(progress=Progress.QUEUED, changed_at=now)
            .returning(AnnualReport.id)
        ).all()
        forgotten = db.session.scalars(
            select(AnnualReport.id).where(
                AnnualReport.progress == Progress.QUEUED,
                AnnualReport.changed_at <= now - NUDGE_LOST,
            )
        ).all()
        for report_id in (*forgotten, *back):
            queue.enqueue_once(MAKE, report_id)
        prints.remind(now - NUDGE_LOST)
