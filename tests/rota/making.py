"""Patterns with shifts and people, and changes to them, for the tests of the rota."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import select

from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import service as opportunities
from app.opportunities.models import Opportunity, Pattern, Shift
from app.opportunities.rules import Repeat
from app.rota.changing import service
from app.rota.changing.drafts import (
    Change,
    OneShift,
    PatternValues,
    ShiftValues,
    ThisAndLater,
    values_of_pattern,
    values_of_shift,
)
from app.rota.changing.models import RotaChange
from app.signups.models import Signup
from app.volunteers.models import Volunteer
from tests import factories as make

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


def tuesdays(role: Opportunity | None = None, **said: Any) -> Pattern:
    """Every Tuesday of March 2026, 10 to 12, two places."""
    role = role or make.opportunity()
    people = {name: said.pop(name) for name in ("places", "minimum") if name in said}
    repeat: dict[str, Any] = {
        "rule": "FREQ=WEEKLY;BYDAY=TU",
        "starts": time(10),
        "ends": time(12),
        "first_day": date(2026, 3, 2),
        "last_day": date(2026, 3, 31),
    }
    pattern, _ = opportunities.add_pattern(
        role.group_id, role.id, Repeat(**(repeat | said)), **({"places": 2, "minimum": 1} | people)
    )
    return pattern


def on(pattern: Pattern, day: date) -> Shift:
    """The pattern's series' shift of a day's occurrence."""
    return db.session.scalars(
        select(Shift).where(Shift.series == pattern.series, Shift.occurrence_day == day)
    ).one()


def shifts_of(role_id: int) -> list[Shift]:
    db.session.rollback()
    query = select(Shift).where(Shift.opportunity_id == role_id).order_by(Shift.starts_at)
    return list(db.session.scalars(query))


def days_of(role_id: int) -> list[tuple[int, int]]:
    """(month, day) of each shift, in order."""
    return [(one.starts_at.month, one.starts_at.day) for one in shifts_of(role_id)]


def person_on(shift: Shift, **said: Any) -> tuple[Volunteer, Signup]:
    volunteer = make.volunteer(**said)
    return volunteer, make.signup(
        shift, volunteer, agreed_revision=shift.revision, confirmed_at=NOW
    )


def pattern_change(pattern: Pattern, from_day: date | None = None, **said: Any) -> ThisAndLater:
    values = vars(values_of_pattern(pattern)) | said
    return ThisAndLater(
        group_id=pattern.opportunity.group_id,
        pattern_id=pattern.id,
        values=PatternValues(**values),
        from_day=from_day,
        version=pattern.version,
    )


def shift_change(shift: Shift, **said: Any) -> OneShift:
    values = vars(values_of_shift(shift)) | said
    return OneShift(
        group_id=shift.opportunity.group_id,
        shift_id=shift.id,
        values=ShiftValues(**values),
        version=shift.version,
    )


def apply(
    change: Change, by: int | None = None, along: Collection[int] = (), reason: str = ""
) -> RotaChange:
    """Look, and do exactly that."""
    seen = service.look(change, along, reason).fingerprint
    return service.apply(change, seen, by, along=along, reason=reason)


def edit(row: Any, **said: Any) -> None:
    with transaction():
        row = db.session.get_one(type(row), row.id)
        for name, value in said.items():
            setattr(row, name, value)
