"""Shifts that took place, their places, how many were filled and how soon."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, select

from app.foundation.extensions import db
from app.groups.models import Group, GroupKind
from app.reports.models import CountedShift
from app.reports.queries.scoped import whole, within
from app.reports.rules.filling import At, Filled, Quartiles, quartiles
from app.reports.rules.periods import Scope

_SUMS = (
    func.count(),
    whole(CountedShift.places),
    whole(CountedShift.filled),
    whole(case((CountedShift.filled >= CountedShift.minimum, 1), else_=0)),
)


def total(scope: Scope) -> Filled:
    """All of them together."""
    return Filled(*db.session.execute(select(*_SUMS).where(*within(CountedShift, scope))).one())


def by_month(scope: Scope) -> dict[int, Filled]:
    """Every month of the scope, those without a shift too."""
    found = _by(scope, CountedShift.month)
    return {month: found.get(month, Filled()) for month in scope.months}


def by_kind(scope: Scope) -> dict[GroupKind, Filled]:
    """Each kind of group that had a shift."""
    rows = db.session.execute(
        select(Group.kind, *_SUMS)
        .join(Group, Group.id == CountedShift.group_id)
        .where(*within(CountedShift, scope))
        .group_by(Group.kind)
    )
    return {kind: Filled(*sums) for kind, *sums in rows}


def by_district(scope: Scope) -> dict[str, Filled]:
    """Each district that had a shift."""
    return _by(scope, CountedShift.district)


def by_group(scope: Scope) -> dict[int, Filled]:
    """Each group that had a shift, by its number."""
    return _by(scope, CountedShift.group_id)


def by_time(scope: Scope) -> list[At]:
    """By when in the week they were, on the clocks at their sites."""
    times = (CountedShift.weekday, CountedShift.starts, CountedShift.minutes)
    rows = db.session.execute(
        select(*times, whole(CountedShift.places), whole(CountedShift.filled))
        .where(*within(CountedShift, scope))
        .group_by(*times)
    )
    return [At(*row) for row in rows]


def time_to_fill(scope: Scope) -> Quartiles | None:
    """Minutes from when a shift could be taken until it was full, of those that filled."""
    return quartiles(dict(_fill_times(scope).all()))


def time_to_fill_by_month(scope: Scope) -> dict[int, Quartiles | None]:
    """The same of each month of the scope."""
    found: dict[int, dict[int, int]] = {month: {} for month in scope.months}
    for month, minutes, often in _fill_times(scope, CountedShift.month):
        found[month][minutes] = often
    return {month: quartiles(times) for month, times in found.items()}


def _fill_times(scope: Scope, *headings: Any) -> Any:
    return db.session.execute(
        select(*headings, CountedShift.fill_minutes, func.count())
        .where(*within(CountedShift, scope), CountedShift.fill_minutes.is_not(None))
        .group_by(*headings, CountedShift.fill_minutes)
    )


def _by(scope: Scope, heading: Any) -> dict[Any, Filled]:
    rows = db.session.execute(
        select(heading, *_SUMS).where(*within(CountedShift, scope)).group_by(heading)
    )
    return {one: Filled(*sums) for one, *sums in rows}
