"""A manager thanks somebody, or everybody who was on a shift."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import insert, select, update

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.opportunities.queries import shift_of
from app.signups.models import PRESENT, Signup
from app.stories import letters
from app.stories.models import Thanked, Thanks
from app.stories.signals import thanks_taken_back
from app.volunteers.models import Volunteer
from app.volunteers.queries import in_group

# A button pressed twice, or a page sent again, thanks nobody twice.
_TWICE: Final = timedelta(minutes=10)


def thank_volunteer(
    group_id: int, volunteer_id: int, user_id: int, words: str, *, by_email: bool, may_print: bool
) -> Thanks:
    """Thank one person on the group's list. Raises `Refusal` when they are not on it any more."""
    with transaction():
        _hold(group_id)
        member = in_group(group_id, volunteer_id)
        if member is None:
            raise Refusal("This person is not on your list any more.")
        return _thank(group_id, None, [volunteer_id], user_id, words, by_email, may_print)


def thank_shift(
    group_id: int, shift_id: int, user_id: int, words: str, *, by_email: bool, may_print: bool
) -> Thanks:
    """Thank all who were on a shift of the group, those who did not come left out.

    Raises `Refusal` before the shift has begun, and when nobody was on it.
    """
    with transaction():
        _hold(group_id)
        shift = shift_of(group_id, shift_id)
        if shift.starts_at > clock.now():
            raise Refusal("This shift is still to come. Thank people once they have been.")
        people = db.session.scalars(
            select(Signup.volunteer_id)
            .join(Volunteer, Volunteer.id == Signup.volunteer_id)
            .where(
                Signup.shift_id == shift_id,
                Signup.standing.in_(PRESENT),
                Volunteer.erased_at.is_(None),
            )
            .order_by(Signup.volunteer_id)
        ).all()
        if not people:
            raise Refusal("Nobody was on this shift.")
        return _thank(group_id, shift_id, people, user_id, words, by_email, may_print)


def _hold(group_id: int) -> None:
    """Lock the group's row, so that two presses of a button see one another."""
    db.session.execute(select(Group.id).where(Group.id == group_id).with_for_update())


def _thank(
    group_id: int,
    shift_id: int | None,
    people: Sequence[int],
    user_id: int,
    words: str,
    by_email: bool,
    may_print: bool,
) -> Thanks:
    words = " ".join(words.split())
    known = db.session.scalar(
        select(Thanks)
        .join(Thanked, Thanked.thanks_id == Thanks.id)
        .where(
            Thanks.group_id == group_id,
            Thanks.words == words,
            Thanks.created_at > clock.now() - _TWICE,
            Thanked.volunteer_id == people[0],
            Thanks.shift_id.is_(None) if shift_id is None else Thanks.shift_id == shift_id,
        )
        .limit(1)
    )
    if known is not None:
        return known
    thanks = Thanks(
        group_id=group_id,
        shift_id=shift_id,
        by_user_id=user_id,
        words=words,
        may_print=may_print,
    )
    db.session.add(thanks)
    db.session.flush()
    now = clock.now()
    db.session.execute(
        insert(Thanked),
        [
            {"thanks_id": thanks.id, "volunteer_id": one, "seen_at": None, "created_at": now}
            for one in people
        ],
    )
    emails = letters.tell_of(thanks, people) if by_email else 0
    audit.record(
        "thanked volunteers",
        subject=thanks,
        group_id=group_id,
        people=len(people),
        emails=emails,
    )
    return thanks


def put_away(volunteer_id: int, thanks_id: int) -> None:
    """The volunteer has read it: it leaves their first page. Again is harmless."""
    with transaction():
        db.session.execute(
            update(Thanked)
            .where(
                Thanked.thanks_id == thanks_id,
                Thanked.volunteer_id == volunteer_id,
                Thanked.seen_at.is_(None),
            )
            .values(seen_at=clock.now())
        )


def keep_from_print(thanks_id: int) -> None:
    """The county leaves these words out of its annual report; they stay with their reader.

    Raises `Refusal` when there are no such words.
    """
    with transaction():
        thanks = db.session.get(Thanks, thanks_id, with_for_update=True, populate_existing=True)
        if thanks is None:
            raise Refusal("These words are not there any more.")
        if thanks.may_print:
            thanks.may_print = False
            audit.record("left thanks out of print", subject=thanks, group_id=thanks.group_id)
            thanks_taken_back.send(thanks_id)
