"""Why a shift is thin, from the group's own people: who could come, and what keeps the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, not_, select

from app.foundation.extensions import db
from app.matching import rules
from app.matching.queries import conditions
from app.matching.queries.conditions import number, person
from app.matching.queries.wish import Need, Wish, need_of, openings, shift_facts
from app.signups.rules import Exclusion
from app.volunteers.models import GroupVolunteer, Volunteer

# A manager knows these people and may ring them: how often the system wrote to them, and
# whether it may text, keeps nobody from a shift.
_ABOUT_ASKING: Final = {
    Exclusion.NO_CONTACT,
    Exclusion.OPTED_OUT,
    Exclusion.ASKED_OFTEN,
    Exclusion.ASKED_LATELY,
}
_COULD: Final = len(rules.ORDER)
_ANOTHER_LIST: Final = -1


def why_thin(shift_ids: Sequence[int]) -> dict[int, dict[Exclusion | None, int]]:
    """How many of the people on its group's list could come to each shift (None), or not, and why.

    Each person counts once per shift, by the first reason of `rules.ORDER`; who is in
    already, or waits, is counted under `ALREADY_IN`. Three statements, however many
    shifts; shifts that do not exist are left out.
    """
    if not shift_ids:
        return {}
    free = openings(shift_ids)
    wanted = [
        (need_of(row, Wish(shift_ids=[row.id]), openings=free.get(row.id, ())))
        for row in db.session.execute(shift_facts(shift_ids))
    ]
    found: dict[int, dict[Exclusion | None, int]] = {need.shift_id: {} for need in wanted}
    if wanted:
        for *verdicts, count in db.session.execute(_counted(wanted)):
            for need, verdict in zip(wanted, verdicts, strict=True):
                if verdict != _ANOTHER_LIST:
                    reason = None if verdict == _COULD else rules.ORDER[verdict]
                    counts = found[need.shift_id]
                    counts[reason] = counts.get(reason, 0) + count
    return found


def _counted(needs: Sequence[Need]) -> Any:
    """How many people have the same verdict of each shift: the lists are gone through once."""
    judged = (
        select(*(_verdict(need).label(f"of_{need.shift_id}") for need in needs))
        .select_from(Volunteer.__table__)
        .join(GroupVolunteer, GroupVolunteer.volunteer_id == person.id)
        .where(
            GroupVolunteer.group_id.in_({need.group_id for need in needs}),
            person.erased_at.is_(None),
        )
        .subquery()
    )
    return select(*judged.c, func.count()).group_by(*judged.c)


def _verdict(need: Need) -> ColumnElement[int]:
    asked = conditions.asked_this_week(need.request.now)
    against = conditions.against(need, Wish(shift_ids=[need.shift_id]), asked)
    against = {
        Exclusion.TOO_FAR: not_(conditions.in_reach(need)),
        **{reason: said for reason, said in against.items() if reason not in _ABOUT_ASKING},
    }
    return case(
        (GroupVolunteer.group_id != need.group_id, number(_ANOTHER_LIST)),
        *((said, number(rules.ORDER.index(reason))) for reason, said in against.items()),
        else_=number(_COULD),
    )
