"""Duties of a role, and the slots that a shift has for them.

A shift has slots for all of its places or none at all: then each of its
people does the same. `Shift.places` is the sum of its slots' places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager, joinedload
from werkzeug.exceptions import NotFound

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import queries
from app.opportunities.models import Duty, Opportunity, Pattern, Shift, Slot, Stage
from app.opportunities.rules import MOST_PLACES
from app.volunteers.vocabulary import Language, Skill, Training

MOST_DUTIES: Final = 12
# Made once: every claim asks.
_OF_SHIFTS: Final = (
    select(Slot)
    .join(Slot.duty)
    .where(Slot.shift_id.in_(bindparam("these", expanding=True)))
    .order_by(Slot.shift_id, Duty.rank, Slot.id)
    .options(contains_eager(Slot.duty))
    .execution_options(populate_existing=True)
)


def of_shifts(shift_ids: Collection[int]) -> dict[int, list[Slot]]:
    """The slots of each of the shifts that has any, with their duties, in the page's order."""
    found: dict[int, list[Slot]] = {}
    if shift_ids:
        for slot in db.session.scalars(_OF_SHIFTS, {"these": list(shift_ids)}):
            found.setdefault(slot.shift_id, []).append(slot)
    return found


def of_shift(shift_id: int) -> list[Slot]:
    """The slots of one shift in the page's order; none where everybody does the same."""
    return of_shifts([shift_id]).get(shift_id, [])


def duties_of(opportunity_id: int) -> Sequence[Duty]:
    """The duties that new shifts of a role can have, in the page's order."""
    return db.session.scalars(
        select(Duty)
        .where(Duty.opportunity_id == opportunity_id, Duty.retired_at.is_(None))
        .order_by(Duty.rank, Duty.id)
    ).all()


class DutyDetails(TypedDict):
    """What a manager says about a duty."""

    name: str
    in_charge: bool
    needs_skills: Skill
    needs_languages: Language
    needs_training: Training
    minimum_age: int


def duty_of(group_id: int, duty_id: int) -> Duty:
    """A duty of this group's role, or 404."""
    duty = db.session.get(Duty, duty_id, options=[joinedload(Duty.opportunity)])
    if duty is None or duty.opportunity.group_id != group_id:
        raise NotFound
    return duty


def add_duty(group_id: int, opportunity_id: int, details: DutyDetails) -> Duty:
    """Add a duty to a role. Raises `Refusal` for a name that is there, or one too many."""
    with transaction():
        opportunity = queries.opportunity_of(group_id, opportunity_id, lock=True)
        known = duties_of(opportunity.id)
        if len(known) >= MOST_DUTIES:
            raise Refusal(f"A role can have {MOST_DUTIES} duties at most.", "name")
        _check_name(details["name"], known)
        duty = Duty(
            opportunity_id=opportunity.id,
            rank=max((one.rank for one in known), default=0) + 1,
            **details,
        )
        db.session.add(duty)
        db.session.flush()
    return duty


def edit_duty(group_id: int, duty_id: int, details: DutyDetails) -> Duty:
    """Change a duty, on the shifts that have it too; those who do it keep their places."""
    with transaction():
        duty = duty_of(group_id, duty_id)
        queries.opportunity_of(group_id, duty.opportunity_id, lock=True)
        others = [one for one in duties_of(duty.opportunity_id) if one.id != duty.id]
        _check_name(details["name"], others)
        for name, value in details.items():
            setattr(duty, name, value)
    return duty


def _check_name(name: str, others: Sequence[Duty]) -> None:
    if name.casefold() in {one.name.casefold() for one in others}:
        raise Refusal("This role has a duty of that name already.", "name")


def retire_duty(group_id: int, duty_id: int) -> Duty:
    """Give a duty to no new shift. Shifts that have it keep it, and so do their people.

    The role's patterns are locked before the role, as whoever makes a pattern's
    shifts has its row first.
    """
    with transaction():
        duty = duty_of(group_id, duty_id)
        patterns = (
            select(Pattern)
            .where(Pattern.opportunity_id == duty.opportunity_id)
            .order_by(Pattern.id)
            .execution_options(populate_existing=True)
        )
        db.session.scalars(patterns.with_for_update(of=Pattern)).all()
        queries.opportunity_of(group_id, duty.opportunity_id, lock=True)
        duty.retired_at = duty.retired_at or clock.now()
        # Again: another may have come to be while we waited.
        for pattern in db.session.scalars(patterns).all():
            kept = [one for one in pattern.team if one["duty_id"] != duty.id]
            if kept != pattern.team:
                # What is left must still add up; with nothing left all do the same again.
                pattern.team = kept
                pattern.version += 1
                if kept:
                    pattern.places = sum(one["places"] for one in kept)
                    pattern.minimum = min(pattern.minimum, pattern.places)
    return duty


