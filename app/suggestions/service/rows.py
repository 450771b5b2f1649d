"""Reading and locking a group's suggestion and its places."""

from __future__ import annotations

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.suggestions.models import Progress, SuggestedPlace, Suggestion


def suggestion_of(group_id: int, suggestion_id: int, *, lock: bool = False) -> Suggestion:
    """A suggestion of this group, or 404; with `lock`, held till the commit."""
    query = select(Suggestion).where(
        Suggestion.id == suggestion_id, Suggestion.group_id == group_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def draft_of(group_id: int, suggestion_id: int) -> Suggestion:
    """A finished draft, locked. Raises `Refusal` while it is worked on, or once it is over."""
    found = suggestion_of(group_id, suggestion_id, lock=True)
    if found.progress != Progress.DONE:
        raise Refusal("This suggestion cannot be changed now.")
    return found


def place_of(suggestion: Suggestion, place_id: int) -> SuggestedPlace:
    """A place of this suggestion, or 404."""
    found = db.session.scalar(
        select(SuggestedPlace).where(
            SuggestedPlace.id == place_id, SuggestedPlace.suggestion_id == suggestion.id
        )
    )
    if found is None:
        raise NotFound
    return found
