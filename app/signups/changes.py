"""Changes to shifts that the people on them must hear of."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import select

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import queries as opportunity_queries
from app.opportunities import service as opportunities
from app.opportunities.models import Opportunity, Shift
from app.signups import letters, service
from app.signups.models import Signup, Standing
from app.signups.rows import locked


def edit_shift(
    group_id: int,
    shift_id: int,
    *,
    day: date,
    starts: time,
    ends: time,
    places: int,
    minimum: int,
) -> tuple[Shift, int]:
    """Change a coming shift; return it and how many people were told of a new time.

    New places go to those who wait, in order. Raises `Refusal`, naming the
    field, for what cannot be. Nothing is kept to undo it by, as `rota.changing`
    does: this is for spreadsheets, of which one of 300 rows would be 300 changes.
    """
    with transaction():
        # Locked, so that a claim of the same moment is counted among those taken.
        before = locked([shift_id])
        revision = before[0].revision if before else 0
        shift = opportunities.edit_shift(
            group_id,
            shift_id,
            day=day,
            starts=starts,
            ends=ends,
            places=places,
            minimum=minimum,
        )
        db.session.flush()
        told = 0
        if shift.revision != revision:
            for signup in db.session.scalars(
                select(Signup)
                .where(
                    Signup.shift_id == shift_id,
                    Signup.standing.in_([Standing.CONFIRMED, Standing.OFFERED, Standing.WAITING]),
                )
                .order_by(Signup.id)
            ).all():
                letters.tell(signup, moved=True)
                told += 1
        service.promote(shift_id)
        return shift, told


def delete_shift(group_id: int, shift_id: int) -> Opportunity:
    """Delete a shift that nobody ever signed up to. Raises `Refusal` when somebody has.

    Sign-ups are kept for the record, so such a shift is cancelled instead,
    and its people are told.
    """
    with transaction():
        before = opportunity_queries.shift_of(group_id, shift_id).pattern_id
        if before is not None:  # its row first, as a change of the pattern does
            opportunity_queries.pattern_of(group_id, before, lock=True)
        shift = opportunity_queries.shift_of(group_id, shift_id, lock=True)
        signed_up = db.session.scalar(
            select(Signup.standing).where(Signup.shift_id == shift.id).limit(1)
        )
        if signed_up is not None:
            raise Refusal(
                "People have signed up to this shift. Cancel it instead, so that they are told."
            )
        return opportunities.delete_shift(group_id, shift_id)
