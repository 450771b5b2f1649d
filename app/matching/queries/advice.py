"""Too few fit: what would help most, in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, and_, case, func, not_, or_, select

from app.foundation.extensions import db
from app.foundation.flags import has_all
from app.foundation.places import miles_to_metres
from app.matching import rules
from app.matching.queries import conditions
from app.matching.queries.conditions import Condition, number, person
from app.matching.queries.reach import living_near, reach
from app.matching.queries.wish import Need, Wish, need_of, openings, shift_facts
from app.signups.rules import Exclusion
from app.volunteers.vocabulary import Skill
from app.web.filters import spoken_time

# Other beginnings that are tried, in hours from the planned one; of equals the first is told.
OTHER_HOURS: Final = (1, -1, 2, -2, 3, -3)
OTHER_MILES: Final = (2, 3, 5, 10, 20)


@dataclass(frozen=True)
class Advice:
    """One change, or one lack, and how many more would fit by it alone.

    `can_change` tells what the coordinator may do now from what only shows
    where people fall short. `begins_at` and `within_metres` say the change.
    """

    reason: Exclusion
    more: int
    sentence: str
    can_change: bool = True
    begins_at: datetime | None = None
    within_metres: int | None = None


@dataclass(frozen=True)
class _Try:
    """A number to ask the database for, and what to say of it, of one person or of more."""

    number: ColumnElement[int]
    one: str
    more: str
    advice: Advice

    def told(self, count: int) -> Advice:
        sentence = (self.one if count == 1 else self.more).format(count=f"{count:,}")
        return replace(self.advice, more=count, sentence=sentence)


def shortfall(wish: Wish) -> list[Advice]:
    """What keeps people from the first shift of a wish, the most helpful change first.

    Each number counts people for whom that reason is the only one, so that
    the change alone brings them in; another beginning also loses some, and
    tells the difference. What the coordinator can change leads. Four
    queries. Raises `LookupError` when the shift does not exist.
    """
    row = db.session.execute(shift_facts(wish.shift_ids[:1])).one_or_none()
    if row is None:
        raise LookupError(f"No such shift: {wish.shift_ids[0]}")
    free = openings([row.id]).get(row.id, [])
    need = need_of(row, wish, openings=free)
    others = [need_of(row, wish, timedelta(hours=hours), openings=free) for hours in OTHER_HOURS]
    standing = _standing(need, wish)
    tries = [
        *_times(need, others, standing),
        *_distances(need, standing),
        *_limits(need, standing),
        *_demands(need, wish.also_needs & ~row.needs_skills, standing),
    ]
    counts = db.session.execute(select(*(func.sum(one.number) for one in tries))).one()
    # No people at all make a sum of nothing.
    found = [one.told(int(n)) for one, n in zip(tries, counts, strict=True) if n and n > 0]
    found.sort(key=lambda advice: (not advice.can_change, -advice.more))
    return list(_best_of_each(found))


def _standing(need: Need, wish: Wish) -> CTE:
    """Everybody who travels this far, with the reasons against each as bits."""
    asked = conditions.asked_this_week(need.request.now)
    against = conditions.against(need, wish, asked)
    square = conditions.squared_metres(need)
    if (within := need.request.within_metres) is not None:
        against[Exclusion.TOO_FAR] = square > within * within
    bits = number(0)
    for reason, condition in against.items():
        bits = bits + _if(condition, _bit(reason))
    columns = [
        person.id,
        person.skills,
        person.free_times,
        person.asks_per_week,
        bits.label("bits"),
        square.label("square"),
    ]
    cells = reach([need], widest=True).cells
    people = living_near(cells, asked, columns).where(
        square <= person.travel_metres * person.travel_metres
    )
    return people.cte("standing").prefix_with("MATERIALIZED")


def _times(need: Need, others: list[Need], standing: CTE) -> Iterator[_Try]:
    """The same shift at another hour of the same day."""
    of = standing.c
    timely = _bit(Exclusion.NOT_FREE) | _bit(Exclusion.CLASH)
    for other in others:
        request = other.request
        begins_at = request.demand.starts_at
        days = (need.request.first_day, need.request.last_day)
        if begins_at <= request.now or (request.first_day, request.last_day) != days:
            continue
        cannot = or_(
            and_(of.free_times != 0, not_(has_all(of.free_times, request.bits))),
            of.id.in_(conditions.busy_during(other)),
        )
        gained = and_(of.bits != 0, of.bits.bitwise_and(~timely) == 0, not_(cannot))
        lost = and_(of.bits == 0, cannot)
        clock_time = spoken_time(begins_at, need.request.zone)
        yield _Try(
            number=case((gained, number(1)), (lost, number(-1)), else_=number(0)),
            one=f"{{count}} more would fit if it began at {clock_time}",
            more=f"{{count}} more would fit if it began at {clock_time}",
            advice=Advice(Exclusion.NOT_FREE, 0, "", begins_at=begins_at),
        )


def _distances(need: Need, standing: CTE) -> Iterator[_Try]:
    """A wider circle, where the wish draws one."""
    within = need.request.within_metres
    if within is None:
        return
    for miles in OTHER_MILES:
        metres = miles_to_metres(miles)
        if metres > within:
            yield _Try(
                number=_if(
                    and_(_only(standing, Exclusion.TOO_FAR), standing.c.square <= metres * metres)
                ),
                one=f"{{count}} more within {miles} miles",
                more=f"{{count}} more within {miles} miles",
                advice=Advice(Exclusion.TOO_FAR, 0, "", within_metres=metres),
            )


def _limits(need: Need, standing: CTE) -> Iterator[_Try]:
    """Limits on asking that a coordinator may set aside."""
    request = need.request
    weekly = and_(_only(standing, Exclusion.ASKED_OFTEN), standing.c.asks_per_week > 0)
    yield _Try(
        number=_if(weekly),
        one="{count} more if their weekly limit were set aside",
        more="{count} more if their weekly limit were set aside",
        advice=Advice(Exclusion.ASKED_OFTEN, 0, ""),
    )
    if request.not_asked_days > 0:
        yield _Try(
            number=_if(_only(standing, Exclusion.ASKED_LATELY)),
            one="{count} more if people who were asked lately were asked again",
            more="{count} more if people who were asked lately were asked again",
            advice=Advice(Exclusion.ASKED_LATELY, 0, ""),
        )
    if request.restricts_kinds:
        yield _Try(
            number=_if(_only(standing, Exclusion.OTHER_GROUPS)),
            one="{count} more if every kind of group were asked",
            more="{count} more if every kind of group were asked",
            advice=Advice(Exclusion.OTHER_GROUPS, 0, ""),
        )


def _demands(need: Need, added: Skill, standing: CTE) -> Iterator[_Try]:
    """What people lack, where they lack nothing else.

    A skill that the wish `added` to the role's is the coordinator's to take away.
    """
    demand = need.request.demand
    for skill in demand.skills:
        lacks_it_only = and_(
            _only(standing, Exclusion.SKILL),
            standing.c.skills.bitwise_and(int(demand.skills)) == int(demand.skills & ~skill),
        )
        name = skill.label[:1].lower() + skill.label[1:]
        yield _Try(
            number=_if(lacks_it_only),
            one=f"{{count}} lacks only: {name}",
            more=f"{{count}} lack only: {name}",
            advice=Advice(Exclusion.SKILL, 0, "", can_change=bool(skill & added)),
        )
    lacks = {
        Exclusion.LANGUAGE: (bool(demand.languages), f"only: speaking {demand.languages.label}"),
        Exclusion.TRAINING: (bool(demand.trainings), "only the training, or it has run out"),
        Exclusion.DBS: (True, "only the check that it needs"),
        Exclusion.DUTY: (bool(demand.openings), "only what the duties that are free need"),
        Exclusion.INDUCTION: (demand.needs_induction, "only the group’s induction"),
    }
    for reason, (is_asked, what) in lacks.items():
        if is_asked:
            yield _Try(
                number=_if(_only(standing, reason)),
                one=f"{{count}} lacks {what}",
                more=f"{{count}} lack {what}",
                advice=Advice(reason, 0, "", can_change=False),
            )


def _best_of_each(found: list[Advice]) -> Iterator[Advice]:
    """Of several hours, and of several distances, the one that helps most."""
    told: set[Exclusion] = set()
    for advice in found:
        is_choice = advice.begins_at is not None or advice.within_metres is not None
        if is_choice and advice.reason in told:
            continue
        told.add(advice.reason)
        yield advice


def _only(standing: CTE, reason: Exclusion) -> Condition:
    only: Condition = standing.c.bits == number(_bit(reason))
    return only


def _bit(reason: Exclusion) -> int:
    return 1 << rules.ORDER.index(reason)


def _if(condition: Any, value: int = 1) -> ColumnElement[int]:
    return case((condition, number(value)), else_=number(0))
