"""The work behind a suggestion: begun, done by a worker, taken up again when one dies."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import exists, select, update

from app.accounts import audit
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import rows_changed
from app.suggestions import drafting
from app.suggestions.models import OPEN, Progress, Suggestion
from app.suggestions.queries.facts import open_shifts
from app.suggestions.service.rows import suggestion_of

log = logging.getLogger(__name__)

SOLVE: Final = "app.suggestions.jobs.solve"
MOST_WEEKS: Final = 6
MOST_TRIES: Final = 3
# A nudge that was not taken up by then is left again; a worker that long at it has died.
NUDGE_LOST: Final = timedelta(seconds=20)
WORKER_LOST: Final = timedelta(seconds=120)


def start(group_id: int, user_id: int, weeks: int) -> Suggestion:
    """Have a rota suggested for the coming weeks, from tomorrow on; the row to watch.

    Drops the draft that the group had. Raises `Refusal` for a number of weeks
    that is not offered, and when no place is open.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise Refusal(f"Choose 1 to {MOST_WEEKS} weeks.", "weeks")
    first = clock.today(current_app.config["TIMEZONE"]) + timedelta(days=1)
    last = first + timedelta(weeks=weeks) - timedelta(days=1)
    with transaction():
        _refuse_when_full(group_id, first, last)
        db.session.execute(
            update(Suggestion)
            .where(Suggestion.group_id == group_id, Suggestion.progress.in_(OPEN))
            .values(progress=Progress.DROPPED, changed_at=clock.now())
        )
        suggestion = Suggestion(
            group_id=group_id,
            by_user_id=user_id,
            first_day=first,
            last_day=last,
            progress=Progress.QUEUED,
            changed_at=clock.now(),
        )
        db.session.add(suggestion)
        db.session.flush()
        audit.record("asked for a suggested rota", subject=suggestion, group_id=group_id)
        queue.enqueue(SOLVE, suggestion.id)
    return suggestion


def _refuse_when_full(group_id: int, first: date, last: date) -> None:
    if not db.session.scalar(select(exists(open_shifts(group_id, first, last).subquery()))):
        raise Refusal("No place is open in these weeks, so there is nothing to fill.", "weeks")


def again(group_id: int, suggestion_id: int) -> Suggestion:
    """Work it out once more: what is locked stays, what was taken out stays out.

    Raises `Refusal` while it is worked on, or once its people were asked.
    """
    with transaction():
        suggestion = suggestion_of(group_id, suggestion_id, lock=True)
        if suggestion.progress not in (Progress.DONE, Progress.FAILED):
            raise Refusal("This suggestion cannot be worked out again now.")
        suggestion.progress, suggestion.changed_at = Progress.QUEUED, clock.now()
        suggestion.tries, suggestion.fault = 0, ""
        queue.enqueue(SOLVE, suggestion.id)
    return suggestion


def solve(suggestion_id: int) -> None:
    """Work a suggestion out; harmless when another worker has it, or has done it.

    The search itself runs outside of any transaction.
    """
    from app.suggestions import solver  # noqa: PLC0415 - 80 MB that no web process need bear

    number = _take_up(suggestion_id)
    if number is None:
        return
    try:
        suggestion = db.session.get_one(Suggestion, suggestion_id)
        found, places = drafting.facts_of(suggestion)
        problem = drafting.with_locked(found, places)
        db.session.rollback()  # a search must hold no snapshot
        answer = solver.solve(problem, seed=suggestion.seed)
    except ValueError:
        _fail(suggestion_id, number, "Those you keep cannot all stay. Stop keeping one of them.")
        return
    except Exception:
        db.session.rollback()
        _fail(suggestion_id, number, "Something went wrong on our side. Try again.")
        raise
    with transaction():
        row = _still_ours(suggestion_id, number)
        if row is None:
            return
        # As things are now: somebody may have taken a place while it was worked out.
        found, _ = drafting.facts_of(row)
        key_of = {(post.shift_id, post.slot_id): key for key, post in problem.post.items()}
        posts = {key: place for place, key in key_of.items()}
        now = found.key_of
        given = {
            (person_id, now[posts[key]])
            for person_id, key in answer.given
            if posts[key] in now and (person_id, now[posts[key]]) in found.problem.fits
        }
        drafting.write(row, found, drafting.sound(found.problem, given))
        row.figures = {**row.figures, "is_best": answer.is_best, "cut_short": answer.was_cut_short}
        row.progress, row.changed_at = Progress.DONE, clock.now()


def _take_up(suggestion_id: int) -> int | None:
    """Say that this worker has it; the number of its try, or None when there is nothing to do."""
    with transaction():
        taken = db.session.execute(
            update(Suggestion)
            .where(Suggestion.id == suggestion_id, Suggestion.progress == Progress.QUEUED)
            .values(progress=Progress.SOLVING, changed_at=clock.now(), tries=Suggestion.tries + 1)
        )
        if not rows_changed(taken):
            return None
        return db.session.scalar(select(Suggestion.tries).where(Suggestion.id == suggestion_id))


def _still_ours(suggestion_id: int, number: int) -> Suggestion | None:
    """The row, locked, unless it was dropped or given to another worker meanwhile."""
    return db.session.scalar(
        select(Suggestion)
        .where(
            Suggestion.id == suggestion_id,
            Suggestion.progress == Progress.SOLVING,
            Suggestion.tries == number,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _fail(suggestion_id: int, number: int, sentence: str) -> None:
    db.session.rollback()
    with transaction():
        row = _still_ours(suggestion_id, number)
        if row is not None:
            row.progress, row.changed_at, row.fault = Progress.FAILED, clock.now(), sentence


def sweep() -> None:
    """Take up what was forgotten: nudges that were lost, workers that died at it."""
    now = clock.now()
    with transaction():
        lost = (Suggestion.progress == Progress.SOLVING, Suggestion.changed_at < now - WORKER_LOST)
        db.session.execute(
            update(Suggestion)
            .where(*lost, Suggestion.tries >= MOST_TRIES)
            .values(
                progress=Progress.FAILED,
                changed_at=now,
                fault="It took too long. Try fewer weeks.",
            )
        )
        forgotten = db.session.scalars(
            select(Suggestion.id).where(
                Suggestion.progress == Progress.QUEUED, Suggestion.changed_at <= now - NUDGE_LOST
            )
        ).all()
        back = db.session.scalars(
            update(Suggestion)
            .where(*lost)
            .values(progress=Progress.QUEUED, changed_at=now)
            .returning(Suggestion.id)
        ).all()
        for suggestion_id in (*forgotten, *back):
            queue.enqueue_once(SOLVE, suggestion_id)
