"""Places that are split among duties: who gets which, and that no duty is oversold."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import slots as teams
from app.opportunities.models import Duty, Opportunity, Policy, Shift, Slot
from app.opportunities.slots import Numbers
from app.signups import attending, service
from app.signups.models import Signup, SignupEvent, Standing, Way
from app.signups.rows import with_shift
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import AgeBand, Skill
from tests import factories


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return factories.opportunity(title="Food parcel round")


@pytest.fixture
def sorter(role: Opportunity) -> Duty:
    return factories.duty(role, name="Sorter", rank=1)


@pytest.fixture
def driver(role: Opportunity) -> Duty:
    return factories.duty(role, name="Driver", rank=2, needs_skills=Skill.DRIVE_VAN)


def _shift(role: Opportunity, **team: tuple[Duty, int]) -> Shift:
    places = sum(count for _, count in team.values())
    shift = factories.shift(role, places=places, minimum=1)
    for duty, count in team.values():
        factories.slot(shift, duty, places=count)
    return shift


def _slots(shift: Shift) -> dict[str, Slot]:
    return {slot.duty.name: slot for slot in teams.of_shift(shift.id)}


def _claim(shift: Shift, person: Volunteer, slot: Slot | None = None) -> Signup:
    return service.claim(shift.id, person.id, way=Way.WEB, slot_id=slot.id if slot else None)


def test_who_can_drive_drives_and_the_others_sort(
    role: Opportunity, sorter: Duty, driver: Duty
) -> None:
    shift = _shift(role, sort=(sorter, 1), drive=(driver, 1))
    drives = _claim(shift, factories.volunteer(skills=Skill.DRIVE_VAN))
    sorts = _claim(shift, factories.volunteer())
    assert drives.slot is not None
    assert drives.slot.duty_id == driver.id
    assert sorts.slot is not None
    assert sorts.slot.duty_id == sorter.id
    assert {name: slot.taken for name, slot in _slots(shift).items()} == {"Sorter": 1, "Driver": 1}


def test_what_is_below_its_minimum_comes_first(
    role: Opportunity, sorter: Duty, driver: Duty
) -> None:
    shift = _shift(role, sort=(sorter, 2), drive=(driver, 2))
    teams.set_team(
        role.group_id, shift.id, {sorter.id: Numbers(2, minimum=2), driver.id: Numbers(2)}
    )
    got = _claim(shift, factories.volunteer(skills=Skill.DRIVE_VAN))
    assert got.slot is not None
    assert got.slot.duty_id == sorter.id


def test_a_full_duty_makes_people_wait_though_the_shift_has_room(
    role: Opportunity, sorter: Duty, driver: Duty
) -> None:
    shift = _shift(role, sort=(sorter, 1), drive=(driver, 1))
    _claim(shift, factories.volunteer())
    late = _claim(shift, factories.volunteer())
    assert late.standing == Standing.WAITING
    by_choice = _claim(shift, factories.volunteer(skills=Skill.DRIVE_VAN), _slots(shift)["Sorter"])
    assert by_choice.standing == Standing.WAITING
    assert by_choice.slot_id == _slots(shift)["Sorter"].id


def test_the_place_that_comes_free_goes_to_the_first_who_can_do_it(
    role: Opportunity, sorter: Duty, driver: Duty
) -> None:
    shift = _shift(role, sort=(sorter, 1), drive=(driver, 1))
    first_driver = factories.volunteer(skills=Skill.DRIVE_VAN)
    _claim(shift, first_driver)
    _claim(shift, factories.volunteer())
    waits_to_sort = _claim(shift, factories.volunteer())
    waits_to_drive = _claim(shift, factories.volunteer(skills=Skill.DRIVE_VAN))
    service.withdraw(shift.id, first_driver.id, way=Way.WEB)
    db.session.expire_all()
    assert waits_to_sort.standing == Standing.WAITING
    assert waits_to_drive.standing == Standing.CONFIRMED
    assert waits_to_drive.slot is not None
    assert waits_to_drive.slot.duty_id == driver.id


def test_who_can_do_none_of_the_duties_is_told_so(role: Opportunity, driver: Duty) -> None:
    shift = _shift(role, drive=(driver, 1))
    with pytest.raises(Refusal, match="asks for more than your profile says"):
        _claim(shift, factories.volunteer())
    with pytest.raises(Refusal, match="asks for more"):
        _claim(shift, factories.volunteer(), _slots(shift)["Driver"])


def test_a_chosen_duty_says_what_it_needs(role: Opportunity, sorter: Duty, driver: Duty) -> None:
    shift = _shift(role, sort=(sorter, 1), drive=(driver, 1))
    with pytest.raises(Refusal, match="Driver needs: driving a van") as refused:
        _claim(shift, factories.volunteer(), _slots(shift)["Driver"])
    assert refused.value.field == "slot_id"
    other = _shift(role, sort=(sorter, 1))
    with pytest.raises(Refusal, match="Choose what you would like to do"):
        _claim(shift, factories.volunteer(), _slots(other)["Sorter"])


def test_nobody_under_18_is_in_charge(role: Opportunity) -> None:
    role = factories.opportunity(minimum_age=16)
    lead = factories.duty(role, name="In charge", in_charge=True)
    helper = factories.duty(role, name="Helper", rank=1)
    shift = _shift(role, lead=(lead, 2), help=(helper, 1))
    _claim(shift, factories.volunteer(), _slots(shift)["In charge"])  # an adult comes
    young = factories.volunteer(
        age_band=AgeBand.FROM_16,
        guardian_consent_at=clock.now(),
        emergency_phone="01509000000",
    )
    with pytest.raises(Refusal, match="18 or over"):
        _claim(shift, young, _slots(shift)["In charge"])
    got = _claim(shift, young)
    assert got.slot is not None
    assert got.slot.duty_id == helper.id


def test_with_approval_the_duty_that_was_chosen_is_remembered(app: Flask) -> None:
    role = factories.opportunity(policy=Policy.APPROVAL)
    first, second = factories.duty(role, rank=1), factories.duty(role, rank=2)
    shift = _shift(role, a=(first, 1), b=(second, 1))
    wanted = _slots(shift)[second.name]
    signup = _claim(shift, factories.volunteer(), wanted)
    assert signup.standing == Standing.WAITING
    manager = factories.manager(role.group)
    confirmed = service.confirm(signup.id, manager.id)
    assert (confirmed.standing, confirmed.slot_id) == (Standing.CONFIRMED, wanted.id)


def test_a_manager_gives_another_duty_and_it_is_on_record(
    role: Opportunity, sorter: Duty, driver: Duty
) -> None:
    shift = _shift(role, sort=(sorter, 1), drive=(driver, 1))
    person = factories.volunteer(skills=Skill.DRIVE_VAN)
    signup = _claim(shift, person)
    manager = factories.manager(role.group)
    service.move(signup.id, _slots(shift)["Sorter"].id, manager.id)
    db.session.expire_all()
    assert {name: slot.taken for name, slot in _slots(shift).items()} == {"Sorter": 1, "Driver": 0}
    last = db.session.scalars(select(SignupEvent).order_by(SignupEvent.id.desc())).first()
    assert last is not None
    assert (last.by_user_id, last.reason) == (manager.id, "New duty: Sorter")
    _claim(shift, factories.volunteer(skills=Skill.DRIVE_VAN))
    with pytest.raises(Refusal, match="has no place free"):
        service.move(signup.id, _slots(shift)["Driver"].id, manager.id)


def test_a_team_never_takes_a_place_away(role: Opportunity, sorter: Duty, driver: Duty) -> None:
    shift = _shift(role, sort=(sorter, 2), drive=(driver, 1))
    _claim(shift, factories.volunteer())
    _claim(shift, factories.volunteer())
    for team in ({sorter.id: Numbers(1)}, {driver.id: Numbers(3)}):
        with pytest.raises(Refusal) as refused:
            teams.set_team(role.group_id, shift.id, team)
        assert refused.value.field == "team"
    db.session.expire_all()
    assert db.session.get_one(Shift, shift.id).places == 3
    changed = teams.set_team(role.group_id, shift.id, {sorter.id: Numbers(3, 1)})
    assert (changed.places, changed.version) == (3, 1)


def test_people_without_a_duty_still_count(role: Opportunity, sorter: Duty) -> None:
    shift = factories.shift(role, places=2, minimum=1)
    _claim(shift, factories.volunteer())
    teams.set_team(role.group_id, shift.id, {sorter.id: Numbers(2)})
    _claim(shift, factories.volunteer())
    assert _claim(shift, factories.volunteer()).standing == Standing.WAITING


def test_the_database_refuses_one_too_many_in_a_duty(role: Opportunity, sorter: Duty) -> None:
    shift = factories.shift(role, places=9)
    slot = factories.slot(shift, sorter, places=1)
    factories.signup(shift, factories.volunteer(), slot_id=slot.id)
    with pytest.raises(IntegrityError):
        factories.signup(shift, factories.volunteer(), slot_id=slot.id)
    db.session.rollback()


def test_an_offered_place_is_kept(role: Opportunity, sorter: Duty) -> None:
    shift = factories.shift(role, places=1)
    factories.signup(
        shift,
        factories.volunteer(),
        standing=Standing.OFFERED,
        offered_until=clock.now() + timedelta(hours=1),
    )
    assert _claim(shift, factories.volunteer()).standing == Standing.WAITING


def test_the_last_driver_and_the_last_sorter_are_found_at_once(
    app: Flask, role: Opportunity, sorter: Duty, driver: Duty
) -> None:
    shift = _shift(role, sort=(sorter, 1), drive=(driver, 1))
    people = [factories.volunteer(skills=Skill.DRIVE_VAN).id for _ in range(6)]
    barrier = threading.Barrier(len(people))

    def claim(volunteer_id: int) -> None:
        with app.app_context():
            barrier.wait()
            service.claim(shift.id, volunteer_id, way=Way.WEB)
            db.session.remove()

    threads = [threading.Thread(target=claim, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    standings = [
        (one.standing, one.slot_id is not None)
        for one in db.session.scalars(select(Signup).where(Signup.shift_id == shift.id))
    ]
    assert sorted(standings) == [
        *[(Standing.CONFIRMED, True)] * 2,
        *[(Standing.WAITING, False)] * 4,
    ]
    assert all(slot.taken == 1 for slot in teams.of_shift(shift.id))


def test_whose_duty_was_given_to_another_meanwhile_is_not_marked_as_there(
    role: Opportunity, sorter: Duty, driver: Duty
) -> None:
    shift = _shift(role, sort=(sorter, 1), drive=(driver, 1))
    drive = _slots(shift)["Driver"]
    first = factories.signup(
        shift, factories.volunteer(), slot_id=drive.id, standing=Standing.EXCUSED
    )
    factories.signup(shift, factories.volunteer(), slot_id=drive.id)
    by_id = factories.manager(role.group).id
    with clock.stopped_at(shift.starts_at + timedelta(minutes=5)):
        with pytest.raises(Refusal, match="somebody else"):
            service.mark(first.id, Standing.ATTENDED, by_id)
        with pytest.raises(Refusal, match="somebody else"), transaction():
            attending.attend(*with_shift(first.id), 60, way=Way.SITE)


def test_who_was_excused_and_came_has_the_place_of_their_duty_again(
    role: Opportunity, sorter: Duty, driver: Duty
) -> None:
    shift = _shift(role, sort=(sorter, 1), drive=(driver, 1))
    drive = _slots(shift)["Driver"]
    first = factories.signup(
        shift, factories.volunteer(), slot_id=drive.id, standing=Standing.EXCUSED
    )
    with clock.stopped_at(shift.starts_at + timedelta(minutes=5)):
        service.mark(first.id, Standing.ATTENDED, factories.manager(role.group).id)
    assert _slots(shift)["Driver"].taken == 1
