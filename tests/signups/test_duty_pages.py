"""Duties on the screens: a manager says who does what, a volunteer chooses."""

from __future__ import annotations

import re
import threading
import time as time_module
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import service as opportunities
from app.opportunities import slots as teams
from app.opportunities.models import Duty, Opportunity, Pattern, Shift
from app.opportunities.queries import pattern_of
from app.opportunities.rules.repeating import weekly
from app.opportunities.slots import Numbers
from app.signups.models import Signup, Standing
from app.signups.teams import Meanwhile, set_for_pattern
from app.volunteers.vocabulary import Skill
from tests import factories as make

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(title="Food parcel round")


@pytest.fixture
def boss(role: Opportunity, sign_in: SignIn) -> FlaskClient:
    return sign_in(make.manager(role.group))


def _team(shift: Shift) -> dict[str, tuple[int, int, int]]:
    db.session.rollback()
    return {
        slot.duty.name: (slot.places, slot.minimum, slot.taken) for slot in teams.of_shift(shift.id)
    }


def test_from_no_duties_to_a_team_on_a_shift(role: Opportunity, boss: FlaskClient) -> None:
    shift = make.shift(role, places=2, minimum=1)
    signup = make.signup(shift, make.volunteer(name="Dee Driver", skills=Skill.DRIVE_VAN))
    here = f"/groups/{role.group_id}"
    asked = boss.get(f"{here}/shifts/{shift.id}/team")
    assert asked.location.endswith(f"/opportunities/{role.id}/duties")
    for form in (
        {"name": "Sorter", "minimum_age": "0"},
        {"name": "Driver", "minimum_age": "0", "needs_skills": str(int(Skill.DRIVE_VAN))},
    ):
        assert boss.post(asked.location, data=form).status_code == 302
    sorter, driver = teams.duties_of(role.id)
    assert "Needs: Driving a van" in boss.get(asked.location).text
    answer = boss.post(
        f"{here}/shifts/{shift.id}/team",
        data={
            f"places_{sorter.id}": "3",
            f"least_{sorter.id}": "1",
            f"places_{driver.id}": "1",
            f"least_{driver.id}": "1",
            "minimum": "2",
        },
    )
    assert answer.status_code == 302
    assert _team(shift) == {"Sorter": (3, 1, 0), "Driver": (1, 1, 1)}
    page = boss.get(f"{here}/shifts/{shift.id}").text
    assert "Sorter: 0 of 3" in page
    assert "Driver: 1 of 1" in page
    assert "1 more needed" in page
    page = boss.get(f"{here}/signups/{signup.id}/duty").text
    assert "Sorter (3 places free)" in page
    assert "Driver (full)" in page
    slot = next(one for one in teams.of_shift(shift.id) if one.duty_id == sorter.id)
    boss.post(f"{here}/signups/{signup.id}/duty", data={"slot_id": str(slot.id)})
    assert _team(shift) == {"Sorter": (3, 1, 1), "Driver": (1, 1, 0)}


def test_wrong_numbers_are_told_and_kept(role: Opportunity, boss: FlaskClient) -> None:
    shift = make.shift(role, places=2)
    duty = make.duty(role, name="Sorter")
    where = f"/groups/{role.group_id}/shifts/{shift.id}/team"
    for places, least, minimum, said in (
        ("2", "3", "1", "the least number cannot be more than the places"),
        ("two", "1", "1", "give a number from 0"),
        ("2", "1", "3", "it cannot need more"),
    ):
        form = {f"places_{duty.id}": places, f"least_{duty.id}": least, "minimum": minimum}
        page = boss.post(where, data=form).text
        assert said in page
        assert f'value="{places}"' in page
        assert f'value="{least}"' in page


