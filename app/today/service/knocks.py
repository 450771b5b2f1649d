"""Somebody at the door whom the tablet did not know."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select

from app.accounts.rules import acceptable_name
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.today.models import Knock

FORGET_AFTER: Final = timedelta(days=2)
# More than so many at one door at once are a game.
MOST_KNOCKS: Final = 20


def knock(shift_id: int, name: str) -> None:
    """Tell the people in charge that somebody is at the door. The same name again is harmless.

    Raises `Refusal` beside `name`, and when very many wait already.
    """
    name = acceptable_name(name)
    with transaction():
        if db.session.scalar(
            select(Knock.id).where(Knock.shift_id == shift_id, Knock.name == name).limit(1)
        ):
            return
        waiting = db.session.scalar(
            select(func.count()).select_from(Knock).where(Knock.shift_id == shift_id)
        )
        if (waiting or 0) >= MOST_KNOCKS:
            raise Refusal(
                gettext("Many people wait already. Please speak with the person in charge.")
            )
        db.session.add(Knock(shift_id=shift_id, name=name))


def answer_knocks(shift_id: int, name: str) -> None:
    """Somebody at the door has been seen to; harmless when nobody of the name waits."""
    name = " ".join(name.split())
    with transaction():
        db.session.execute(delete(Knock).where(Knock.shift_id == shift_id, Knock.name == name))


def forget_knocks() -> None:
    """Delete what nobody has answered for two days."""
    with transaction():
        db.session.execute(delete(Knock).where(Knock.created_at < clock.now() - FORGET_AFTER))
