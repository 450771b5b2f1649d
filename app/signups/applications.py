"""The managers' page of who waits for their yes: with the clock, and what speaks for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.foundation.extensions import db
from app.opportunities.models import Slot
from app.opportunities.slots import of_shifts
from app.signups import answering, facts
from app.signups.approval_rules import History
from app.signups.approving import Known
from app.signups.models import Signup
from app.signups.placing import judge, settled_for
from app.signups.reasons import Both, speaks_against, speaks_for
from app.volunteers.models import DatesAway

# What speaks against each is asked of the very rules that stop a claim. What they need is
# read for all at once, but for trainings and checks, which few roles ask for.
ON_A_PAGE: Final = 10


@dataclass(frozen=True)
class Application:
    """Somebody who asks for a place, as the managers see it."""

    signup: Signup
    speaks_for: Sequence[str]
    speaks_against: Sequence[str]


@dataclass(frozen=True)
class Applications:
    """One page of them, the oldest first, and how many there are in all."""

    shown: Sequence[Application]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // ON_A_PAGE))


def applications(group_id: int, page: int = 1) -> Applications:
    """Who waits for the answer of this group's managers, across its roles."""
    waits = answering.waiting_for_answer(group_id)
    pages = max(1, -(-len(waits) // ON_A_PAGE))
    page = min(max(1, page), pages)
    shown = waits[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    people = sorted({signup.volunteer_id for signup in shown})
    known = Known.read(group_id, people)
    slots = of_shifts({signup.shift_id for signup in shown})
    places = facts.coming_places(people)
    away: dict[int, list[DatesAway]] = {}
    for dates in db.session.scalars(select(DatesAway).where(DatesAway.volunteer_id.in_(people))):
        away.setdefault(dates.volunteer_id, []).append(dates)
    return Applications(
        [
            _application(
                signup,
                known,
                away.get(signup.volunteer_id, []),
                slots.get(signup.shift_id, []),
                places.get(signup.volunteer_id, []),
            )
            for signup in shown
        ],
        len(waits),
        page,
    )


def _application(
    signup: Signup,
    known: Known,
    away: Sequence[DatesAway],
    slots: Sequence[Slot],
    places: Sequence[facts.Place],
) -> Application:
    shift, volunteer = signup.shift, signup.volunteer
    role, zone = shift.opportunity, ZoneInfo(shift.site.zone)
    judged = judge(
        shift,
        volunteer,
        slots=slots,
        busy=facts.busy_among(places, shift),
        settled=settled_for(signup),
    )
    found = [one for one in judged.found if one not in judged.settled]
    east, north = shift.site.east - volunteer.east, shift.site.north - volunteer.north
    both = Both(
        metres=(east * east + north * north) ** 0.5,
        travel_metres=volunteer.travel_metres,
        interests=volunteer.interests,
        activity=role.activity,
        skills=volunteer.skills,
        wanted_skills=role.needs_skills | role.likes_skills,
        free_times=volunteer.free_times,
        times=shift.times,
        knows_group=True,
    )
    history = History(
        shifts_attended=known.attended.get(volunteer.id, 0),
        last_answer=known.answers.get((volunteer.id, role.id)),
        was_listed=volunteer.id in known.listed,
    )
    first = shift.starts_at.astimezone(zone).date()
    last = (shift.ends_at.astimezone(zone) - timedelta(microseconds=1)).date()
    is_away = any(dates.first_day <= last and first <= dates.last_day for dates in away)
    return Application(
        signup,
        speaks_for(both, history),
        speaks_against(both, history, found, is_away=is_away),
    )
