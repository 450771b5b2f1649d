"""A group's own small request: its people first or alone, and not more than so many."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select, update

from app.broadcasts.models import Broadcast, Recipient
from app.foundation.extensions import db
from app.signups.rules import Exclusion
from app.volunteers.models import GroupVolunteer

# Ranks from here on are of people whom the group does not know; before `asking.END_OF_LINE`.
NOT_OWN: Final = 500_000_000


def keep_small(broadcast: Broadcast) -> None:
    """Put the group's own people first and leave out who is beyond the limit.

    Set by set, among those who have not been asked, right after their rows were written.
    """
    mine = (
        Recipient.broadcast_id == broadcast.id,
        Recipient.excluded == "",
        Recipient.wave.is_(None),
    )
    left_out = {"excluded": Exclusion.NOT_CHOSEN.value, "rank": 0, "score": 0}
    if broadcast.first_group_id is not None:
        own = select(GroupVolunteer.volunteer_id).where(
            GroupVolunteer.group_id == broadcast.first_group_id
        )
        others = update(Recipient).where(
            *mine, Recipient.volunteer_id.not_in(own), Recipient.rank < NOT_OWN
        )
        values = left_out if broadcast.only_first_group else {"rank": Recipient.rank + NOT_OWN}
        db.session.execute(others.values(values).execution_options(synchronize_session=False))
    if broadcast.most_people is not None:
        asked = db.session.scalar(
            select(func.count()).where(
                Recipient.broadcast_id == broadcast.id, Recipient.wave.is_not(None)
            )
        )
        left = max(0, broadcast.most_people - (asked or 0))
        kept = select(Recipient.id).where(*mine).order_by(Recipient.rank).limit(left).subquery()
        db.session.execute(
            update(Recipient)
            .where(*mine, Recipient.id.not_in(select(kept.c.id)))
            .values(left_out)
            .execution_options(synchronize_session=False)
        )
