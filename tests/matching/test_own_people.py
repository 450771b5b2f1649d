"""Why a shift is thin, of the group's own people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from app.groups.models import Group
from app.matching.queries import why_thin
from app.matching.rules import thin_because
from app.opportunities.models import Shift
from app.signups.models import Standing
from app.signups.rules import Exclusion
from app.volunteers.models import DatesAway, Volunteer
from tests import factories
from tests.matching.times import TONIGHT

Driver = Callable[..., Volunteer]


def test_each_of_the_list_counts_once_by_the_first_reason(
    food_bank: Group, tonight: Shift, driver: Driver
) -> None:
    away = driver()
    factories.save(
        DatesAway(volunteer_id=away.id, first_day=date(2026, 5, 1), last_day=date(2026, 5, 30))
    )
    inside, left = driver(), driver()
    factories.signup(tonight, inside)
    factories.signup(tonight, left, standing=Standing.WITHDRAWN)
    busy = driver()
    factories.signup(factories.shift(starts_at=TONIGHT), busy)
    # Whom we may not text may still be rung.
    unreachable = driver(phone=None)
    no_driver = driver(skills=0)
    for person in (away, inside, left, busy, unreachable, no_driver, driver()):
        factories.known_to(person, food_bank)
    driver()  # fits, and is not on the list
    assert why_thin([tonight.id]) == {
        tonight.id: {
            None: 2,
            Exclusion.AWAY: 1,
            Exclusion.ALREADY_IN: 1,
            Exclusion.SAID_NO: 1,
            Exclusion.CLASH: 1,
            Exclusion.SKILL: 1,
        }
    }


def test_many_shifts_of_several_groups_are_three_statements(
    tonight: Shift, driver: Driver, count_queries: Callable[[], object]
) -> None:
    others = [factories.shift() for _ in range(3)]
    ids = [tonight.id, *(one.id for one in others)]
    with count_queries() as statements:
        found = why_thin([*ids, 10_000])
    assert sorted(found) == sorted(ids)
    assert len(statements) == 3
    assert why_thin([]) == {}


def test_the_reasons_read_like_people_speak() -> None:
    assert thin_because({None: 2, Exclusion.AWAY: 4, Exclusion.CLASH: 1, Exclusion.DBS: 9}) == [
        "2 of your people could come",
        "4 who fit are away",
        "1 who fits has another shift then",
    ]
    assert thin_because({Exclusion.SKILL: 1, Exclusion.DBS: 1, Exclusion.TOO_FAR: 1}) == [
        "none of your people is free to come",
        "2 lack something that it needs",
        "1 lives too far away",
    ]
    assert thin_because({}) == []
