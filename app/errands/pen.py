"""What the work of an errand writes with: how far it is, and that it is finished."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from redis import RedisError
from sqlalchemy import update

from app.errands.models import Errand, Progress
from app.errands.rules import Heard, read, written
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.upsert import rows_changed

log = logging.getLogger(__name__)
# A worker that has told nothing for so long is taken to be dead (see `service.sweep`).
HEARD_FOR: Final = 45


class Overtaken(Exception):
    """Another worker has this errand by now: what this one did must not count."""


@dataclass(frozen=True)
class Pen:
    """One worker's hold on one errand, by the number of its try."""

    errand_id: int
    number: int

    def tell(self, done: int, total: int, doing: str) -> None:
        """Say how far the work is. In Redis: the open transaction would hide it, and when it
        is lost, only the bar is."""
        heard = Heard(done, total, doing, clock.now())
        try:
            queue.connection().set(_key(self.errand_id), written(heard), ex=HEARD_FOR)
        except RedisError:
            log.warning("Redis is away; the errand goes on, unwatched")

    def finish(self, outcome: str) -> None:
        """Say inside the work's own transaction that it is done, so that both count or neither.

        Raises `Overtaken` where another try was begun meanwhile, and so undoes the work.
        """
        done = db.session.execute(
            update(Errand)
            .where(
                Errand.id == self.errand_id,
                Errand.progress == Progress.WORKING,
                Errand.tries == self.number,
            )
            .values(progress=Progress.DONE, outcome=outcome[:300], changed_at=clock.now())
        )
        if not rows_changed(done):
            raise Overtaken


def heard(errand_id: int) -> Heard | None:
    """What the worker told last; nothing when it has not begun, fell silent or Redis is away."""
    try:
        said = queue.connection().get(_key(errand_id))
    except RedisError:
        return None
    return read(said.decode()) if isinstance(said, bytes) else None


def _key(errand_id: int) -> str:
    return f"errand:{errand_id}"
