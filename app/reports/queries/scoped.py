"""What a scope means for a table of counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from app.foundation.extensions import db
from app.reports.models import CountedMonth
from app.reports.rules.periods import Scope, month_of


def within(table: Any, scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions of a scope on a table with `day`, `group_id` and `district`."""
    conditions: list[ColumnElement[bool]] = [table.day.between(scope.first_day, scope.last_day)]
    return conditions + whose(table, scope)


def within_months(table: Any, scope: Scope) -> list[ColumnElement[bool]]:
    """The same for a table whose index begins with `month`."""
    of_months = table.month.between(month_of(scope.first_day), month_of(scope.last_day))
    return [of_months, *within(table, scope)]


def whose(table: Any, scope: Scope) -> list[ColumnElement[bool]]:
    """Of a scope only the groups and the district."""
    conditions: list[ColumnElement[bool]] = []
    if scope.group_ids is not None:
        conditions.append(table.group_id.in_(scope.group_ids))
    if scope.district:
        conditions.append(table.district == scope.district)
    return conditions


def whole(column: Any) -> ColumnElement[int]:
    """The sum of a column of whole numbers as one, 0 of none; PostgreSQL makes decimals of it."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def counted_at(scope: Scope) -> datetime | None:
    """When the last month of the scope that has been counted was; None when none was."""
    return db.session.scalar(
        select(func.max(CountedMonth.counted_at)).where(
            CountedMonth.month.between(month_of(scope.first_day), month_of(scope.last_day))
        )
    )
