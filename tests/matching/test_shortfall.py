"""When too few fit: the numbers and the change that would help most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.groups.models import Group, GroupKind
from app.matching.queries import Wish, audience, shortfall
from app.opportunities.models import Shift
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import DbsLevel, Skill, Training
from tests import factories
from tests.matching.times import NOW, TONIGHT

Driver = Callable[..., Volunteer]

TUESDAY_AFTERNOON = 1 << 4
TUESDAY_EVENING = 1 << 5


def sentences(shift: Shift, **said: Any) -> list[str]:
    return [advice.sentence for advice in shortfall(Wish(shift_ids=[shift.id], **said))]


def test_nobody_at_all_leaves_nothing_to_advise(tonight: Shift) -> None:
    assert shortfall(Wish(shift_ids=[tonight.id])) == []


def test_who_lacks_only_one_skill_is_counted(driver: Driver, tonight: Shift) -> None:
    for _ in range(3):
        driver(skills=Skill.CASH)
    driver(skills=Skill.CASH, phone=None)
    assert sentences(tonight) == ["3 lack only: driving a car"]


def test_another_hour_is_advised_when_it_gains_people(driver: Driver, role: Any) -> None:
    afternoon = factories.shift(role, starts_at=TONIGHT + timedelta(hours=21))  # Wednesday 15:00
    for _ in range(4):
        driver(free_times=TUESDAY_EVENING << 3)
    driver(free_times=TUESDAY_AFTERNOON << 3)
    [advice] = shortfall(Wish(shift_ids=[afternoon.id]))
    # Four can in the evening; the one of the afternoon would be lost.
    assert advice.sentence == "3 more would fit if it began at 5pm"
    assert advice.begins_at == afternoon.starts_at + timedelta(hours=2)
    assert advice.can_change


def test_an_advised_hour_keeps_its_promise(driver: Driver, role: Any) -> None:
    afternoon = factories.shift(role, starts_at=TONIGHT + timedelta(hours=21))
    evening = factories.shift(role, starts_at=TONIGHT + timedelta(hours=23))
    for _ in range(3):
        driver(free_times=TUESDAY_EVENING << 3)
    busy = driver(free_times=TUESDAY_EVENING << 3)
    factories.signup(factories.shift(starts_at=TONIGHT + timedelta(hours=24)), busy)
    [advice] = shortfall(Wish(shift_ids=[afternoon.id]))
    before = audience(Wish(shift_ids=[afternoon.id])).size
    assert before + advice.more == audience(Wish(shift_ids=[evening.id])).size


def test_an_hour_that_has_gone_by_is_never_advised(driver: Driver, tonight: Shift) -> None:
    driver(free_times=TUESDAY_AFTERNOON)
    assert tonight.starts_at - timedelta(hours=2) < NOW
    # Only 17:00 is still to come before 18:00, and that is no afternoon.
    assert sentences(tonight) == []


def test_a_wider_circle_is_advised_where_the_wish_draws_one(driver: Driver, tonight: Shift) -> None:
    quorn = factories.position(52.7427, -1.1706)
    driver(**quorn)
    driver(**quorn, travel_metres=1000)
    [advice] = shortfall(Wish(shift_ids=[tonight.id], within_metres=3219))
    assert (advice.sentence, advice.within_metres) == ("1 more within 3 miles", 4828)


def test_limits_that_may_be_set_aside_are_advised(
    driver: Driver, tonight: Shift, ask: Callable[..., None]
) -> None:
    for _ in range(2):
        ask(driver(asks_per_week=1))
    driver(asks_per_week=0)
    driver(last_asked_at=NOW - timedelta(days=2))
    assert sentences(tonight, not_asked_days=7) == [
        "2 more if their weekly limit were set aside",
        "1 more if people who were asked lately were asked again",
    ]


def test_kinds_of_group_that_narrow_are_told(driver: Driver, tonight: Shift) -> None:
    driver()
    assert sentences(tonight, group_kinds=[GroupKind.LIBRARY.value]) == [
        "1 more if every kind of group were asked"
    ]


def test_what_the_coordinator_can_change_leads(
    driver: Driver, tonight: Shift, ask: Callable[..., None]
) -> None:
    for _ in range(2):
        driver(skills=Skill(0))
    ask(driver(asks_per_week=1))
    found = shortfall(Wish(shift_ids=[tonight.id]))
    assert [(advice.more, advice.can_change) for advice in found] == [(1, True), (2, False)]


def test_a_skill_that_the_wish_added_can_be_taken_away(driver: Driver, tonight: Shift) -> None:
    driver()
    [advice] = shortfall(Wish(shift_ids=[tonight.id], also_needs=Skill.FIRST_AID))
    assert (advice.sentence, advice.can_change) == ("1 lacks only: first aid", True)


@pytest.mark.parametrize(
    ("needs", "sentence"),
    [
        ({"needs_training": Training.FIRE_SAFETY}, "lacks only the training, or it has run out"),
        ({"dbs_level": DbsLevel.BASIC}, "lacks only the check that it needs"),
    ],
)
def test_papers_that_people_lack_are_told(
    driver: Driver, food_bank: Group, needs: dict[str, Any], sentence: str
) -> None:
    driver()
    shift = factories.shift(factories.opportunity(food_bank, **needs), starts_at=TONIGHT)
    assert sentences(shift) == [f"1 {sentence}"]


def test_advice_takes_four_queries(
    driver: Driver, tonight: Shift, count_queries: Callable[[], Any]
) -> None:
    driver()
    asked = Wish(shift_ids=[tonight.id], within_metres=5000)
    with count_queries() as statements:
        shortfall(asked)
    assert len(statements) == 4, statements
