"""How often people want to be asked, said from the phone on which we ask them."""

from __future__ import annotations

from sqlalchemy import select

from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.volunteers.models import Volunteer
from app.volunteers.rules import HowOften, asks_after


def ask_as_often(phone: str, wish: HowOften) -> int:
    """Ask whoever has this phone (E.164) as often as it wants; asks a week from now on.

    A shared phone speaks for all who share it: a step goes from what the least asked of them
    has. Says nothing of consent, and lifts no opt-out. Raises `LookupError` when nobody has it.
    """
    with transaction():
        # In one order, so that two texts from the phone wait for each other.
        people = db.session.scalars(
            select(Volunteer)
            .where(Volunteer.phone == phone, Volunteer.erased_at.is_(None))
            .order_by(Volunteer.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        if not people:
            raise LookupError("Nobody has this phone.")
        per_week = asks_after(min(person.asks_per_week for person in people), wish)
        for person in people:
            person.asks_per_week = per_week
        return per_week
