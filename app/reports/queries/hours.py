"""Time given and the people who gave it: by month, district, kind of group and group.

One person who gives time under two headings is counted under each, and once in `total`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.foundation.extensions import db
from app.groups.models import Group, GroupKind
from app.reports.models import GivenTime
from app.reports.queries.scoped import whole, within_months
from app.reports.rules.periods import Scope


@dataclass(frozen=True)
class Sum:
    """How many different people gave how many minutes."""

    people: int = 0
    minutes: int = 0


@dataclass(frozen=True)
class OfGroup:
    """What was given to one group."""

    group_id: int
    name: str
    kind: GroupKind
    people: int
    minutes: int


def total(scope: Scope) -> Sum:
    """All different people together, and all their minutes."""
    return _sums(scope, None).get(None, Sum())


def by_month(scope: Scope) -> dict[int, Sum]:
    """Every month of the scope, those without any too: {202611: Sum}."""
    found = _sums(scope, GivenTime.month)
    return {month: found.get(month, Sum()) for month in scope.months}


def by_district(scope: Scope) -> dict[str, Sum]:
    """Each district where time was given, the most time first; "" is where none is known."""
    return _most_first(_sums(scope, GivenTime.district))


def by_kind(scope: Scope) -> dict[GroupKind, Sum]:
    """Each kind of group that was given time, the most time first."""
    return _most_first(_sums(scope, Group.kind))


def by_month_and_kind(scope: Scope) -> dict[tuple[int, GroupKind], int]:
    """Minutes alone, of each month and kind that has any."""
    rows = db.session.execute(
        select(GivenTime.month, Group.kind, whole(GivenTime.minutes))
        .join(Group, Group.id == GivenTime.group_id)
        .where(*within_months(GivenTime, scope))
        .group_by(GivenTime.month, Group.kind)
    )
    return {(month, kind): minutes for month, kind, minutes in rows}


def by_group(scope: Scope) -> list[OfGroup]:
    """Each group that was given time, the most time first."""
    each = _each_person(scope, GivenTime.group_id).subquery()
    summed = whole(each.c.minutes)
    rows = db.session.execute(
        select(Group.id, Group.name, Group.kind, func.count(), summed)
        .join(each, each.c.heading == Group.id)
        .group_by(Group.id, Group.name, Group.kind)
        .order_by(summed.desc(), Group.name)
    )
    return [OfGroup(*row) for row in rows]


def last_day() -> date | None:
    """The last day on which anybody gave time, as far as has been counted."""
    return db.session.scalar(select(func.max(GivenTime.day)))


def _each_person(scope: Scope, heading: Any) -> Any:
    """A row for each person under each heading, with their minutes."""
    columns = [] if heading is None else [heading.label("heading")]
    statement = select(
        *columns, GivenTime.volunteer_id, whole(GivenTime.minutes).label("minutes")
    ).where(*within_months(GivenTime, scope))
    if heading is Group.kind:
        statement = statement.join(Group, Group.id == GivenTime.group_id)
    return statement.group_by(*(() if heading is None else (heading,)), GivenTime.volunteer_id)


def _sums(scope: Scope, heading: Any) -> dict[Any, Sum]:
    each = _each_person(scope, heading).subquery()
    numbers = (func.count(), whole(each.c.minutes))
    if heading is None:
        people, minutes = db.session.execute(select(*numbers)).one()
        return {None: Sum(people, minutes)}
    rows = db.session.execute(select(each.c.heading, *numbers).group_by(each.c.heading))
    return {one: Sum(people, minutes) for one, people, minutes in rows}


def _most_first(found: dict[Any, Sum]) -> dict[Any, Sum]:
    return dict(sorted(found.items(), key=lambda item: (-item[1].minutes, str(item[0]))))
