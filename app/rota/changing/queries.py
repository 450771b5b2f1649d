"""Reading what was changed in the rota, and where it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound

from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Closure, Opportunity, Pattern, Shift, Stage
from app.opportunities.rules import closing
from app.rota.changing.models import RotaChange


def recent(group_id: int, limit: int = 50) -> Sequence[RotaChange]:
    """The group's latest changes, newest first, with who made and undid them."""
    return db.session.scalars(
        select(RotaChange)
        .where(RotaChange.group_id == group_id)
        .options(joinedload(RotaChange.by), joinedload(RotaChange.undone_by))
        .order_by(RotaChange.created_at.desc(), RotaChange.id.desc())
        .limit(limit)
    ).all()


def change_of(group_id: int, change_id: int) -> RotaChange:
    """A change of this group, or 404."""
    found = db.session.scalar(
        select(RotaChange)
        .where(RotaChange.id == change_id, RotaChange.group_id == group_id)
        .options(joinedload(RotaChange.by), joinedload(RotaChange.undone_by))
    )
    if found is None:
        raise NotFound
    return found


def last_change_of(group_id: int, row: Shift | Pattern) -> RotaChange | None:
    """Who changed a shift or a pattern last, as far as the latest changes tell."""
    part = "shifts" if isinstance(row, Shift) else "patterns"
    for change in recent(group_id):
        if any(entry["id"] == row.id for entry in change.record[part]):
            return change
    return None


def closures_of(group_id: int) -> Sequence[Closure]:
    """The group's closures that are not over, in order, each with its site."""
    return db.session.scalars(
        select(Closure)
        .where(Closure.group_id == group_id, Closure.last_day >= clock.now().date())
        .options(joinedload(Closure.site))
        .order_by(Closure.first_day, Closure.id)
    ).all()


def next_bank_holidays() -> list[tuple[date, str]]:
    """England's bank holidays of the coming year, in order, each with its name."""
    today = clock.now().date()
    return list(closing.bank_holidays(today, today + timedelta(days=365)).items())


def open_though_closed(group_id: int) -> list[Shift]:
    """The group's coming shifts that stand on a day of a closure, in order of time."""
    closures = closures_of(group_id)
    if not closures:
        return []
    begin = datetime.combine(min(one.first_day for one in closures), time.min, UTC)
    end = datetime.combine(max(one.last_day for one in closures), time.min, UTC)
    shifts = db.session.scalars(
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id == group_id,
            Shift.starts_at > max(clock.now(), begin - timedelta(days=1)),
            Shift.starts_at < end + timedelta(days=2),
            Shift.stage != Stage.CANCELLED,
        )
        .options(joinedload(Shift.opportunity), joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.id)
    )
    return [shift for shift in shifts if _closed_by(shift, closures)]


def _closed_by(shift: Shift, closures: Sequence[Closure]) -> bool:
    day = shift.starts_at.astimezone(ZoneInfo(shift.site.zone)).date()
    return any(
        one.first_day <= day <= one.last_day and one.site_id in (None, shift.site_id)
        for one in closures
    )
