"""Why a shift is thin, from what became of those who had or wanted a place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection

from sqlalchemy import func, select

from app.foundation.extensions import db
from app.signups.models import Signup, Standing
from app.web.filters import plural


def reasons(shift_ids: Collection[int]) -> dict[int, str]:
    """For each shift a few words: "2 people left it", "nobody has asked for it yet". One query."""
    counts: dict[int, Counter[Standing]] = defaultdict(Counter)
    for shift_id, standing, number in db.session.execute(
        select(Signup.shift_id, Signup.standing, func.count())
        .where(Signup.shift_id.in_(list(shift_ids)))
        .group_by(Signup.shift_id, Signup.standing)
    ):
        counts[shift_id][standing] = number
    return {shift_id: _words(counts[shift_id]) for shift_id in shift_ids}


def _words(count: Counter[Standing]) -> str:
    if not count:
        return "nobody has asked for it yet"
    said = []
    if left := count[Standing.WITHDRAWN] + count[Standing.EXCUSED]:
        said.append(f"{plural(left, 'person', 'people')} left it")
    if declined := count[Standing.DECLINED]:
        said.append(f"{plural(declined, 'person was', 'people were')} declined")
    if asked := count[Standing.OFFERED]:
        said.append(f"{plural(asked, 'person has', 'people have')} not answered yet")
    if waiting := count[Standing.WAITING]:
        said.append(f"{plural(waiting, 'person waits', 'people wait')} for a yes")
    return ", ".join(said) or "nobody else has asked for it yet"
