"""Patterns make their shifts: the one place where a shift of a pattern comes to be."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import select

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import queries, rules, slots
from app.opportunities.models import Opportunity, Pattern, Shift, Stage
from app.opportunities.rules import Occurrence
from app.opportunities.signals import shifts_made

log = logging.getLogger(__name__)


def extend_patterns() -> int:
    """Make the shifts of every pattern that have come within 26 weeks; return how many.

    Each pattern is a unit of work of its own: one that fails keeps no other
    from its turn, and makes the whole fail loudly at the end.
    """
    ids = db.session.scalars(
        select(Pattern.id)
        .join(Opportunity)
        .where(
            queries.goes_on(),
            Opportunity.stage.in_([Stage.DRAFT, Stage.PUBLISHED]),
        )
        .order_by(Pattern.id)
    ).all()
    made = 0
    faults: list[Exception] = []
    for pattern_id in ids:
        try:
            made += _extend(pattern_id)
        except Exception as fault:
            # Kept, and raised once the others have had their turn.
            log.exception("pattern %d could not make its shifts", pattern_id)
            db.session.rollback()
            faults.append(fault)
    if faults:
        raise ExceptionGroup("some patterns could not make their shifts", faults)
    return made


def _extend(pattern_id: int) -> int:
    with transaction():
        pattern = db.session.scalar(
            select(Pattern)
            .where(Pattern.id == pattern_id)
            .with_for_update(of=Pattern)
            .execution_options(populate_existing=True)
        )
        return len(make_missing(pattern)) if pattern else 0


def make_missing(pattern: Pattern) -> list[Shift]:
    """Make what the pattern says and has not made yet, in the open transaction.

    A shift that was deleted, moved or cancelled is not made again. The
    pattern's row must be locked.
    """
    made = set(
        db.session.scalars(select(Shift.occurrence_day).where(Shift.series == pattern.series))
    )
    return make(
        pattern,
        [
            occurrence
            for occurrence in queries.preview(pattern.opportunity, queries.repeat_of(pattern))
            if occurrence.day not in made
        ],
    )


def make(pattern: Pattern, occurrences: Sequence[Occurrence]) -> list[Shift]:
    """Make these shifts of a pattern, each with its key and slots; those above hear of it."""
    shifts = [
        new_shift(pattern.opportunity, occurrence, pattern.places, pattern.minimum)
        for occurrence in occurrences
    ]
    for shift, occurrence in zip(shifts, occurrences, strict=True):
        shift.pattern_id, shift.series = pattern.id, pattern.series
        shift.occurrence_day = occurrence.day
    db.session.add_all(shifts)
    db.session.flush()
    team = slots.team_of(pattern)
    for shift in shifts:
        slots.give(shift, team)
    db.session.flush()
    if shifts:
        shifts_made.send([shift.id for shift in shifts])
    return shifts


def new_shift(opportunity: Opportunity, occurrence: Occurrence, places: int, minimum: int) -> Shift:
    """A shift of an opportunity, not added yet. Raises `Refusal` for one that cannot be."""
    if opportunity.stage == Stage.CANCELLED:
        raise Refusal("This role was cancelled, so it takes no more shifts.")
    zone = opportunity.site.zone
    rules.check_shift(occurrence.starts_at, occurrence.ends_at, places, minimum, zone=zone)
    return Shift(
        opportunity_id=opportunity.id,
        site_id=opportunity.site_id,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        places=places,
        minimum=minimum,
        stage=opportunity.stage,
        times=rules.local_times(occurrence.starts_at, occurrence.ends_at, zone),
    )