def test_the_second_of_two_managers_reads_what_the_first_made_of_a_team(
    role: Opportunity, boss: FlaskClient
) -> None:
    shift, pattern = make.shift(role, places=2), _weekly(role)
    duty = make.duty(role, name="Sorter")
    for where, of in ((f"shifts/{shift.id}", shift), (f"patterns/{pattern.id}", pattern)):
        page = f"/groups/{role.group_id}/{where}/team"
        seen = re.search(r'name="version"[^>]*value="(\d+)"', boss.get(page).text)
        assert seen
        form = {f"least_{duty.id}": "0", "minimum": "1", "version": seen[1]}
        assert boss.post(page, data=form | {f"places_{duty.id}": "3"}).status_code == 302
        second = boss.post(page, data=form | {f"places_{duty.id}": "5"})
        assert "It is now: Sorter: 3, at least 0; at least 1 in all" in second.text
        assert f'name="places_{duty.id}" type="text" value="5"' in second.text
        again = re.search(r'name="version"[^>]*value="(\d+)"', second.text)
        assert again
        assert (
            boss.post(page, data=form | {f"places_{duty.id}": "5", "version": again[1]}).status_code
            == 302
        )
        db.session.rollback()
        db.session.refresh(of)
        assert of.places == 5


def test_a_volunteer_chooses_among_what_they_can_do(role: Opportunity, sign_in: SignIn) -> None:
    shift = make.shift(role, places=2)
    sorts, drives = (
        make.duty(role, name="Sorter"),
        make.duty(role, name="Driver", rank=1, needs_skills=Skill.DRIVE_VAN),
    )
    slot = make.slot(shift, sorts)
    closed = make.slot(shift, drives)
    user = make.user()
    make.volunteer(user_id=user.id)
    browser = sign_in(user)
    page = browser.get(f"/shifts/{shift.id}/claim").text
    assert "Sorter (1 place free)" in page
    assert "Driver (" not in page
    assert "Driver needs: driving a van." in page
    refused = browser.post(f"/shifts/{shift.id}/claim", data={"slot_id": str(closed.id)})
    assert "Choose one of the answers" in refused.text
    browser.post(f"/shifts/{shift.id}/claim", data={"slot_id": str(slot.id)})
    assert _team(shift)["Sorter"] == (1, 0, 1)
    assert "Sorter" in browser.get(f"/shifts/{shift.id}/place").text
    assert "<dd>Sorter</dd>" in browser.get("/my/shifts").text


def test_a_shift_without_duties_asks_nothing(role: Opportunity, sign_in: SignIn) -> None:
    shift = make.shift(role)
    user = make.user()
    make.volunteer(user_id=user.id)
    browser = sign_in(user)
    assert "What would you like to do?" not in browser.get(f"/shifts/{shift.id}/claim").text
    assert browser.post(f"/shifts/{shift.id}/claim").status_code == 302


def _weekly(role: Opportunity) -> Pattern:
    today = clock.now().date()
    repeat = opportunities.Repeat(
        rule=weekly(range(7)),
        starts=time(10),
        ends=time(12),
        first_day=today + timedelta(days=1),
        last_day=today + timedelta(days=5),
    )
    pattern, _ = opportunities.add_pattern(role.group_id, role.id, repeat, places=4, minimum=1)
    return pattern


def test_a_pattern_gives_its_team_to_every_shift_but_one_that_would_lose_a_place(
    role: Opportunity, boss: FlaskClient
) -> None:
    pattern = _weekly(role)
    duty: Duty = make.duty(role, name="Sorter")
    shifts = db.session.scalars(select(Shift).order_by(Shift.starts_at)).all()
    for _ in range(3):
        make.signup(shifts[0], make.volunteer())
    form = {f"places_{duty.id}": "2", f"least_{duty.id}": "1", "minimum": "1"}
    answer = boss.post(
        f"/groups/{role.group_id}/patterns/{pattern.id}/team", data=form, follow_redirects=True
    )
    assert f"{len(shifts) - 1} shifts to come changed" in answer.text
    assert "stays as it was" in answer.text
    assert _team(shifts[0]) == {}
    assert all(_team(shift) == {"Sorter": (2, 1, 0)} for shift in shifts[1:])
    db.session.rollback()
    assert teams.team_of(db.session.get_one(Pattern, pattern.id)) == {duty.id: Numbers(2, 1)}
    held = db.session.scalars(select(Signup).where(Signup.shift_id == shifts[0].id)).all()
    assert [one.standing for one in held] == [Standing.CONFIRMED] * 3


