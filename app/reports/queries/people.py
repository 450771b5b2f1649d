"""People by the month in which they joined, and what became of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import and_, case, func, select

from app.foundation.extensions import db
from app.groups.models import Group
from app.reports.models import GivenTime
from app.reports.queries.scoped import whose
from app.reports.rules.people import Cohort, active_since
from app.reports.rules.periods import Scope, bounds, first_of, last_of
from app.volunteers.models import GroupVolunteer, Volunteer

_ACTIVE, _LAPSING, _NOT_YET = range(3)


def cohorts(scope: Scope, today: date) -> dict[int, Cohort]:
    """Of each month of the scope who joined in it, by whether they give time today.

    Of all groups together one joins by becoming a volunteer; of some, by coming on the
    list of the first of them. Who has been erased is in none. One statement.
    """
    joined = _joined(scope)
    last = (
        select(func.max(GivenTime.day))
        .where(GivenTime.volunteer_id == joined.c.volunteer_id, *whose(GivenTime, scope))
        .scalar_subquery()
    )
    each = (
        select(
            _month(joined.c.at, scope).label("month"),
            case(
                (last.is_(None), _NOT_YET), (last >= active_since(today), _ACTIVE), else_=_LAPSING
            ).label("standing"),
        )
        .where(*_within(joined.c.at, scope))
        .subquery()
    )
    found: dict[int, dict[int, int]] = {month: {} for month in scope.months}
    for month, standing, people in db.session.execute(
        select(each.c.month, each.c.standing, func.count()).group_by(each.c.month, each.c.standing)
    ):
        found[month][standing] = people
    return {
        month: Cohort(*(people.get(one, 0) for one in (_ACTIVE, _LAPSING, _NOT_YET)))
        for month, people in found.items()
    }


def _joined(scope: Scope) -> Any:
    """(volunteer_id, at) of everybody who may be counted."""
    if scope.group_ids is None and not scope.district:
        return (
            select(Volunteer.id.label("volunteer_id"), Volunteer.created_at.label("at"))
            .where(Volunteer.erased_at.is_(None))
            .subquery()
        )
    known = (
        select(GroupVolunteer.volunteer_id, func.min(GroupVolunteer.created_at).label("at"))
        .join(Volunteer, Volunteer.id == GroupVolunteer.volunteer_id)
        .where(Volunteer.erased_at.is_(None))
        .group_by(GroupVolunteer.volunteer_id)
    )
    if scope.group_ids is not None:
        known = known.where(GroupVolunteer.group_id.in_(scope.group_ids))
    if scope.district:
        known = known.join(Group, Group.id == GroupVolunteer.group_id).where(
            Group.district == scope.district
        )
    return known.subquery()


def _within(moment: Any, scope: Scope) -> list[Any]:
    begin, end = bounds(scope.first_day, scope.last_day, current_app.config["TIMEZONE"])
    return [moment >= begin, moment < end]


def _month(moment: Any, scope: Scope) -> Any:
    """The local month of a moment of the scope, by where the months begin."""
    zone = current_app.config["TIMEZONE"]
    return case(
        *(
            (and_(moment < bounds(first_of(month), last_of(month), zone)[1]), month)
            for month in scope.months
        )
    )
