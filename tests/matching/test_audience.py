"""The audience as a whole: numbers that add up, the order, shared phones, several shifts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, literal, select

from app.broadcasts.models import Broadcast, Recipient
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.matching.queries import Wish, audience, audience_select
from app.opportunities.models import Shift
from app.signups.rules import Exclusion
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import Activity, Skill
from tests import factories
from tests.matching.times import NOW, TONIGHT

Driver = Callable[..., Volunteer]

TUESDAY_EVENING = 1 << 5
NORTH_OF_COUNTY = (52.95, -1.2046)  # twelve miles and more


def wish(*shifts: Shift, **said: Any) -> Wish:
    return Wish(shift_ids=[shift.id for shift in shifts], **said)


def test_the_asked_and_the_excluded_are_all(driver: Driver, tonight: Shift) -> None:
    for said in (
        {},
        {"skills": Skill(0)},
        {"phone": None},
        {"phone": None},
        factories.position(*NORTH_OF_COUNTY),
        {"erased_at": NOW},
    ):
        driver(**said)
    found = audience(wish(tonight))
    assert (found.total, found.size) == (5, 1)
    assert found.excluded == {
        Exclusion.TOO_FAR: 1,
        Exclusion.NO_CONTACT: 2,
        Exclusion.SKILL: 1,
    }


def test_nobody_at_all_is_an_empty_audience(tonight: Shift) -> None:
    found = audience(wish(tonight))
    assert (found.total, found.size, found.excluded, found.top()) == (0, 0, {}, [])


def test_the_best_come_first(driver: Driver, tonight: Shift, food_bank: Group) -> None:
    plain = driver()
    known = driver()
    factories.known_to(known, food_bank)
    free = driver(free_times=TUESDAY_EVENING)
    asked = driver(last_asked_at=NOW - timedelta(days=1))
    keen = driver(free_times=TUESDAY_EVENING, interests=Activity.FOOD)
    far = driver(**factories.position(52.7427, -1.1706))
    top = audience(wish(tonight)).top()
    order = [keen, free, known, plain, far, asked]
    assert [one.volunteer_id for one in top] == [person.id for person in order]
    assert [one.score for one in top] == [750, 650, 610, 510, 430, 410]


def test_of_equals_the_nearer_comes_first(driver: Driver, tonight: Shift) -> None:
    east, north = tonight.site.east, tonight.site.north
    further, nearer = driver(east=east + 500, north=north), driver(east=east + 400, north=north)
    top = audience(wish(tonight)).top()
    assert [(one.volunteer_id, one.metres) for one in top] == [
        (nearer.id, 400),
        (further.id, 500),
    ]


def test_people_are_shown_with_reasons_in_words(
    driver: Driver, tonight: Shift, food_bank: Group
) -> None:
    person = driver(
        **factories.position(52.7427, -1.1706),
        free_times=TUESDAY_EVENING,
        last_asked_at=NOW - timedelta(days=60),
    )
    factories.known_to(person, food_bank)
    assert audience(wish(tonight)).top()[0].reasons == [
        "2.4 miles away",
        "free on Tuesday evenings",
        "can drive a car",
        "knows this group",
        "not asked since March",
    ]


def test_of_two_with_one_phone_the_better_is_asked(driver: Driver, tonight: Shift) -> None:
    phone = factories.drama_phone(7)
    driver(phone=phone)
    better = driver(phone=phone, free_times=TUESDAY_EVENING)
    found = audience(wish(tonight))
    assert (found.size, found.excluded) == (1, {Exclusion.SAME_PHONE: 1})
    assert [one.volunteer_id for one in found.top()] == [better.id]


def test_who_shares_a_phone_with_somebody_excluded_is_asked(driver: Driver, tonight: Shift) -> None:
    phone = factories.drama_phone(7)
    driver(phone=phone, skills=Skill(0))
    driver(phone=phone)
    found = audience(wish(tonight))
    assert (found.size, found.excluded) == (1, {Exclusion.SKILL: 1})


def test_pages_of_people_follow_on_without_gap_or_twin(driver: Driver, tonight: Shift) -> None:
    for n in range(130):
        driver(phone=factories.drama_phone(n // 2), free_times=TUESDAY_EVENING * (n % 3 > 0))
    found = audience(wish(tonight))
    whole = [one.volunteer_id for one in found.top(limit=100)]
    paged = [
        one.volunteer_id
        for offset in range(0, 100, 20)
        for one in found.top(limit=20, offset=offset)
    ]
    assert found.size == len(whole) == len(set(paged)) == 65
    assert paged == whole


def test_several_shifts_take_whom_any_of_them_fits(
    driver: Driver, tonight: Shift, food_bank: Group
) -> None:
    cooking = factories.opportunity(food_bank, needs_skills=Skill.COOKING)
    kitchen = factories.shift(cooking, starts_at=TONIGHT)
    drives, cooks = driver(), driver(skills=Skill.COOKING)
    driver(skills=Skill.CASH)
    found = audience(wish(tonight, kitchen))
    assert (found.total, found.size, found.excluded) == (3, 2, {Exclusion.SKILL: 1})
    assert {one.volunteer_id: one.shift_id for one in found.top()} == {
        drives.id: tonight.id,
        cooks.id: kitchen.id,
    }


def test_several_shifts_tell_the_reason_that_came_nearest(driver: Driver, tonight: Shift) -> None:
    north = factories.site(**factories.position(*NORTH_OF_COUNTY))
    there = factories.shift(factories.opportunity(at=north), starts_at=TONIGHT)
    driver(paused_until=NOW.date() + timedelta(days=1))
    found = audience(wish(there, tonight))
    assert found.excluded == {Exclusion.PAUSED: 1}


def test_a_wish_names_one_to_five_shifts() -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        Wish(shift_ids=[])
    with pytest.raises(ValueError, match="1 to 5"):
        Wish(shift_ids=[1, 2, 3, 4, 5, 6])


def test_a_shift_that_does_not_exist_is_loud(app: Any) -> None:
    with pytest.raises(LookupError):
        audience(Wish(shift_ids=[4711]))


def test_everybody_becomes_a_recipient_by_one_statement(
    driver: Driver, tonight: Shift, food_bank: Group
) -> None:
    kitchen = factories.shift(
        factories.opportunity(food_bank, needs_skills=Skill.COOKING), starts_at=TONIGHT
    )
    phone = factories.drama_phone(7)
    second, first = driver(phone=phone), driver(free_times=TUESDAY_EVENING)
    twin = driver(phone=phone, last_asked_at=NOW)
    third = driver(skills=Skill.COOKING, last_asked_at=NOW)
    far = driver(**factories.position(*NORTH_OF_COUNTY))
    request = factories.save(Broadcast(number=27))
    everybody = audience_select(wish(tonight, kitchen)).subquery()
    columns = ["broadcast_id", *everybody.c.keys()]
    with transaction():
        rows_of_request = select(literal(request.id), everybody)
        db.session.execute(insert(Recipient).from_select(columns, rows_of_request))
    rows = db.session.scalars(select(Recipient).order_by(Recipient.volunteer_id)).all()
    assert [(row.volunteer_id, row.excluded, row.rank) for row in rows] == [
        (second.id, "", 2),
        (first.id, "", 1),
        (twin.id, "same-phone", 0),
        (third.id, "", 3),
        (far.id, "too-far", 0),
    ]
    assert [row.score > 0 for row in rows] == [True, True, False, True, False]
    assert rows[4].metres > 19_000


@pytest.mark.parametrize("people", [1, 40])
def test_the_audience_takes_six_queries_however_many_fit(
    driver: Driver, tonight: Shift, count_queries: Callable[[], Any], people: int
) -> None:
    for _ in range(people):
        driver()
    asked = wish(tonight)
    with count_queries() as statements:
        audience(asked).top(20)
    assert len(statements) == 6, statements


def test_an_empty_audience_introduces_nobody(
    tonight: Shift, count_queries: Callable[[], Any]
) -> None:
    asked = wish(tonight)
    with count_queries() as statements:
        audience(asked)
    # The shift, its slots, the cells and the audience itself.
    assert len(statements) == 4, statements
