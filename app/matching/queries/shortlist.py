"""Whom a group would ask for one of its shifts: its own people by name, the others as a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, null, select, union_all

from app.foundation.extensions import db
from app.matching import rules
from app.matching.queries.audiences import FITS, _first, _judged, _one_each
from app.matching.queries.conditions import number
from app.matching.queries.people import Ranked, introduce
from app.matching.queries.reach import reach
from app.matching.queries.wish import Wish, needs
from app.signups.rules import Exclusion
from app.volunteers.models import GroupVolunteer, Volunteer

_BEST, _OTHERS, _ALL = -1, -2, -3


@dataclass(frozen=True)
class Shortlist:
    """Who fits a wish, seen by one group.

    `own` are the first of its own people who fit, in order; `own_fit` is how
    many of them do, and `not_fit` why the others do not. `others_fit` people
    nearby fit whom the group does not know: they have no name here.
    """

    own: list[Ranked]
    own_fit: int
    not_fit: dict[Exclusion, int]
    others_fit: int

    @property
    def fit(self) -> int:
        return self.own_fit + self.others_fit


def shortlist(wish: Wish, group_id: int, limit: int) -> Shortlist:
    """The shortlist of a group for a wish, from one statement over the people in reach.

    People who share a phone count once. Raises `LookupError` when a shift does
    not exist.
    """
    wanted = needs(wish)
    judged = _judged(wish, wanted, reach(wanted))
    mine = (
        select(GroupVolunteer.volunteer_id)
        .join(Volunteer, Volunteer.id == GroupVolunteer.volunteer_id)
        .where(GroupVolunteer.group_id == group_id, Volunteer.erased_at.is_(None))
    )
    is_own = judged.c.id.in_(mine)
    none = [number(0)] * 3
    verdicts: Any = (
        select(judged.c.verdict.label("kind"), func.count().label("id"), *none, null())
        .where(is_own)
        .group_by(judged.c.verdict)
    )
    fits = judged.c.verdict == FITS
    own_phones = select(judged.c.phone).where(fits, is_own)
    others: Any = select(
        number(_OTHERS),
        func.count(
            func.distinct(
                case((and_(fits, ~is_own, judged.c.phone.not_in(own_phones)), judged.c.phone))
            )
        ),
        *none,
        null(),
    )
    first = _first(judged, 2 * limit).where(is_own).subquery("first")
    everybody: Any = select(number(_ALL), func.count(), *none, null())
    rows: Sequence[Any] = db.session.execute(
        union_all(
            verdicts,
            others,
            everybody.select_from(mine.subquery()),
            select(number(_BEST), first),
        )
    ).all()
    counts: dict[int, int] = {row.kind: row.id for row in rows if row.kind != _BEST}
    others_fit, everybody_own = counts.pop(_OTHERS), counts.pop(_ALL)
    best = _one_each([tuple(row)[1:] for row in rows if row.kind == _BEST])
    fitting = own_fit = counts.pop(FITS, 0)
    if fitting <= 2 * limit:
        own_fit = len(best)  # of two with one phone the better is asked
    not_fit = {rules.ORDER[place]: count for place, count in counts.items()}
    not_fit[Exclusion.TOO_FAR] = everybody_own - sum(counts.values()) - fitting
    return Shortlist(
        own=introduce(best[:limit], wanted),
        own_fit=own_fit,
        not_fit={reason: not_fit[reason] for reason in rules.ORDER if not_fit.get(reason, 0) > 0},
        others_fit=others_fit,
    )
