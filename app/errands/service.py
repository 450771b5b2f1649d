"""Errands are begun, worked on once, taken up again when a worker dies, and forgotten."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update

from app.errands import kinds
from app.errands.models import OPEN, Errand, Progress
from app.errands.pen import HEARD_FOR, Overtaken, Pen, heard
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import rows_changed

log = logging.getLogger(__name__)

WORK: Final = "app.errands.jobs.work"
MOST_TRIES: Final = 3
NUDGE_LOST: Final = timedelta(seconds=20)
# Silent for so long, and nothing heard of it: its worker has died.
WORKER_LOST: Final = timedelta(seconds=HEARD_FOR)
KEEP_FOR: Final = timedelta(days=1)
OUR_FAULT: Final = "Something went wrong on our side. Nothing was changed. Try again."


def begin(kind: str, about_id: int, group_id: int | None, by_user_id: int, label: str) -> int:
    """Have a worker do this; the errand's number. One that is under way is not begun twice."""
    with transaction():
        there = db.session.scalar(
            select(Errand.id).where(
                Errand.kind == kind, Errand.about_id == about_id, Errand.progress.in_(OPEN)
            )
        )
        if there is not None:
            return there
        errand = Errand(
            kind=kind,
            about_id=about_id,
            group_id=group_id,
            by_user_id=by_user_id,
            label=label[:200],
            changed_at=clock.now(),
        )
        db.session.add(errand)
        db.session.flush()
        queue.enqueue(WORK, errand.id)
        return errand.id


def work(errand_id: int) -> None:
    """Do an errand; harmless when another worker has it, or has done it."""
    number = _take_up(errand_id)
    if number is None:
        return
    pen = Pen(errand_id, number)
    pen.tell(0, 0, "Beginning")
    errand = db.session.get_one(Errand, errand_id)
    try:
        kinds.of(errand).work(errand, pen)
    except Refusal as refusal:
        _end(pen, Progress.REFUSED, refusal.sentence)
    except Overtaken:
        log.warning("errand %d was given to another worker meanwhile", errand_id)
    except Exception:
        _end(pen, Progress.FAILED, OUR_FAULT)
        raise


def _take_up(errand_id: int) -> int | None:
    with transaction():
        taken = db.session.execute(
            update(Errand)
            .where(Errand.id == errand_id, Errand.progress == Progress.WAITING)
            .values(progress=Progress.WORKING, changed_at=clock.now(), tries=Errand.tries + 1)
        )
        if not rows_changed(taken):
            return None
        return db.session.scalar(select(Errand.tries).where(Errand.id == errand_id))


def _end(pen: Pen, progress: Progress, outcome: str) -> None:
    db.session.rollback()
    with transaction():
        db.session.execute(
            update(Errand)
            .where(
                Errand.id == pen.errand_id,
                Errand.progress == Progress.WORKING,
                Errand.tries == pen.number,
            )
            .values(progress=progress, outcome=outcome[:300], changed_at=clock.now())
        )


def see(errand: Errand) -> None:
    """The user has looked at what came of it: it is no longer news."""
    if errand.is_open or errand.seen_at is not None:
        return
    with transaction():
        db.session.execute(
            update(Errand)
            .where(Errand.id == errand.id, Errand.seen_at.is_(None))
            .values(seen_at=clock.now())
        )


def sweep() -> None:
    """Take up what was forgotten: nudges that were lost, workers that died at it."""
    now = clock.now()
    silent = db.session.scalars(
        select(Errand.id).where(
            Errand.progress == Progress.WORKING, Errand.changed_at < now - WORKER_LOST
        )
    ).all()
    lost = [errand_id for errand_id in silent if heard(errand_id) is None]
    with transaction():
        still = (Errand.id.in_(lost), Errand.progress == Progress.WORKING)
        db.session.execute(
            update(Errand)
            .where(*still, Errand.tries >= MOST_TRIES)
            .values(progress=Progress.FAILED, outcome=OUR_FAULT, changed_at=now)
        )
        back = db.session.scalars(
            update(Errand)
            .where(*still)
            .values(progress=Progress.WAITING, changed_at=now)
            .returning(Errand.id)
        ).all()
        forgotten = db.session.scalars(
            select(Errand.id).where(
                Errand.progress == Progress.WAITING,
                Errand.changed_at <= now - NUDGE_LOST,
                Errand.id.not_in(back),
            )
        ).all()
        for errand_id in (*forgotten, *back):
            queue.enqueue_once(WORK, errand_id)


def forget_old() -> None:
    """Delete errands a day after they ended: their labels may name people."""
    with transaction():
        db.session.execute(
            delete(Errand).where(
                Errand.progress.not_in(OPEN), Errand.changed_at < clock.now() - KEEP_FOR
            )
        )