@dataclass(frozen=True)
class Numbers:
    """How many places a duty has on a shift, and how many of them it needs at least."""

    places: int
    minimum: int = 0


# What a shift's team is to be, by duty; empty: everybody does the same.
Team = Mapping[int, Numbers]


def team_of(pattern: Pattern) -> dict[int, Numbers]:
    """The team that each shift of the pattern gets."""
    return {one["duty_id"]: Numbers(one["places"], one["minimum"]) for one in pattern.team}


def check_team(team: Team, known: Collection[Duty]) -> None:
    """Raise `Refusal` for numbers that make no team, or a duty of another role."""
    ids = {duty.id for duty in known}
    if set(team) - ids:
        raise Refusal("Choose duties of this role.", "team")
    if any(one.places < 1 or not 0 <= one.minimum <= one.places for one in team.values()):
        raise Refusal("The least number of a duty cannot be more than its places.", "team")
    if sum(one.places for one in team.values()) > MOST_PLACES:
        raise Refusal(f"A shift can have {MOST_PLACES} places at most.", "team")


def give(shift: Shift, team: Team) -> None:
    """Write a new shift's slots, in the open transaction. The shift has been flushed."""
    for duty_id, numbers in team.items():
        db.session.add(
            Slot(
                shift_id=shift.id,
                duty_id=duty_id,
                places=numbers.places,
                minimum=numbers.minimum,
            )
        )


def set_team(group_id: int, shift_id: int, team: Team) -> Shift:
    """Give a coming shift this team instead of what it has.

    Who has a place keeps it: a slot keeps at least the places that are taken,
    and one that somebody holds cannot go; who waits for it then waits for any. People without a
    duty still count towards the shift's places, so these never fall below
    those taken. Raises `Refusal`, of the field "team", for what cannot be.
    """
    with transaction():
        shift = queries.shift_of(group_id, shift_id, lock=True)
        if shift.stage == Stage.CANCELLED or shift.starts_at <= clock.now():
            raise Refusal("This shift has begun or was cancelled, so it cannot be changed.")
        before = {slot.duty_id: slot for slot in of_shift(shift.id)}
        known = [*duties_of(shift.opportunity_id), *(slot.duty for slot in before.values())]
        check_team(team, known)
        for duty_id, slot in before.items():
            _change(slot, team.get(duty_id))
        for duty_id, numbers in team.items():
            if duty_id not in before:
                give(shift, {duty_id: numbers})
        if team:
            places = sum(one.places for one in team.values())
            if places < shift.taken:
                raise Refusal(
                    f"{shift.taken} people have a place already. "
                    f"Give at least {shift.taken} places in all.",
                    "team",
                )
            shift.places, shift.minimum = places, min(shift.minimum, places)
        shift.version += 1
    return shift


def _change(slot: Slot, numbers: Numbers | None) -> None:
    if numbers is None:
        if slot.taken:
            raise Refusal(
                f"Somebody has a place as “{slot.duty.name}”. Move them to another duty first.",
                "team",
            )
        db.session.delete(slot)
    elif numbers.places < slot.taken:
        raise Refusal(
            f"“{slot.duty.name}” has {slot.taken} people already. "
            f"Give it at least {slot.taken} places.",
            "team",
        )
    else:
        slot.places, slot.minimum = numbers.places, numbers.minimum


@dataclass(frozen=True)
class Missing:
    """How many people a duty still lacks on a shift: to be full, and to be safe."""

    duty: Duty
    free: int
    below_minimum: int


def missing(slots: Sequence[Slot]) -> list[Missing]:
    """What each slot with a place free still lacks, in the page's order."""
    return [
        Missing(slot.duty, slot.places_left, max(0, slot.minimum - slot.taken))
        for slot in slots
        if slot.places_left
    ]


def has_duties(opportunity: Opportunity) -> bool:
    """Whether new shifts of the role can have slots."""
    offered = select(Duty).where(Duty.opportunity_id == opportunity.id, Duty.retired_at.is_(None))
    return bool(db.session.scalar(select(offered.exists())))
