"""Leaving a place: in time, late or excused; the managers hear of a late one at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Site
from app.opportunities.models import Opportunity, Shift
from app.signups import late_letter
from app.signups.leaving_rules import is_late
from app.signups.models import OCCUPYING, Notice, Signup, Standing, Way
from app.signups.rows import note, with_shift
from app.signups.signals import Word, place_left
from app.volunteers.models import Volunteer

SHOWN: Final = 6


def notice_for(signup: Signup, shift: Shift) -> Notice | None:
    """How somebody leaves now; None for one who has no place yet, and owes nobody a word."""
    if signup.standing not in OCCUPYING:
        return None
    hours = shift.opportunity.group.late_hours
    return Notice.LATE if is_late(clock.now(), shift.starts_at, hours) else Notice.IN_TIME


def announce(signup: Signup, shift: Shift) -> None:
    """Tell whoever listens that a place was left and, when it was late, the managers.

    Runs in the open transaction of the withdrawal, after those who wait had
    their turn. What the listeners have to say stands in the managers' one letter.
    """
    if signup.notice is None:
        return
    answers = place_left.send(signup.id, shift_id=shift.id, notice=signup.notice)
    if signup.notice == Notice.LATE:
        late_letter.tell(signup, shift, [word for _, word in answers if isinstance(word, Word)])


def excuse(signup_id: int, by_user_id: int, reason: str) -> Signup:
    """A manager notes that leaving was all right, and why. Nobody is written to.

    Raises `Refusal` without a reason, and for somebody who has not left a place.
    """
    reason = reason.strip()
    if not reason:
        raise Refusal("Say why it was all right.", "reason")
    with transaction():
        signup, shift = with_shift(signup_id)
        if signup.standing != Standing.WITHDRAWN or signup.notice is None:
            raise Refusal("This person has not left a place.")
        signup.notice = Notice.EXCUSED
        signup.late_seen_at = signup.late_seen_at or clock.now()
        db.session.flush()
        note(signup, signup.standing, Way.MANAGER, by_user_id, f"Excused: {reason}")
        audit.record("excused leaving", subject=signup, group_id=shift.opportunity.group_id)
        return signup


def see(signup_id: int) -> None:
    """A manager has seen that somebody left late: the alarm ends. Again is harmless."""
    with transaction():
        signup, shift = with_shift(signup_id)
        if signup.notice == Notice.LATE and signup.late_seen_at is None:
            signup.late_seen_at = clock.now()
            audit.record("saw late drop-out", subject=signup, group_id=shift.opportunity.group_id)


@dataclass(frozen=True)
class Late:
    """Somebody who left late and whom no manager has seen to yet."""

    signup_id: int
    shift_id: int
    name: str
    title: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    at: datetime


def unseen(group_ids: Collection[int]) -> dict[int, list[Late]]:
    """By group, who left late and is not seen yet, of shifts that are not over; one statement."""
    found: dict[int, list[Late]] = {}
    turn = func.row_number().over(
        partition_by=Opportunity.group_id, order_by=(Shift.starts_at, Signup.id)
    )
    rows = (
        select(
            Opportunity.group_id,
            Signup.id.label("signup_id"),
            turn.label("turn"),
        )
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id.in_(group_ids),
            Shift.ends_at > clock.now(),
            Signup.standing == Standing.WITHDRAWN,
            Signup.notice == Notice.LATE,
            Signup.late_seen_at.is_(None),
        )
        .subquery()
    )
    for row in db.session.execute(
        select(
            rows.c.group_id,
            Signup.id,
            Signup.ended_at,
            Shift.id.label("shift_id"),
            Volunteer.name,
            Opportunity.title,
            Site.zone,
            Shift.starts_at,
            Shift.ends_at,
        )
        .join(rows, rows.c.signup_id == Signup.id)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .join(Shift.site)
        .join(Signup.volunteer)
        .where(rows.c.turn <= SHOWN)
        .order_by(Shift.starts_at, Signup.id)
    ):
        found.setdefault(row.group_id, []).append(
            Late(
                row.id,
                row.shift_id,
                row.name,
                row.title,
                row.zone,
                row.starts_at,
                row.ends_at,
                row.ended_at,
            )
        )
    return found
