"""`matching.rules.score` as SQL: how well a person who fits does fit, in points.

It speaks about a row of `volunteer`, as `conditions` do.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Select, case, func, select

from app.foundation.flags import has_all, has_any
from app.matching import rules
from app.matching.queries.conditions import number, person, squared_metres
from app.matching.queries.wish import Need
from app.opportunities.models import Shift
from app.signups.models import OCCUPYING, Signup
from app.volunteers.models import GroupVolunteer


def busy_lately(need: Need) -> Select[int]:
    """Who has had many shifts in the time before this one."""
    start = need.request.demand.starts_at
    return (
        select(Signup.volunteer_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.standing.in_(OCCUPYING),
            Shift.starts_at >= start - rules.LATELY,
            Shift.starts_at < start,
        )
        .group_by(Signup.volunteer_id)
        .having(func.count() >= rules.MANY_SHIFTS)
    )


def score(need: Need) -> ColumnElement[int]:
    """The total of `matching.rules.score`."""
    request, square = need.request, squared_metres(need)
    parts: list[ColumnElement[int]] = [
        case(
            *((square <= most * most, number(points)) for most, points in rules.DISTANCE_POINTS),
            else_=number(0),
        ),
        case(
            (person.free_times == 0, number(rules.FREE_UNTOLD_POINTS)),
            (has_all(person.free_times, request.bits), number(rules.FREE_POINTS)),
            else_=number(0),
        ),
        case(
            (
                person.id.in_(
                    select(GroupVolunteer.volunteer_id).where(
                        GroupVolunteer.group_id == need.group_id
                    )
                ),
                number(rules.KNOWS_GROUP_POINTS),
            ),
            else_=number(0),
        ),
        case(
            (person.last_asked_at.is_(None), number(rules.RESTED_POINTS[0][1])),
            *(
                (person.last_asked_at <= request.now - timedelta(days=days), number(points))
                for days, points in rules.RESTED_POINTS
            ),
            else_=number(0),
        ),
        case(
            (person.id.in_(busy_lately(need)), number(0)),
            else_=number(rules.NOT_BUSY_POINTS),
        ),
    ]
    if request.likes:
        parts.append(
            case(
                (has_all(person.skills, request.likes), number(rules.ALL_WISHED_SKILLS_POINTS)),
                (has_any(person.skills, request.likes), number(rules.SOME_WISHED_SKILLS_POINTS)),
                else_=number(0),
            )
        )
    if request.activity:
        parts.append(
            case(
                (has_any(person.interests, request.activity), number(rules.INTEREST_POINTS)),
                else_=number(0),
            )
        )
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
