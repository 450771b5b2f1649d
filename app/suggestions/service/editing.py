"""A manager's hand on the draft: take out, put in, hold fast."""

from __future__ import annotations

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.suggestions import drafting
from app.suggestions.models import STANDING, Mark, Progress, SuggestedPlace, Suggestion
from app.suggestions.rules.greedy import Filling
from app.suggestions.service.rows import draft_of, place_of, suggestion_of


def remove(group_id: int, suggestion_id: int, place_id: int) -> SuggestedPlace:
    """Take somebody out of the draft; working it out again does not put them back there."""
    with transaction():
        suggestion = draft_of(group_id, suggestion_id)
        place = place_of(suggestion, place_id)
        place.mark = Mark.REMOVED
        _tell(suggestion)
    return place


def lock(group_id: int, suggestion_id: int, place_id: int) -> SuggestedPlace:
    """Keep a place as it is when the rest is worked out again."""
    return _mark(group_id, suggestion_id, place_id, Mark.LOCKED)


def unlock(group_id: int, suggestion_id: int, place_id: int) -> SuggestedPlace:
    """Let a place be given to somebody else again."""
    return _mark(group_id, suggestion_id, place_id, Mark.PROPOSED)


def _mark(group_id: int, suggestion_id: int, place_id: int, mark: Mark) -> SuggestedPlace:
    with transaction():
        place = place_of(draft_of(group_id, suggestion_id), place_id)
        if place.mark not in STANDING:
            raise Refusal("This person is not in the draft any more.")
        place.mark = mark
    return place


def choose(
    group_id: int,
    suggestion_id: int,
    *,
    shift_id: int,
    slot_id: int | None,
    volunteer_id: int,
    instead_of: int | None = None,
) -> SuggestedPlace:
    """Put somebody into a place of the draft, in an open one or instead of somebody, and lock it.

    `instead_of` is the number of the suggested place that they get. Raises
    `Refusal` when they may not have it beside the rest of the draft.
    """
    with transaction():
        suggestion = draft_of(group_id, suggestion_id)
        if instead_of is not None:
            place_of(suggestion, instead_of).mark = Mark.REMOVED
            db.session.flush()
        for old in db.session.scalars(
            select(SuggestedPlace).where(
                SuggestedPlace.suggestion_id == suggestion.id,
                SuggestedPlace.shift_id == shift_id,
                SuggestedPlace.volunteer_id == volunteer_id,
                SuggestedPlace.mark == Mark.REMOVED,
                SuggestedPlace.id != (instead_of or 0),
            )
        ):
            # Taken out before, and now wished for.
            db.session.delete(old)
        db.session.flush()
        found, places = drafting.facts_of(suggestion)
        key = found.key_of.get((shift_id, slot_id))
        if key is None:
            raise NotFound
        if not Filling(found.problem, places).may(volunteer_id, key):
            raise Refusal("They cannot take this place beside what they have already.")
        given = {*places, (volunteer_id, key)}
        drafting.write(suggestion, found, given)
        db.session.flush()
        place = db.session.scalars(
            select(SuggestedPlace).where(
                SuggestedPlace.suggestion_id == suggestion.id,
                SuggestedPlace.shift_id == shift_id,
                SuggestedPlace.volunteer_id == volunteer_id,
            )
        ).one()
        place.mark = Mark.LOCKED
    return place


def drop(group_id: int, suggestion_id: int) -> None:
    """Throw the draft away. Nothing else changes: nobody knew of it.

    Raises `Refusal` once its people were asked, perhaps by another manager meanwhile.
    """
    with transaction():
        suggestion = suggestion_of(group_id, suggestion_id, lock=True)
        if suggestion.progress == Progress.ASKED:
            raise Refusal("Its people were asked already, so it cannot be thrown away.")
        suggestion.progress, suggestion.changed_at = Progress.DROPPED, clock.now()


def _tell(suggestion: Suggestion) -> None:
    db.session.flush()
    found, places = drafting.facts_of(suggestion)
    drafting.tell(suggestion, found, set(places))
