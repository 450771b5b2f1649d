"""Reading and locking a request's rows, and what must hold before anybody is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from flask import current_app
from sqlalchemy import select

from app.broadcasts import queries, rules
from app.broadcasts.models import (
    Broadcast,
    BroadcastShift,
    BroadcastState,
)
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.messaging.rules import opting_out
from app.messaging.rules.quiet import in_quiet_hours
from app.opportunities.models import Shift, Stage

MOST_CHARACTERS: Final = 1600  # twilio.com/docs/api/errors/21617
MOST_OF_ONES_OWN: Final = MOST_CHARACTERS - len(opting_out.NOTICE) - 1


def locked(broadcast_id: int) -> Broadcast | None:
    """Lock the broadcast's row and read it afresh."""
    return db.session.scalar(
        select(Broadcast)
        .where(Broadcast.id == broadcast_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def drafted(broadcast_id: int) -> Broadcast:
    """The locked draft. Raises `Refusal` once it has started."""
    broadcast = locked(broadcast_id)
    if broadcast is None or broadcast.state != BroadcastState.DRAFT:
        raise Refusal("This request has started already, so it cannot be changed.")
    return broadcast


def under_way(broadcast_id: int) -> Broadcast:
    """The locked request that runs or rests. Raises `Refusal` when it does neither."""
    broadcast = locked(broadcast_id)
    if broadcast is None or broadcast.state not in (
        BroadcastState.RUNNING,
        BroadcastState.PAUSED,
    ):
        raise Refusal("This request is not running.")
    return broadcast


def is_quiet(broadcast: Broadcast, now: datetime) -> bool:
    """Whether people are left in peace: no emergency was stated, and the hour is late."""
    config = current_app.config
    return not broadcast.emergency_reason and in_quiet_hours(
        now, config["TIMEZONE"], config["QUIET_HOURS"]
    )


def must_be_askable(shift: Shift | None) -> None:
    """Raises `Refusal` for a shift that nobody can be asked for, saying why."""
    if shift is None:
        raise Refusal("One of these shifts does not exist any more.", "shifts")
    name = shift.opportunity.title
    if shift.stage != Stage.PUBLISHED or shift.opportunity.stage != Stage.PUBLISHED:
        raise Refusal(f"{name} is not published, so nobody can be asked for it.", "shifts")
    if shift.opportunity.group.is_closed:
        raise Refusal(f"{shift.opportunity.group.name} is closed.", "shifts")
    if shift.starts_at <= clock.now():
        raise Refusal(f"{name} has already begun.", "shifts")
    if shift.is_full:
        raise Refusal(f"Every place on {name} is taken already.", "shifts")


def must_be_the_only_one(shift_ids: Sequence[int]) -> None:
    """Two requests for the same places would ask the same people twice: raises `Refusal`."""
    other = db.session.scalar(
        select(Broadcast.number)
        .join(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
        .where(
            BroadcastShift.shift_id.in_(shift_ids),
            Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED)),
        )
        .limit(1)
    )
    if other is not None:
        raise Refusal(f"Request {other} already asks for this shift. Ask more people there.")


def must_say_enough(broadcast: Broadcast, text: str) -> None:
    """Raises `Refusal` for a text that is empty or too long, or tells not how to answer whom."""
    if not text:
        raise Refusal("Write what you are asking for.", "text")
    if len(opting_out.told(text)) > MOST_CHARACTERS:
        raise Refusal(f"Shorten the text to {MOST_OF_ONES_OWN} characters.", "text")
    if not rules.names_request(text, broadcast.number):
        raise Refusal(
            f"Tell people how to answer: the text must have “{broadcast.number} YES” in it.",
            "text",
        )
    groups = {shift.opportunity.group.name for shift in queries.shifts_of(broadcast.id)}
    if not rules.names_sender(text, sorted(groups)):
        raise Refusal(
            f"Say who is asking: name {' or '.join(sorted(groups))}, or Many Hands.", "text"
        )
