"""A new shift like the last one: what the form begins with, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.models import Group
from app.opportunities import new_shift, service, slots
from app.opportunities.models import Opportunity, Pattern, Shift, Slot, Stage
from app.opportunities.rules import Repeat
from app.opportunities.rules.repeating import weekly
from app.opportunities.slots import DutyDetails, Numbers
from app.volunteers.vocabulary import Language, Skill, Training
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
# A Tuesday at 09:00 in Leicester.
MORNING = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SATURDAY = date(2026, 12, 5)


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with clock.stopped_at(MORNING):
        yield


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(title="Desk helper")


def added(role: Opportunity, day: date, **said: Any) -> Shift:
    values = {"starts": time(14), "ends": time(17), "places": 3, "minimum": 2} | said
    return service.add_shift(role.group_id, role.id, day=day, **values)


def posted(role: Opportunity, day: date = SATURDAY, **said: Any) -> new_shift.Posted:
    values = {
        "starts": time(14),
        "ends": time(17),
        "places": 3,
        "minimum": 2,
        "every_week": False,
    } | said
    return new_shift.post(role.group_id, role.id, day=day, **values)


def shifts(role: Opportunity) -> int:
    return db.session.scalar(
        select(func.count()).select_from(Shift).where(Shift.opportunity_id == role.id)
    )


def test_it_begins_like_the_last_one_a_week_later(role: Opportunity) -> None:
    added(role, SATURDAY)
    begun = new_shift.begin(role)
    assert begun.day == SATURDAY + timedelta(weeks=1)
    assert (begun.starts, begun.ends) == (time(14), time(17))
    assert (begun.places, begun.minimum) == (3, 2)


def test_a_role_without_a_shift_begins_tomorrow(role: Opportunity) -> None:
    assert new_shift.begin(role).day == date(2026, 12, 2)


def test_where_every_week_has_one_it_begins_on_the_first_free_day(role: Opportunity) -> None:
    service.add_pattern(
        role.group_id,
        role.id,
        Repeat(
            rule=weekly([2]),  # Wednesdays: tomorrow has one
            starts=time(9),
            ends=time(11),
            first_day=date(2026, 12, 1),
            works_on_holidays=True,
        ),
        places=4,
        minimum=1,
    )
    begun = new_shift.begin(role)
    assert begun.day == date(2026, 12, 3)
    assert (begun.starts, begun.places) == (time(9), 4)


def test_it_does_not_begin_on_a_closed_day(role: Opportunity) -> None:
    added(role, date(2026, 12, 21))  # a Monday; the 28th is the holiday for Boxing Day
    with clock.stopped_at(MORNING + timedelta(weeks=3)):
        assert new_shift.begin(role).day == date(2027, 1, 4)


def test_what_a_pattern_goes_on_to_make_is_no_use_of_its_role(
    app: Flask, role: Opportunity
) -> None:
    other = make.opportunity(role.group, title="Another")
    with clock.stopped_at(MORNING - timedelta(days=9)):
        service.add_pattern(
            role.group_id,
            other.id,
            Repeat(rule=weekly([2]), starts=time(9), ends=time(11), first_day=date(2026, 11, 25)),
            places=4,
            minimum=1,
        )
    with clock.stopped_at(MORNING - timedelta(days=3)):
        added(role, SATURDAY)
    assert [one.title for one in new_shift.roles(role.group_id)] == ["Desk helper", "Another"]


def test_the_same_shift_twice_is_refused(role: Opportunity) -> None:
    posted(role)
    with pytest.raises(Refusal, match="already"):
        posted(role)
    assert shifts(role) == 1


def test_a_cancelled_one_stands_in_nobodys_way(role: Opportunity) -> None:
    posted(role)
    db.session.execute(Shift.__table__.update().values(stage=Stage.CANCELLED))
    db.session.commit()
    posted(role)
    assert shifts(role) == 2


def test_every_week_makes_half_a_year_but_for_bank_holidays_and_what_is_there(
    role: Opportunity,
) -> None:
    added(role, SATURDAY + timedelta(weeks=1))
    done = posted(role, every_week=True)
    assert list(done.had_one) == [SATURDAY + timedelta(weeks=1)]
    # 26 Saturdays to come: 26 December is Boxing Day, and one was there.
    assert done.made == 24
    assert shifts(role) == 25
    pattern = db.session.scalars(select(Pattern)).one()
    assert (pattern.rule, pattern.last_day) == ("FREQ=WEEKLY;BYDAY=SA", None)
    with pytest.raises(Refusal, match="every week already"):
        posted(role, every_week=True)


def test_a_team_comes_again(role: Opportunity) -> None:
    duty = slots.add_duty(
        role.group_id,
        role.id,
        DutyDetails(
            name="Driver",
            in_charge=False,
            needs_skills=Skill(0),
            needs_languages=Language(0),
            needs_training=Training(0),
            minimum_age=0,
        ),
    )
    added(role, SATURDAY, team={duty.id: Numbers(2, 1)}, minimum=1)
    begun = new_shift.begin(role)
    assert begun.team == {duty.id: Numbers(2, 1)}
    posted(role, begun.day, team=begun.team, minimum=1)
    assert [slot.places for slot in db.session.scalars(select(Slot))] == [2, 2]


def test_two_clicks_post_a_shift(role: Opportunity, sign_in: SignIn) -> None:
    added(role, SATURDAY)
    group_id = role.group_id
    client = sign_in(make.manager(role.group))
    page = client.get(f"/groups/{group_id}/shifts/new").text
    assert "New shift: Desk helper" in page
    said = dict(re.findall(r'name="(day|starts|ends|places|minimum)"[^>]*value="([^"]+)"', page))
    assert said == {
        "day": "2026-12-12",
        "starts": "14:00",
        "ends": "17:00",
        "places": "3",
        "minimum": "2",
    }
    answer = client.post(f"/groups/{group_id}/shifts/new", data=said, follow_redirects=True)
    assert "Posted: Desk helper, Saturday 12 December, 2 to 5pm." in answer.text
    assert answer.request.path == f"/groups/{group_id}/rota"
    assert answer.request.args["on"] == "2026-12-12"


def test_bad_input_loses_nothing(role: Opportunity, sign_in: SignIn) -> None:
    client = sign_in(make.manager(role.group))
    said = {
        "day": "soonish",
        "starts": "9",
        "ends": "11am",
        "places": "2",
        "minimum": "5",
        "every_week": "y",
    }
    page = client.post(f"/groups/{role.group_id}/shifts/new", data=said).text
    assert 'value="soonish"' in page
    assert "Error: New shift" in page
    assert re.search(r'name="every_week"[^>]*checked', page)
    assert shifts(role) == 0
    page = client.post(
        f"/groups/{role.group_id}/shifts/new", data=said | {"day": "2026-12-12"}
    ).text
    assert re.search(r'id="minimum-error".*?no more|minimum', page, re.S)
    assert shifts(role) == 0


def test_a_group_without_roles_is_led_to_its_first(app: Flask, sign_in: SignIn) -> None:
    group = make.group()
    page = sign_in(make.manager(group)).get(f"/groups/{group.id}/shifts/new").text
    assert "First, a role" in page


def test_a_role_of_another_group_is_not_there(role: Opportunity, sign_in: SignIn) -> None:
    group: Group = make.group()
    make.opportunity(group)
    client = sign_in(make.manager(group))
    assert client.get(f"/groups/{group.id}/shifts/new?role={role.id}").status_code == 404


def test_the_number_of_queries_does_not_grow(
    role: Opportunity, sign_in: SignIn, count_queries: Callable[[], Any]
) -> None:
    for number in range(12):
        added(make.opportunity(role.group, title=f"Role {number}"), SATURDAY)
    client = sign_in(make.manager(role.group))
    group_id = role.group_id
    db.session.remove()
    with count_queries() as statements:
        assert client.get(f"/groups/{group_id}/shifts/new").status_code == 200
    assert len(statements) == 10
