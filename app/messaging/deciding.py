"""What a person does about uncertain messages, one or several: check, send again, leave."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from app.accounts import audit
from app.foundation import queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import recovery, service
from app.messaging.models import Message, State
from app.messaging.queries import stands

log = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 100
# More than these would keep the browser waiting: a worker asks instead.
CHECKED_AT_ONCE: Final = 20
RECONCILE: Final = "app.messaging.jobs.reconcile"


class Choice(enum.StrEnum):
    """What somebody chose for the messages that they ticked."""

    CHECK = "check"
    SEND_AGAIN = "send-again"
    LEAVE = "leave"


@dataclass(frozen=True)
class Done:
    """How many were dealt with, and how many were settled before by somebody else."""

    done: int
    settled_before: int


@dataclass(frozen=True)
class Checked:
    """What the carrier said; `by_a_worker` when it is still being asked."""

    taken: int = 0  # the carrier has them: they will arrive, or have
    again: int = 0  # it never had them: they are sent now
    left: int = 0  # still a person's to decide
    by_a_worker: bool = False

    @property
    def has_settled_some(self) -> bool:
        return bool(self.taken or self.again)


def check(ids: Sequence[int]) -> Checked:
    """Ask the carrier about these now. What it does not settle stays uncertain.

    Where they are many a worker does it. Raises `Refusal` when the carrier
    cannot be asked.
    """
    audit.record("checked uncertain messages", number=len(ids))
    if len(ids) > CHECKED_AT_ONCE:
        queue.enqueue_once(RECONCILE, queue=queue.ORDINARY)
        return Checked(by_a_worker=True)
    try:
        found = recovery.reconcile(ids)
    except Exception as error:
        # Whatever the wire or its library does: nothing was changed, and the person hears it.
        log.warning("the carrier could not be asked", exc_info=True)
        raise Refusal("The carrier cannot be asked now. Try again in a few minutes.") from error
    db.session.rollback()
    still = select(func.count()).where(Message.id.in_(ids), stands(State.UNCERTAIN))
    return Checked(found["healed"], found["again"], db.session.scalar(still) or 0)


def send_again(ids: Sequence[int]) -> Done:
    """Let these go once more; those that were settled meanwhile stay as they are."""
    return _each(ids, service.send_again, "sent an uncertain message again")


def leave(ids: Sequence[int]) -> Done:
    """Leave these unsent; those that were settled meanwhile stay as they are."""
    return _each(ids, service.leave, "left an uncertain message")


def _each(ids: Sequence[int], decide: Callable[[int], None], action: str) -> Done:
    done = 0
    with transaction():
        for message_id in ids[:MOST_AT_ONCE]:
            try:
                decide(message_id)
            except Refusal:
                continue  # settled already, by a receipt or by somebody else
            audit.record(action, subject=Message(id=message_id))
            done += 1
    return Done(done, len(ids[:MOST_AT_ONCE]) - done)
