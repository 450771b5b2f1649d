"""Setting up a week: a role, its times and its shifts, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.accounts import audit
from app.foundation.errors import Refusal
from app.foundation.transaction import transaction
from app.opportunities import service as opportunities
from app.opportunities.models import Opportunity
from app.opportunities.rules import Repeat
from app.opportunities.rules.repeating import weekly
from app.opportunities.service import Details
from app.rota.rules.begin import Opening, Stretch, stretches


@dataclass(frozen=True, kw_only=True)
class Week:
    """A role's week: when it runs, cut into shifts of at most so many hours, between two days."""

    openings: tuple[Opening, ...]
    longest_hours: int | None
    first_day: date
    last_day: date


def set_up_week(group_id: int, details: Details, week: Week) -> tuple[Opportunity, int]:
    """Post a role with the shifts of its week; return it and how many shifts were made.

    Bank holidays and the group's closed days are left out. All in one transaction.
    Raises `Refusal`, naming the field, for what the opportunity or its shifts may
    not be, and when no day fits.
    """
    with transaction():
        opportunity = opportunities.create(group_id, details)
        opportunities.publish(group_id, opportunity.id)
        made = sum(_add(group_id, opportunity.id, week, one) for one in _stretches(week))
        if not made:
            raise Refusal("No shift fits between these dates.", "last_day")
        audit.record("set up week", subject=opportunity, group_id=group_id, shifts=made)
    return opportunity, made


def _stretches(week: Week) -> Iterable[Stretch]:
    found = stretches(week.openings, week.longest_hours)
    if not found:
        raise Refusal("Choose at least one day on which it runs.", "open_0")
    return found


def _add(group_id: int, opportunity_id: int, week: Week, stretch: Stretch) -> int:
    """One pattern; how many shifts it made. A day that never comes in this time makes none."""
    repeat = Repeat(
        rule=weekly(stretch.weekdays),
        starts=stretch.starts,
        ends=stretch.ends,
        first_day=week.first_day,
        last_day=week.last_day,
        # As with a weekly shift that is posted alone.
        works_on_holidays=False,
    )
    _, made = opportunities.add_pattern(
        group_id, opportunity_id, repeat, places=stretch.people, minimum=stretch.at_least
    )
    return made