def test_new_shifts_of_a_pattern_have_its_team(app: Flask, role: Opportunity) -> None:
    duty = make.duty(role, name="Sorter")
    repeat = opportunities.Repeat(
        rule=weekly(range(7)),
        starts=time(10),
        ends=time(12),
        first_day=date(2030, 1, 1),
        last_day=date(2030, 1, 3),
    )
    with clock.stopped_at(clock.now().replace(year=2029, month=12, day=1)):
        opportunities.add_pattern(
            role.group_id, role.id, repeat, places=1, minimum=1, team={duty.id: Numbers(3, 2)}
        )
    shifts = db.session.scalars(select(Shift)).all()
    assert [shift.places for shift in shifts] == [3, 3, 3]
    assert all(_team(shift) == {"Sorter": (3, 2, 0)} for shift in shifts)


@pytest.mark.parametrize("page", ["duties", "team", "pattern", "move", "duty", "retire"])
def test_another_group_sees_none_of_it(role: Opportunity, sign_in: SignIn, page: str) -> None:
    pattern, duty, shift = _weekly(role), make.duty(role), make.shift(role)
    signup = make.signup(shift, make.volunteer())
    other = make.group()
    browser = sign_in(make.manager(other))
    here = f"/groups/{other.id}"
    answer = {
        "duties": lambda: browser.get(f"{here}/opportunities/{role.id}/duties"),
        "team": lambda: browser.get(f"{here}/shifts/{shift.id}/team"),
        "pattern": lambda: browser.get(f"{here}/patterns/{pattern.id}/team"),
        "move": lambda: browser.get(f"{here}/signups/{signup.id}/duty"),
        "duty": lambda: browser.get(f"{here}/duties/{duty.id}"),
        "retire": lambda: browser.post(f"{here}/duties/{duty.id}/retire"),
    }[page]()
    assert answer.status_code == 404


def test_a_team_that_lost_a_duty_is_another_than_its_manager_saw(role: Opportunity) -> None:
    sorter, driver = make.duty(role), make.duty(role)
    both = {sorter.id: Numbers(2), driver.id: Numbers(1)}
    pattern = make.pattern(role)
    set_for_pattern(role.group_id, pattern.id, both, 1, None)
    seen = pattern.version
    teams.retire_duty(role.group_id, driver.id)
    with pytest.raises(Meanwhile):
        set_for_pattern(role.group_id, pattern.id, {sorter.id: Numbers(9)}, 1, None, version=seen)


def test_a_duty_goes_from_the_team_that_another_manager_is_just_giving(
    app: Flask, role: Opportunity
) -> None:
    sorter, driver = make.duty(role), make.duty(role)
    pattern = make.pattern(role)
    set_for_pattern(role.group_id, pattern.id, {driver.id: Numbers(1)}, 1, None)
    group_id, pattern_id, sorter_id, driver_id = role.group_id, pattern.id, sorter.id, driver.id
    has_it = threading.Event()

    def give() -> None:
        with app.app_context():
            with transaction():
                pattern_of(group_id, pattern_id, lock=True)
                has_it.set()
                time_module.sleep(0.3)  # so that the other waits for the row
                both = {sorter_id: Numbers(5), driver_id: Numbers(1)}
                set_for_pattern(group_id, pattern_id, both, 1, None)
            db.session.remove()

    giving = threading.Thread(target=give)
    giving.start()
    assert has_it.wait(10)
    teams.retire_duty(group_id, driver_id)
    giving.join()
    db.session.rollback()
    after = db.session.get_one(Pattern, pattern_id, populate_existing=True)
    assert teams.team_of(after) == {sorter_id: Numbers(5)}
    assert after.places == 5
