"""The team of a shift or of a whole pattern, with what it means for the people on it."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import queries, slots
from app.opportunities.models import Opportunity, Pattern, Shift, Stage
from app.opportunities.slots import Team
from app.signups import service
from app.signups.models import Signup, Standing, Way
from app.signups.placing import judge
from app.signups.rows import lock_volunteer, locked, note


def set_for_shift(
    group_id: int, shift_id: int, team: Team, minimum: int, by_user_id: int | None
) -> Shift:
    """Give a coming shift this team; those on it without a duty get one that they can do.

    Places that are new go to those who wait, in order. Raises `Refusal` for
    what would take a place away.
    """
    with transaction():
        locked([shift_id])
        shift = slots.set_team(group_id, shift_id, team)
        shift.minimum = min(minimum, shift.places)
        db.session.flush()
        _give_duties(shift, by_user_id)
        service.promote(shift.id)
        audit.record("changed team", subject=shift, group_id=group_id)
    return shift


def _give_duties(shift: Shift, by_user_id: int | None) -> None:
    """In the order of arrival; who can do none of what is free stays without."""
    for signup in db.session.scalars(
        select(Signup)
        .where(
            Signup.shift_id == shift.id,
            Signup.standing == Standing.CONFIRMED,
            Signup.slot_id.is_(None),
        )
        .order_by(Signup.id)
    ).all():
        judged = judge(shift, lock_volunteer(signup.volunteer_id))
        chosen = judged.opening()
        if chosen is not None:
            signup.slot_id = chosen.slot_id
            db.session.flush()
            note(signup, signup.standing, Way.MANAGER, by_user_id, f"New duty: {chosen.name}")


def set_for_pattern(
    group_id: int, pattern_id: int, team: Team, minimum: int, by_user_id: int | None
) -> tuple[int, list[tuple[Shift, str]]]:
    """Give a pattern and its coming shifts this team.

    Returns how many shifts have it now, and those that keep what they had,
    each with the reason: a person there has a place that would go. Raises
    `Refusal` for numbers that make no team.
    """
    with transaction():
        pattern = pattern_of(group_id, pattern_id)
        opportunity = queries.opportunity_of(group_id, pattern.opportunity_id, lock=True)
        slots.check_team(team, slots.duties_of(opportunity.id))
        pattern.team = [
            {"duty_id": duty_id, "places": one.places, "minimum": one.minimum}
            for duty_id, one in team.items()
        ]
        if team:
            pattern.places = sum(one.places for one in team.values())
        pattern.minimum = min(minimum, pattern.places)
        changed, kept = 0, []
        for shift in _coming(pattern_id):
            try:
                with db.session.begin_nested():
                    set_for_shift(group_id, shift.id, team, minimum, by_user_id)
                changed += 1
            except Refusal as refusal:
                kept.append((shift, refusal.sentence))
        return changed, kept


def pattern_of(group_id: int, pattern_id: int) -> Pattern:
    """A pattern of this group, or 404."""
    pattern = db.session.get(Pattern, pattern_id)
    queries.opportunity_of(group_id, pattern.opportunity_id if pattern else 0)
    assert pattern is not None
    return pattern


def _coming(pattern_id: int) -> list[Shift]:
    return list(
        db.session.scalars(
            select(Shift)
            .join(Opportunity)
            .where(
                Shift.pattern_id == pattern_id,
                Shift.starts_at > clock.now(),
                Shift.stage != Stage.CANCELLED,
            )
            .order_by(Shift.id)
        )
    )
