"""A request before it is sent: its shifts, its audience, its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.broadcasts import asking, queries, rules
from app.broadcasts.models import (
    Broadcast,
    BroadcastShift,
    Pace,
)
from app.broadcasts.service.rows import drafted, must_be_askable, must_say_enough
from app.foundation import clock, languages
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.matching.queries import MOST_SHIFTS
from app.messaging.rules import segments
from app.opportunities.models import Shift
from app.volunteers.vocabulary import Skill

# Of what is typed and not finished so much is kept.
MOST_KEPT: Final = 4_000
MOST_OF_REASON: Final = 200
MOST_TRIES: Final = 30  # as many coordinators may draft in the same moment


@languages.in_english
def draft(shift_ids: Sequence[int], by_user_id: int | None) -> Broadcast:
    """A new request about one to five shifts, with its number and a drafted text.

    It is drafted in English, which its senders read, and in each other language.

    Raises `Refusal` when a shift cannot be asked about: not published, begun, or full.
    """
    with transaction():
        shifts = _askable(shift_ids)
        broadcast = _numbered(by_user_id)
        _ask_about(broadcast, shifts)
        _drafted_text(broadcast, shifts)
        return broadcast


@languages.in_english
def choose(broadcast_id: int, shift_ids: Sequence[int]) -> bool:
    """Let a draft be about other shifts; all that was chosen of its people stays.

    Its text is drafted anew, unless somebody wrote in it: then it stays as it
    is, and the answer is False. Raises `Refusal` as `draft` does, and once it
    has started.
    """
    with transaction():
        broadcast = drafted(broadcast_id)
        shifts = _askable(shift_ids)
        before = queries.shifts_of(broadcast_id)
        if [shift.id for shift in shifts] == [shift.id for shift in before]:
            return True
        is_as_drafted = asking.is_as_drafted(broadcast.text, before, broadcast.number)
        db.session.execute(
            delete(BroadcastShift).where(BroadcastShift.broadcast_id == broadcast_id)
        )
        _ask_about(broadcast, shifts)
        if is_as_drafted:
            _drafted_text(broadcast, shifts)
        return is_as_drafted


def _drafted_text(broadcast: Broadcast, shifts: Sequence[Shift]) -> None:
    broadcast.text = asking.draft(shifts, broadcast.number)
    broadcast.texts = asking.in_languages(broadcast.text, shifts, broadcast.number)


def _askable(shift_ids: Sequence[int]) -> list[Shift]:
    """These shifts in their order. Raises `Refusal` where one cannot be asked about."""
    wanted = list(dict.fromkeys(shift_ids))
    if not 1 <= len(wanted) <= MOST_SHIFTS:
        raise Refusal(f"Choose between 1 and {MOST_SHIFTS} shifts.", "shifts")
    found = {
        shift.id: shift for shift in db.session.scalars(select(Shift).where(Shift.id.in_(wanted)))
    }
    for shift_id in wanted:
        must_be_askable(found.get(shift_id))
    return [found[shift_id] for shift_id in wanted]


def _ask_about(broadcast: Broadcast, shifts: Sequence[Shift]) -> None:
    for rank, shift in enumerate(shifts):
        db.session.add(BroadcastShift(broadcast_id=broadcast.id, shift_id=shift.id, rank=rank))


def again(broadcast_id: int, by_user_id: int) -> Broadcast:
    """A new draft about the shifts of an earlier request that still have room, adjusted alike.

    Raises `Refusal` when none of them can be asked about any more.
    """
    with transaction():
        before = db.session.get_one(Broadcast, broadcast_id)
        shifts = queries.shifts_of(broadcast_id)
        now = clock.now()
        wanted = [shift.id for shift in shifts if not shift.is_full and shift.starts_at > now]
        if not wanted:
            raise Refusal("These shifts are full or have begun, so there is nobody to ask for.")
        broadcast = draft(wanted, by_user_id)
        broadcast.within_metres = before.within_metres
        broadcast.also_needs = before.also_needs
        broadcast.group_kinds = list(before.group_kinds)
        broadcast.not_asked_days = before.not_asked_days
        broadcast.pace = before.pace
        return broadcast


def adjust(
    broadcast_id: int,
    *,
    within_metres: int | None,
    also_needs: Skill,
    group_kinds: Sequence[str],
    not_asked_days: int,
) -> None:
    """Narrow the audience of a draft. Raises `Refusal` once it has started."""
    with transaction():
        broadcast = drafted(broadcast_id)
        broadcast.within_metres = within_metres
        broadcast.also_needs = also_needs
        broadcast.group_kinds = list(group_kinds)
        broadcast.not_asked_days = not_asked_days


def limit(
    broadcast_id: int,
    *,
    origin: str,
    first_group_id: int,
    only_first_group: bool,
    most_people: int,
) -> None:
    """Make a draft a group's own: its people first, or alone, and so many at most.

    Raises `Refusal` once it has started.
    """
    with transaction():
        broadcast = drafted(broadcast_id)
        broadcast.origin = origin
        broadcast.first_group_id = first_group_id
        broadcast.only_first_group = only_first_group
        broadcast.most_people = most_people


@languages.in_english
def word(broadcast_id: int, text: str, *, pace: Pace, emergency_reason: str = "") -> None:
    """Set the text of a draft and how it goes out.

    Raises `Refusal` for a text that is empty, too long, or does not tell how
    to answer and who asks. How to stop need not stand in it: it is added for
    whoever has not been told lately.
    """
    with transaction():
        broadcast = drafted(broadcast_id)
        text = segments.plain(text.strip())
        must_say_enough(broadcast, text)
        broadcast.text = text
        shifts = queries.shifts_of(broadcast_id)
        broadcast.texts = asking.in_languages(text, shifts, broadcast.number)
        broadcast.pace = pace
        broadcast.emergency_reason = emergency_reason.strip()


def keep(broadcast_id: int, text: str, *, pace: Pace, emergency_reason: str = "") -> None:
    """Keep what was typed so far, finished or not. Raises `Refusal` once it has started."""
    with transaction():
        broadcast = drafted(broadcast_id)
        broadcast.text = text.strip()[:MOST_KEPT]
        broadcast.pace = pace
        broadcast.emergency_reason = emergency_reason.strip()[:MOST_OF_REASON]


def discard(broadcast_id: int) -> None:
    """Throw a draft away. Raises `Refusal` once it has started."""
    with transaction():
        db.session.delete(drafted(broadcast_id))


def _numbered(by_user_id: int | None) -> Broadcast:
    """A new row with a number that is free; another is tried when somebody takes it first."""
    for tries_left in reversed(range(MOST_TRIES)):
        broadcast = Broadcast(number=_free_number(), by_user_id=by_user_id)
        try:
            with db.session.begin_nested():
                db.session.add(broadcast)
        except IntegrityError:
            if not tries_left:
                raise
        else:
            break
    return broadcast


def _free_number() -> int:
    taken = set(db.session.scalars(select(Broadcast.number).where(Broadcast.number_is_live)))
    last = db.session.scalar(select(Broadcast.number).order_by(Broadcast.id.desc()).limit(1))
    return rules.free_number(taken, last or 9)
