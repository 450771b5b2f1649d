"""Checks and training that a group's manager saw with their own eyes."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import current_app

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.volunteers.models import DbsCheck, TrainingRecord
from app.volunteers.rules import months_later
from app.volunteers.service.found import own_volunteer
from app.volunteers.vocabulary import DbsLevel, Training, Workforce

OLDEST: Final = date(2002, 3, 1)  # the Criminal Records Bureau issued its first certificates
LONGEST_VALID_MONTHS: Final = 120


def record_check(
    group_id: int,
    volunteer_id: int,
    *,
    level: DbsLevel,
    workforce: Workforce,
    issued_on: date,
    seen_by_id: int,
) -> None:
    """Note that a manager of the group saw a DBS certificate; never what was on it.

    A certificate has no expiry date. Each group says when it asks again.
    https://www.gov.uk/dbs-update-service
    """
    if level == DbsLevel.NONE:
        raise Refusal("Choose the level of the check.", "level")
    _in_the_past(issued_on, "issued_on")
    with transaction():
        volunteer = own_volunteer(group_id, volunteer_id)
        db.session.add(
            DbsCheck(
                volunteer_id=volunteer_id,
                level=level,
                workforce=workforce,
                issued_on=issued_on,
                seen_by_id=seen_by_id,
                group_id=group_id,
            )
        )
        audit.record("recorded check", subject=volunteer, group_id=group_id)


def remove_check(group_id: int, volunteer_id: int, check_id: int) -> None:
    """Take away a check that this group recorded by mistake."""
    with transaction():
        volunteer = own_volunteer(group_id, volunteer_id)
        check = db.session.get(DbsCheck, check_id)
        if check is None or check.volunteer_id != volunteer_id or check.group_id != group_id:
            raise Refusal("Only the group that recorded a check can remove it.")
        db.session.delete(check)
        audit.record("removed check", subject=volunteer, group_id=group_id)


def record_training(
    group_id: int,
    volunteer_id: int,
    *,
    training: Training,
    completed_on: date,
    valid_until: date | None = None,
    seen_by_id: int | None = None,
) -> None:
    """Note a course that the volunteer completed, and the last day its certificate holds."""
    if len(training) != 1:
        raise Refusal("Choose one course.", "training")
    _in_the_past(completed_on, "completed_on")
    if valid_until is not None:
        if valid_until < completed_on:
            raise Refusal("The last valid day must be after the course.", "valid_until")
        if valid_until > months_later(completed_on, LONGEST_VALID_MONTHS):
            raise Refusal("A certificate holds ten years at most.", "valid_until")
    with transaction():
        volunteer = own_volunteer(group_id, volunteer_id)
        db.session.add(
            TrainingRecord(
                volunteer_id=volunteer_id,
                training=training,
                completed_on=completed_on,
                valid_until=valid_until,
                seen_by_id=seen_by_id,
                group_id=group_id,
            )
        )
        audit.record("recorded training", subject=volunteer, group_id=group_id)


def remove_training(group_id: int, volunteer_id: int, record_id: int) -> None:
    """Take away a training that this group recorded by mistake."""
    with transaction():
        volunteer = own_volunteer(group_id, volunteer_id)
        record = db.session.get(TrainingRecord, record_id)
        if record is None or record.volunteer_id != volunteer_id or record.group_id != group_id:
            raise Refusal("Only the group that recorded a training can remove it.")
        db.session.delete(record)
        audit.record("removed training", subject=volunteer, group_id=group_id)


def _in_the_past(day: date, field: str) -> None:
    if day > clock.today(current_app.config["TIMEZONE"]):
        raise Refusal("This day is still to come.", field)
    if day < OLDEST:
        raise Refusal("This day is too long ago. Check the year.", field)
