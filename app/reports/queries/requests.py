"""Urgent requests: how many, what came of them, how soon, and what they cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from app.foundation.extensions import db
from app.reports.models import CountedAsk, CountedRequest
from app.reports.queries.scoped import whole, within
from app.reports.rules.filling import Quartiles, quartiles
from app.reports.rules.periods import Scope


@dataclass(frozen=True)
class Requests:
    """Urgent requests that were sent in some time.

    `answered` are those through which at least one place was taken, `filled` those
    whose shifts had no free place left. Times are in minutes from the beginning.
    """

    sent: int = 0
    answered: int = 0
    filled: int = 0
    asked: int = 0
    taken: int = 0
    texts: int = 0
    segments: int = 0
    to_first: Quartiles | None = None
    to_last: Quartiles | None = None  # of those that were filled


def total(scope: Scope) -> Requests:
    """All of them together. One statement; there are some hundreds in a year."""
    return _summed(_rows(scope))


def by_month(scope: Scope) -> dict[int, Requests]:
    """Every month of the scope, those without any too."""
    rows = _rows(scope)
    return {month: _summed([row for row in rows if row.month == month]) for month in scope.months}


def asks_of_people(scope: Scope) -> dict[int, int]:
    """How many people were asked once, twice and so on: {1: 140, 2: 31}.

    Of requests that stand under the scope's groups, by the day of each ask.
    """
    each = (
        select(whole(CountedAsk.asks).label("asks"))
        .where(*within(CountedAsk, scope))
        .group_by(CountedAsk.volunteer_id)
        .subquery()
    )
    rows = db.session.execute(select(each.c.asks, func.count()).group_by(each.c.asks))
    return dict(sorted(rows))


def _rows(scope: Scope) -> list[CountedRequest]:
    return list(
        db.session.scalars(
            select(CountedRequest)
            .where(*within(CountedRequest, scope))
            .order_by(CountedRequest.broadcast_id)
        )
    )


def _summed(rows: list[CountedRequest]) -> Requests:
    first = Counter(row.first_minutes for row in rows if row.first_minutes is not None)
    last = Counter(
        row.last_minutes for row in rows if row.last_minutes is not None and row.is_filled
    )
    return Requests(
        sent=len(rows),
        answered=sum(row.taken > 0 for row in rows),
        filled=sum(row.is_filled and row.taken > 0 for row in rows),
        asked=sum(row.asked for row in rows),
        taken=sum(row.taken for row in rows),
        texts=sum(row.texts for row in rows),
        segments=sum(row.segments for row in rows),
        to_first=quartiles(first),
        to_last=quartiles(last),
    )
