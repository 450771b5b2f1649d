"""What fits a volunteer, and why one person fits one shift."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.groups.models import Group
from app.matching.queries import Wish, roles_for, why
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups.models import Standing
from app.signups.rules import Exclusion
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import Activity, Skill
from tests import factories
from tests.matching.times import NOW, TONIGHT

Driver = Callable[..., Volunteer]

TUESDAY_EVENING = 1 << 5


def shifts_for(person: Volunteer) -> list[int]:
    return [role.shift.id for role in roles_for(person)]


def test_a_shift_that_fits_is_offered_with_reasons(
    driver: Driver, tonight: Shift, food_bank: Group
) -> None:
    person = driver(
        **factories.position(52.7427, -1.1706),
        free_times=TUESDAY_EVENING,
        interests=Activity.FOOD,
    )
    factories.known_to(person, food_bank)
    [role] = roles_for(person)
    assert role.shift is tonight
    assert role.reasons == [
        "2.4 miles away",
        "you are free on Tuesday evenings",
        "you like sorting and packing food",
        "it uses your skills: driving a car",
        "you know this group",
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"stage": Stage.DRAFT},
        {"stage": Stage.CANCELLED},
        {"starts_at": NOW - timedelta(hours=1)},
        {"places": 0, "minimum": 0},
    ],
)
def test_only_published_shifts_to_come_with_room_are_offered(
    driver: Driver, role: Opportunity, said: dict[str, Any]
) -> None:
    factories.shift(role, **said)
    assert shifts_for(driver()) == []


def test_a_role_of_an_unpublished_opportunity_is_not_offered(driver: Driver) -> None:
    factories.shift(factories.opportunity(stage=Stage.DRAFT), starts_at=TONIGHT)
    assert shifts_for(driver()) == []


@pytest.mark.parametrize(
    "said",
    [
        {"skills": Skill(0)},
        {"free_times": 1},
        {"travel_metres": 0, **factories.position(52.7427, -1.1706)},
        {"age_band": "not-told"},
    ],
)
def test_what_does_not_fit_is_not_offered(
    driver: Driver, tonight: Shift, said: dict[str, Any]
) -> None:
    assert shifts_for(driver(**said)) == []


def test_limits_on_texts_do_not_hide_roles(driver: Driver, tonight: Shift) -> None:
    person = driver(
        phone=None,
        sms_consent_at=None,
        asks_per_week=0,
        paused_until=NOW.date() + timedelta(days=1),
    )
    assert shifts_for(person) == [tonight.id]


@pytest.mark.parametrize("standing", [Standing.CONFIRMED, Standing.WAITING, Standing.WITHDRAWN])
def test_a_shift_that_was_answered_is_not_offered_again(
    driver: Driver, tonight: Shift, standing: Standing
) -> None:
    person = driver()
    factories.signup(tonight, person, standing=standing)
    assert shifts_for(person) == []


def test_a_shift_at_a_time_that_is_taken_is_not_offered(driver: Driver, tonight: Shift) -> None:
    person = driver()
    factories.signup(factories.shift(starts_at=TONIGHT + timedelta(hours=1)), person)
    assert tonight.id not in shifts_for(person)


def test_each_opportunity_is_offered_once_the_soonest_of_equals(
    driver: Driver, tonight: Shift, role: Opportunity
) -> None:
    factories.shift(role, starts_at=TONIGHT + timedelta(days=7))
    assert shifts_for(driver()) == [tonight.id]


def test_the_better_role_comes_first(driver: Driver, tonight: Shift, food_bank: Group) -> None:
    wished = factories.opportunity(food_bank, likes_skills=Skill.DRIVE_CAR)
    better = factories.shift(wished, starts_at=TONIGHT + timedelta(days=3))
    assert shifts_for(driver()) == [better.id, tonight.id]


@pytest.mark.parametrize("count", [1, 12])
def test_roles_take_eight_queries_however_many_there_are(
    driver: Driver, count: int, count_queries: Callable[[], Any]
) -> None:
    person = driver()
    for _ in range(count):
        factories.shift(starts_at=TONIGHT)
    assert person.id
    with count_queries() as statements:
        for role in roles_for(person, limit=count):
            assert role.shift.opportunity.group.name
            assert role.shift.site.name
    assert len(statements) == 8, statements


def test_why_tells_every_reason_and_the_score_by_parts(driver: Driver, tonight: Shift) -> None:
    person = driver(skills=Skill(0), asks_per_week=0, free_times=TUESDAY_EVENING)
    found = why(person.id, tonight.id)
    assert found.exclusions == [Exclusion.SKILL, Exclusion.ASKED_OFTEN]
    assert (found.score.distance, found.score.availability, found.score.total) == (300, 200, 650)
    assert found.reasons[:2] == ["under half a mile away", "free on Tuesday evenings"]


def test_why_keeps_to_the_wish(driver: Driver, tonight: Shift) -> None:
    person = driver(asks_per_week=0)
    assert why(person.id, tonight.id).exclusions == [Exclusion.ASKED_OFTEN]
    wish = Wish(shift_ids=[tonight.id], is_emergency=True)
    assert why(person.id, tonight.id, wish).exclusions == []


def test_why_is_loud_about_a_stranger(tonight: Shift) -> None:
    with pytest.raises(LookupError):
        why(4711, tonight.id)
