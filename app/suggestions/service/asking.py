"""The manager accepts the draft: each volunteer is asked, and has no place before they say yes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.signups import letters, news
from app.signups.models import Signup, Standing
from app.signups.offering import offer
from app.signups.rows import lock_people, locked
from app.suggestions.models import STANDING, Mark, Progress, SuggestedPlace, Suggestion
from app.suggestions.rules import asking
from app.suggestions.service.rows import draft_of
from app.web.filters import spoken_date, spoken_time


@dataclass(frozen=True)
class Asked:
    """How many people were asked for how many places, and how many could not be asked."""

    people: int
    places: int
    refused: int


def ask(group_id: int, suggestion_id: int, user_id: int) -> Asked:
    """Ask each person of the draft for their places, in one letter each.

    A place that could not be offered any more says why and stays undone.
    Raises `Refusal` when the draft has nobody to ask, or was asked before.
    """
    with transaction():
        suggestion = draft_of(group_id, suggestion_id)
        places = _standing(suggestion)
        if not places:
            raise Refusal("Nobody is in this draft, so there is nobody to ask.")
        offered: dict[int, list[Signup]] = defaultdict(list)
        refused = 0
        # All at once and in order, so that two who ask, or one and a claim, wait in one line.
        locked(sorted({place.shift_id for place in places}))
        lock_people({place.volunteer_id for place in places})
        for place in sorted(places, key=lambda one: (one.shift_id, one.volunteer_id)):
            signup = _offer(suggestion, place, user_id)
            if signup is None:
                refused += 1
            elif signup.standing == Standing.OFFERED:
                offered[place.volunteer_id].append(signup)
        for signups in offered.values():
            _tell(suggestion, signups)
        suggestion.progress, suggestion.changed_at = Progress.ASKED, clock.now()
        asked = Asked(len(offered), sum(map(len, offered.values())), refused)
        audit.record(
            "asked people of a suggested rota",
            subject=suggestion,
            group_id=group_id,
            people=asked.people,
            places=asked.places,
        )
    return asked


def _standing(suggestion: Suggestion) -> Sequence[SuggestedPlace]:
    return db.session.scalars(
        select(SuggestedPlace).where(
            SuggestedPlace.suggestion_id == suggestion.id, SuggestedPlace.mark.in_(STANDING)
        )
    ).all()


def _offer(suggestion: Suggestion, place: SuggestedPlace, user_id: int) -> Signup | None:
    """Keep the place for them; None, with the reason on the row, when that is not possible."""
    now = clock.now()
    try:
        signup = offer(
            place.shift_id,
            place.volunteer_id,
            slot_id=place.slot_id,
            until=asking.answer_by(
                now,
                place.shift.starts_at,
                place.shift.site.zone,
                current_app.config["QUIET_HOURS"],
            ),
            by_user_id=user_id,
            cause=f"suggestion:{suggestion.id}",
        )
    except Refusal as refusal:
        place.mark, place.note = Mark.REFUSED, refusal.sentence[:300]
        return None
    place.mark = Mark.ASKED
    return signup


def _tell(suggestion: Suggestion, signups: list[Signup]) -> None:
    """One letter for all that a person is asked."""
    signups.sort(key=lambda one: (one.shift.starts_at, one.id))
    first = signups[0]
    soonest = min(one.offered_until for one in signups if one.offered_until)
    zone = first.shift.site.zone
    by = f"{spoken_time(soonest, zone)} on {spoken_date(soonest, zone)}"
    group = suggestion.group.name
    times = [letters.what_of(signup) for signup in signups]
    address = f"{current_app.config['PUBLIC_URL']}/my/shifts"
    news.tell(
        first.volunteer,
        news.News(
            cause=f"suggestion:{suggestion.id}",
            purpose="offer",
            subject=f"{group}: can you help?",
            paragraphs=asking.paragraphs(group, times, by),
            action=("Say yes or no", address),
            text=asking.text(group, times, by, address),
            zone=zone,
            needed_by=soonest,
        ),
    )
