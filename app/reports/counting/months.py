"""Which months are to be counted, and writing what was found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import delete, insert, select

from app.foundation import clock, turns, upsert
from app.foundation.extensions import db
from app.foundation.model import Model
from app.foundation.transaction import transaction
from app.reports.counting import sources
from app.reports.models import CountedAsk, CountedMonth, CountedRequest, CountedShift, GivenTime
from app.reports.rules.periods import before, month_of

TABLES: Final[tuple[tuple[type[Model], Callable[[int], list[sources.Row]]], ...]] = (
    (CountedShift, sources.shifts),
    (GivenTime, sources.given),
    (CountedRequest, sources.requests),
    (CountedAsk, sources.asks),
)
# Older months that one run of the task counts, so that none takes long.
OLDER_AT_ONCE: Final = 4
# A month whose last count is older than this is counted again, whatever changed in it.
GOOD_FOR: Final = timedelta(hours=20)


def count_due() -> int:
    """Count this month and the last, and some older ones whose count is a day old.

    So what is marked today is in the sums within minutes, and what is put right in
    an older month by the next morning. Returns how many months were counted. Safe to
    run again at any time, and harmless when it is killed half-way.
    """
    due = _due()
    turns.take((partial(_count, month) for month in due), "counting for the reports")
    return len(due)


def recount(months: Iterable[int] | None = None) -> None:
    """Count these months now, or all that may hold anything; in the open transaction if any."""
    for month in sorted(_known()) if months is None else months:
        _count(month)


def _known() -> set[int]:
    """The months that may hold anything, and those with counts whose source may be gone."""
    return set(sources.known_months()) | set(db.session.scalars(select(CountedMonth.month)))


def _due() -> list[int]:
    now = clock.now()
    this = month_of(now.astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date())
    counted = dict(db.session.execute(select(CountedMonth.month, CountedMonth.counted_at)).all())
    latest = [this, before(this)]
    older = [
        month
        for month in sorted(_known() - set(latest), reverse=True)
        if month not in counted or counted[month] < now - GOOD_FOR
    ]
    older.sort(key=lambda month: month in counted)  # those that nobody can see yet come first
    return [*latest, *older[:OLDER_AT_ONCE]]


def _count(month: int) -> None:
    """Read a month from its sources and replace its rows, where they differ."""
    found = [(model, read(month)) for model, read in TABLES]
    now, digest = clock.now(), _digest([rows for _, rows in found])
    with transaction():
        known = db.session.scalar(select(CountedMonth.digest).where(CountedMonth.month == month))
        if known != digest:
            for model, rows in found:
                _replace(model, month, rows)
        statement = upsert.insert(CountedMonth.__table__).values(
            created_at=now, month=month, counted_at=now, digest=digest
        )
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["month"],
                set_={
                    "counted_at": statement.excluded.counted_at,
                    "digest": statement.excluded.digest,
                },
            )
        )


def _replace(model: type[Model], month: int, rows: list[sources.Row]) -> None:
    of_month: Any = model.__table__.c.month
    db.session.execute(delete(model).where(of_month == month))
    if model is CountedShift and rows:
        # A shift that was moved here from another month, which is counted later.
        moved = [row["shift_id"] for row in rows]
        for start in range(0, len(moved), 1000):
            some = moved[start : start + 1000]
            db.session.execute(delete(CountedShift).where(CountedShift.shift_id.in_(some)))
    if rows:
        now = clock.now()
        db.session.execute(
            insert(model.__table__),  # type: ignore[arg-type] # each model has a plain table
            [{"created_at": now} | row for row in rows],
        )


def _digest(rows: list[list[sources.Row]]) -> str:
    """The same for the same rows; another for any that differ."""
    return hashlib.sha256(
        repr([[tuple(row.values()) for row in of] for of in rows]).encode()
    ).hexdigest()
