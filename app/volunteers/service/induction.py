"""A group's first steps are written down, and ticked as people do them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.volunteers.induction import steps_of
from app.volunteers.models import InductionStep, InductionTick, TickedBy
from app.volunteers.service.found import own_volunteer, the_volunteer

LONGEST_LIST: Final = 40


def add_step(group_id: int, name: str, *, needed_first: bool, ticked_by: TickedBy) -> InductionStep:
    """Put one more step at the end of the group's list. Raises `Refusal` for what cannot be."""
    name = " ".join(name.split())
    if not name:
        raise Refusal("Say what is to be done, like “Fire exits shown”.", "name")
    if len(name) > 120:
        raise Refusal("Use 120 letters or fewer.", "name")
    with transaction():
        known = steps_of(group_id)
        if len(known) >= LONGEST_LIST:
            raise Refusal(f"A list has {LONGEST_LIST} steps at most. Remove one first.", "name")
        if any(step.name.casefold() == name.casefold() for step in known):
            raise Refusal("This step is on the list already.", "name")
        step = InductionStep(
            group_id=group_id,
            name=name,
            rank=max((step.rank for step in known), default=0) + 1,
            needed_first=needed_first,
            ticked_by=ticked_by,
        )
        db.session.add(step)
        db.session.flush()
        audit.record("added induction step", subject=step, group_id=group_id)
    return step


def retire_step(group_id: int, step_id: int) -> None:
    """Ask for the step no longer; who did it when is kept. Harmless when it is gone."""
    with transaction():
        step = _step(group_id, step_id)
        if step.retired_at is None:
            step.retired_at = clock.now()
            audit.record("removed induction step", subject=step, group_id=group_id)


def move_step_up(group_id: int, step_id: int) -> None:
    """Change places with the step before it; harmless for the first."""
    with transaction():
        steps = list(steps_of(group_id))
        at = next((n for n, step in enumerate(steps) if step.id == step_id), None)
        if at is None:
            raise Refusal("This step is not on the list any more.")
        if at:
            steps[at - 1], steps[at] = steps[at], steps[at - 1]
        for rank, step in enumerate(steps, start=1):
            step.rank = rank


def tick_as_manager(group_id: int, volunteer_id: int, step_id: int, by_user_id: int) -> None:
    """A manager says that one of the group's own people has done it. Twice is harmless."""
    with transaction():
        own_volunteer(group_id, volunteer_id)
        step = _step(group_id, step_id)
        if _tick(step, volunteer_id, by_user_id):
            audit.record(
                "ticked induction step", subject=step, group_id=group_id, volunteer=volunteer_id
            )


def untick(group_id: int, volunteer_id: int, step_id: int) -> None:
    """A manager takes back what was ticked by mistake; harmless when it is gone."""
    with transaction():
        own_volunteer(group_id, volunteer_id)
        step = _step(group_id, step_id)
        tick = db.session.scalar(
            select(InductionTick).where(
                InductionTick.step_id == step.id, InductionTick.volunteer_id == volunteer_id
            )
        )
        if tick is not None:
            db.session.delete(tick)
            audit.record(
                "unticked induction step", subject=step, group_id=group_id, volunteer=volunteer_id
            )


def tick_own(volunteer_id: int, step_id: int, by_user_id: int) -> None:
    """The volunteer says "I have read it". Twice is harmless.

    Raises `Refusal` for a step that a manager has to show.
    """
    with transaction():
        the_volunteer(volunteer_id)
        step = db.session.get(InductionStep, step_id)
        if step is None or step.retired_at is not None:
            raise Refusal(gettext("This step is not on the list any more."))
        if step.ticked_by != TickedBy.VOLUNTEER:
            raise Refusal(gettext("Somebody of the group shows you this, and ticks it then."))
        _tick(step, volunteer_id, by_user_id)


def _tick(step: InductionStep, volunteer_id: int, by_user_id: int) -> bool:
    if step.retired_at is not None:
        raise Refusal(gettext("This step is not on the list any more."))
    made = db.session.scalar(
        insert_ignoring(InductionTick)
        .values(
            step_id=step.id,
            volunteer_id=volunteer_id,
            by_user_id=by_user_id,
            created_at=clock.now(),
        )
        .returning(InductionTick.id)
    )
    return made is not None


def _step(group_id: int, step_id: int) -> InductionStep:
    step = db.session.get(InductionStep, step_id)
    if step is None or step.group_id != group_id:
        raise Refusal(gettext("This step is not on the list any more."))
    return step
