"""Everything that we hold about a person, for that person."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts import audit
from app.foundation.extensions import db
from app.groups.models import Group
from app.volunteers.models import (
    Channel,
    Consent,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    InductionStep,
    InductionTick,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.rules import spoken_free_times
from app.volunteers.service.found import the_volunteer
from app.volunteers.service.opt_outs import is_opted_out

# Features above add what they hold: each returns named parts of plain values.
exporters: Final[list[Callable[[Volunteer], dict[str, Any]]]] = []


def everything_held(volunteer_id: int) -> dict[str, Any]:
    """All that we hold about a volunteer, as values that JSON can write."""
    volunteer = the_volunteer(volunteer_id)
    held: dict[str, Any] = {
        "profile": _profile(volunteer),
        "consent": _rows(Consent, volunteer_id, "channel", "given", "how", "created_at"),
        "opted_out": {
            channel.value: bool(address) and is_opted_out(channel, address)
            for channel, address in (
                (Channel.SMS, volunteer.phone or ""),
                (Channel.EMAIL, volunteer.email or ""),
            )
        },
        "dates_away": _rows(DatesAway, volunteer_id, "first_day", "last_day"),
        "checks": _rows(DbsCheck, volunteer_id, "level", "workforce", "issued_on"),
        "training": _rows(TrainingRecord, volunteer_id, "training", "completed_on", "valid_until"),
        "induction": [
            {"step": name, "group": group, "done": _plain(at)}
            for name, group, at in db.session.execute(
                select(InductionStep.name, Group.name, InductionTick.created_at)
                .join(InductionStep, InductionStep.id == InductionTick.step_id)
                .join(Group, Group.id == InductionStep.group_id)
                .where(InductionTick.volunteer_id == volunteer_id)
                .order_by(InductionTick.id)
            )
        ],
        "groups": [
            {"group": link.group.name, "how": link.how, "since": _plain(link.created_at)}
            for link in db.session.scalars(
                select(GroupVolunteer)
                .where(GroupVolunteer.volunteer_id == volunteer_id)
                .options(joinedload(GroupVolunteer.group))
            )
        ],
    }
    for exporter in exporters:
        held |= exporter(volunteer)
    audit.record("exported own data", subject=volunteer)
    return held


_LEFT_OUT: Final = {"user_id", "east", "north", "cell", "free_times", "last_asked_at"}


def _profile(volunteer: Volunteer) -> dict[str, Any]:
    said = {
        column.key: _plain(getattr(volunteer, column.key))
        for column in Volunteer.__mapper__.columns
        if column.key not in _LEFT_OUT
    }
    said["free_times"] = spoken_free_times(volunteer.free_times)
    said["last_asked_at"] = _plain(volunteer.last_asked_at)
    return said


def _rows(model: Any, volunteer_id: int, *fields: str) -> list[dict[str, Any]]:
    found = db.session.scalars(
        select(model).where(model.volunteer_id == volunteer_id).order_by(model.id)
    )
    return [{field: _plain(getattr(row, field)) for field in fields} for row in found]


def _plain(value: Any) -> Any:
    if isinstance(value, enum.IntFlag):
        return [member.label for member in value]  # type: ignore[attr-defined] # a Vocabulary
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
