"""What happens to sign-ups by themselves, found in SQL: run again and again, and harmless twice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from app.foundation.extensions import db
from app.signups import answering, offers

log = logging.getLogger(__name__)


def sweep() -> None:
    """Remind, answer what nobody has answered, and go on from offers that ran out.

    Each row is a unit of work of its own: one that fails keeps no other from
    its turn, and makes the whole fail loudly at the end.
    """
    faults: list[Exception] = []
    _try(answering.start_missing_clocks, faults)
    _try(answering.remind_managers, faults)
    for signup_id in answering.overdue():
        _try(partial(answering.answer, signup_id), faults)
    for signup_id in offers.lapsed():
        _try(partial(offers.lapse, signup_id), faults)
    if faults:
        raise ExceptionGroup("some sign-ups could not be seen to", faults)


def _try(step: Callable[[], object], faults: list[Exception]) -> None:
    try:
        step()
    except Exception as fault:
        # Kept, and raised by `sweep` once the others have had their turn.
        log.exception("a step of the sweep over sign-ups failed")
        db.session.rollback()
        faults.append(fault)
