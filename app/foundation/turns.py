"""Many units of work one after the other, where one that fails keeps no other from its turn."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from app.foundation.extensions import db

log = logging.getLogger(__name__)
Result = TypeVar("Result")


def take(steps: Iterable[Callable[[], Result]], what: str) -> list[Result]:
    """Run each step, a unit of work of its own, and return what came of them, in order.

    A step that raises is logged and its transaction undone. Once all have had
    their turn, what was raised is raised together as an `ExceptionGroup` that
    says `what`. Not for use within a transaction.
    """
    results: list[Result] = []
    faults: list[Exception] = []
    for step in steps:
        try:
            results.append(step())
        except Exception as fault:
            # Kept, and raised once the others have had their turn.
            log.exception("a step of a sweep failed: %s", what)
            db.session.rollback()
            faults.append(fault)
    if faults:
        raise ExceptionGroup(what, faults)
    return results
