"""A shift was moved: its people keep their places and say whether the new time suits them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.sentences import N_
from app.foundation.transaction import transaction
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups import service
from app.signups.models import LIVE, Notice, Signup, Way
from app.signups.rows import live, locked

NOT_SUITED: Final = N_("The new time does not suit")


def unanswered(volunteer_id: int) -> Sequence[Signup]:
    """The volunteer's sign-ups on coming shifts whose new time they have not answered."""
    return db.session.scalars(
        select(Signup)
        .join(Signup.shift)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(LIVE),
            Signup.agreed_revision < Shift.revision,
            Shift.stage != Stage.CANCELLED,
            Shift.starts_at > clock.now(),
        )
        .options(
            contains_eager(Signup.shift)
            .joinedload(Shift.opportunity)
            .joinedload(Opportunity.group),
            contains_eager(Signup.shift).joinedload(Shift.site),
        )
        .order_by(Shift.starts_at, Shift.id)
    ).all()


def is_unanswered(signup: Signup) -> bool:
    """Whether the live sign-up's coming shift has a new time that they have not answered."""
    shift = signup.shift
    return signup.agreed_revision < shift.revision and shift.starts_at > clock.now()


def accept(shift_id: int, volunteer_id: int, revision: int) -> bool:
    """The volunteer comes at the new time; whether that is the one that they were shown.

    `revision` is the shift's when the page was made: a shift that was moved
    once more is asked about once more.
    """
    with transaction():
        shifts = locked([shift_id])
        signup = live([shift_id], volunteer_id)
        if not shifts or signup is None:
            return True
        signup.agreed_revision = max(signup.agreed_revision, min(revision, shifts[0].revision))
        return signup.agreed_revision >= shifts[0].revision


def turn_down(shift_id: int, volunteer_id: int) -> None:
    """The volunteer cannot come at the new time and gives the place back.

    Whoever has not said yes to it is excused, however near it is: the group
    moved, not they. Raises `Refusal` once the shift is over.
    """
    with transaction():
        shifts = locked([shift_id])
        signup = live([shift_id], volunteer_id)
        moved = bool(shifts and signup and signup.agreed_revision < shifts[0].revision)
        left = service.withdraw(shift_id, volunteer_id, way=Way.WEB, reason=NOT_SUITED)
        if moved and left is not None and left.notice is not None:
            left.notice = Notice.EXCUSED


def accept_all(volunteer_id: int, shown: dict[int, int]) -> int:
    """The volunteer comes at all the new times that they were shown; how many.

    `shown` maps each shift to its revision on the page.
    """
    with transaction():
        return sum(accept(shift_id, volunteer_id, shown[shift_id]) for shift_id in sorted(shown))
