"""The team of a shift or of a whole pattern, with what it means for the people on it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import queries, slots
from app.opportunities.models import Opportunity, Shift, Stage
from app.opportunities.slots import Numbers, Team
from app.signups import service
from app.signups.models import Signup, Standing, Way
from app.signups.placing import judge
from app.signups.rows import lock_volunteer, locked, note


class Meanwhile(Refusal):
    """Another manager changed the row since the page was made; `version` is what it has now."""

    def __init__(self, now: str, version: int) -> None:
        super().__init__(
            f"Another manager has changed this meanwhile. It is now: {now}. "
            "What you typed is still here. Save again if it should be so all the same."
        )
        self.version = version


def set_for_shift(
    group_id: int,
    shift_id: int,
    team: Team,
    minimum: int,
    by_user_id: int | None,
    *,
    version: int | None = None,
) -> Shift:
    """Give a coming shift this team; those on it without a duty get one that they can do.

    Places that are new go to those who wait, in order. `version` is the shift's
    as the manager saw it; None asks no questions. Raises `Meanwhile` when it has
    another by now, and `Refusal` for what would take a place away.
    """
    with transaction():
        locked([shift_id])
        shift = queries.shift_of(group_id, shift_id)
        if version is not None and version != shift.version:
            have = {
                slot.duty.name: Numbers(slot.places, slot.minimum)
                for slot in slots.of_shift(shift.id)
            }
            raise Meanwhile(_said(have, shift.places, shift.minimum), shift.version)
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


def _said(team: Mapping[str, Numbers], places: int, minimum: int) -> str:
    """A team by the names of its duties, in words."""
    parts = [f"{name}: {one.places}, at least {one.minimum}" for name, one in team.items()]
    return "; ".join([*(parts or [f"{places} places"]), f"at least {minimum} in all"])


def set_for_pattern(
    group_id: int,
    pattern_id: int,
    team: Team,
    minimum: int,
    by_user_id: int | None,
    *,
    version: int | None = None,
) -> tuple[int, list[tuple[Shift, str]]]:
    """Give a pattern and its coming shifts this team.

    Returns how many shifts have it now, and those that keep what they had,
    each with the reason: a person there has a place that would go. `version`
    is as in `set_for_shift`. Raises `Meanwhile` likewise, and `Refusal` for
    numbers that make no team.
    """
    with transaction():
        pattern = queries.pattern_of(group_id, pattern_id, lock=True)
        duties = slots.duties_of(pattern.opportunity_id)
        if version is not None and version != pattern.version:
            named = {duty.id: duty.name for duty in duties}
            have = {named[of]: one for of, one in slots.team_of(pattern).items() if of in named}
            raise Meanwhile(_said(have, pattern.places, pattern.minimum), pattern.version)
        slots.check_team(team, duties)
        pattern.team = [
            {"duty_id": duty_id, "places": one.places, "minimum": one.minimum}
            for duty_id, one in team.items()
        ]
        if team:
            pattern.places = sum(one.places for one in team.values())
        pattern.minimum = min(minimum, pattern.places)
        pattern.version += 1
        changed, kept = 0, []
        coming = _coming(pattern_id)
        # Every shift before the first person of a queue.
        locked([shift.id for shift in coming])
        for shift in coming:
            try:
                with db.session.begin_nested():
                    set_for_shift(group_id, shift.id, team, minimum, by_user_id)
                changed += 1
            except Refusal as refusal:
                kept.append((shift, refusal.sentence))
        return changed, kept


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
