"""What every kind of change is worked out into, and what each asks of shifts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities import slots
from app.opportunities.models import Opportunity, Pattern, Shift, Stage
from app.opportunities.rules import span
from app.rota.changing.models import Kind
from app.rota.changing.rules import Face, Made, Step
from app.signups.models import LIVE, Signup
from app.signups.rows import locked


class Conflict(Refusal):
    """Somebody else has changed the row since the form was opened.

    `now` holds the form's values as the row has them, `version` its version.
    """

    def __init__(self, now: dict[str, object], version: int, subject: Pattern | Shift) -> None:
        super().__init__("Somebody else has changed this since you opened the page.")
        self.now, self.version, self.subject = now, version, subject


@dataclass(kw_only=True)
class Draft:
    """What a change would do, before anybody is told."""

    group_id: int
    kind: Kind
    summary: str
    steps: list[Step]
    shifts: dict[int, Shift]
    opportunity: Opportunity | None = None
    titles: dict[int, str] = field(default_factory=dict)  # of roles, by their patterns
    details: dict[str, Any] = field(default_factory=dict)  # for the kind's own `settle`

    def title_of(self, step: Step) -> str:
        """The role of a step's shift."""
        if step.shift is not None:
            return self.shifts[step.shift.id].opportunity.title
        return self.titles.get(step.pattern_id or 0, "")


class Change(Protocol):
    """A change as a manager asks for it."""

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        """Work it out; with `lock`, under locks that hold until the commit.

        `along` are shifts that would stay by themselves and are taken along.
        Raises `Refusal` for what cannot be, `Conflict` when another was first.
        """


def keys_of(series: Collection[str]) -> dict[str, set[date]]:
    """Of each series every day for which there is a shift."""
    found: dict[str, set[date]] = {one: set() for one in series}
    for one, day in db.session.execute(
        select(Shift.series, Shift.occurrence_day).where(Shift.series.in_(list(series)))
    ):
        if one is not None and day is not None:
            found[one].add(day)
    return found


def read(ids: Sequence[int], lock: bool) -> list[Shift]:
    """Shifts with all that a draft asks of them; with `lock`, in the order of their ids, held."""
    if not ids:
        return []
    if lock:
        # What has begun or gone between the two statements is read as it is.
        return locked(ids)
    return list(
        db.session.scalars(
            select(Shift)
            .where(Shift.id.in_(list(ids)))
            .order_by(Shift.id)
            .options(
                joinedload(Shift.opportunity).joinedload(Opportunity.group), joinedload(Shift.site)
            )
        )
    )


def made_of(shifts: Sequence[Shift], patterns: dict[int, Pattern]) -> list[Made]:
    """Shifts as the rules know them; of a pattern that is not given none is an exception."""
    ids = [shift.id for shift in shifts]
    live = db.session.execute(
        select(Signup.shift_id, func.count().label("people"))
        .where(Signup.shift_id.in_(ids), Signup.standing.in_(LIVE))
        .group_by(Signup.shift_id)
    )
    people = {row.shift_id: row.people for row in live}
    with_slots = slots.of_shifts(ids)
    return [
        Made(
            id=shift.id,
            key=shift.occurrence_day if shift.pattern_id else None,
            face=face_of(shift),
            version=shift.version,
            people=people.get(shift.id, 0),
            taken=shift.taken,
            is_exception=_is_exception(
                shift, patterns.get(shift.pattern_id or 0), shift.id in with_slots
            ),
            is_cancelled=shift.stage == Stage.CANCELLED,
            has_slots=shift.id in with_slots,
        )
        for shift in shifts
    ]


def face_of(shift: Shift) -> Face:
    return Face(shift.starts_at, shift.ends_at, shift.places, shift.minimum)


def _is_exception(shift: Shift, pattern: Pattern | None, has_slots: bool) -> bool:
    """Whether a manager has changed it by itself: it is not what its pattern made."""
    if pattern is None or shift.occurrence_day is None:
        return False
    made = span(shift.occurrence_day, pattern.starts, pattern.ends, shift.site.zone)
    if (shift.starts_at, shift.ends_at) != made:
        return True
    # Of a team's places each has its own; they are changed with the team.
    by_duty = has_slots or bool(pattern.team)
    return not by_duty and (shift.places, shift.minimum) != (pattern.places, pattern.minimum)


def short(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:299]}…"
