"""What the reports tell a person of themselves.

They forget nobody by themselves: a count says who gave time only as the shifts do from
which it is made, and an erased person stands there without a name.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.foundation.extensions import db
from app.groups.models import Group
from app.reports.models import CountedAsk, GivenTime
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """The days on which they gave time or were asked, as the charts count them."""
    given = db.session.execute(
        select(GivenTime.day, Group.name, GivenTime.minutes)
        .join(Group, Group.id == GivenTime.group_id)
        .where(GivenTime.volunteer_id == volunteer.id)
        .order_by(GivenTime.day, Group.name, GivenTime.district)
    )
    asked = db.session.execute(
        select(CountedAsk.day, Group.name, CountedAsk.asks)
        .join(Group, Group.id == CountedAsk.group_id)
        .where(CountedAsk.volunteer_id == volunteer.id)
        .order_by(CountedAsk.day, Group.name, CountedAsk.district)
    )
    return {
        "counted_in_reports": [
            {"day": day.isoformat(), "group": group, "minutes_given": minutes}
            for day, group, minutes in given
        ],
        "asks_counted_in_reports": [
            {"day": day.isoformat(), "group": group, "asks": asks} for day, group, asks in asked
        ],
    }
