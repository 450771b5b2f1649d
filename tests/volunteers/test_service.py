"""What volunteers and their groups' managers can do."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.signups.models import Way
from app.signups.service import claim
from app.volunteers import service
from app.volunteers.models import (
    Channel,
    Consent,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.vocabulary import Activity, AgeBand, DbsLevel, Skill, Training, Workforce
from tests import factories

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_a_known_day():
    with clock.stopped_at(NOON):
        yield


def test_a_new_volunteer_is_placed_by_the_postcode_and_allows_nothing_yet(app):
    person = service.create("  Asha   Patel ", "le113tu", mobile="07700 900 123")
    assert (person.name, person.phone, person.postcode) == (
        "Asha Patel",
        "+447700900123",
        "LE11 3TU",
    )
    assert person.cell > 0
    assert person.sms_consent_at is person.phone_verified_at is None


def test_two_people_may_share_a_phone(app):
    service.create("Asha Patel", "LE11 3TU", mobile="07700 900123")
    service.create("Ravi Patel", "LE11 3TU", mobile="07700 900123")
    assert db.session.scalar(select(func.count(Volunteer.id))) == 2


def test_a_volunteer_needs_a_contact_point(app):
    with pytest.raises(Refusal, match="mobile number or an email"):
        service.create("Asha Patel", "LE11 3TU")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"travel_metres": 0}, "miles"),
        ({"asks_per_week": -1}, "asks_per_week"),
        ({"emergency_phone": "none"}, "emergency_phone"),
        ({"emergency_name": "x" * 101}, "emergency_name"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(app, told, field):
    person = factories.volunteer()
    with pytest.raises(Refusal) as refused:
        service.update(person.id, **told)
    assert refused.value.field == field


def test_turning_18_forgets_the_guardian(app):
    person = factories.volunteer(age_band=AgeBand.FROM_16)
    service.update(
        person.id, guardian_name="Mina", guardian_phone="01509 000000", guardian_agrees=True
    )
    db.session.refresh(person)
    assert person.guardian_consent_at == NOON
    service.update(person.id, age_band=AgeBand.ADULT)
    db.session.refresh(person)
    assert (person.guardian_name, person.guardian_phone) == ("", "")
    assert person.guardian_consent_at is None


def test_a_pause_ends_in_the_future(app):
    person = factories.volunteer()
    with pytest.raises(Refusal, match="still to come"):
        service.pause(person.id, date(2026, 11, 22))
    service.pause(person.id, date(2026, 12, 1))
    db.session.refresh(person)
    assert person.paused_until == date(2026, 12, 1)


def test_dates_away_belong_to_one_volunteer(app):
    person, other = factories.volunteer(), factories.volunteer()
    service.add_dates_away(person.id, date(2026, 12, 1), date(2026, 12, 8))
    row_id = db.session.scalar(select(DatesAway.id))
    service.remove_dates_away(other.id, row_id)
    assert db.session.scalar(select(func.count(DatesAway.id))) == 1
    service.remove_dates_away(person.id, row_id)
    assert db.session.scalar(select(func.count(DatesAway.id))) == 0


def test_dates_away_end_after_they_begin(app):
    with pytest.raises(Refusal, match="first day or later"):
        service.add_dates_away(factories.volunteer().id, date(2026, 12, 8), date(2026, 12, 1))


def check(group_id: int, person: Volunteer, seen_by: int, **said) -> None:
    defaults = {
        "level": DbsLevel.ENHANCED,
        "workforce": Workforce.ADULT,
        "issued_on": date(2025, 1, 1),
    }
    service.record_check(group_id, person.id, seen_by_id=seen_by, **(defaults | said))


def test_a_manager_records_a_check_of_the_groups_own_volunteer(app):
    group = factories.group()
    manager, person = factories.manager(group), factories.volunteer()
    factories.known_to(person, group)
    check(group.id, person, manager.id)
    row = db.session.scalar(select(DbsCheck))
    assert (row.level, row.seen_by_id, row.group_id) == (DbsLevel.ENHANCED, manager.id, group.id)


def test_a_check_of_another_groups_volunteer_is_refused(app):
    group, other = factories.group(), factories.group()
    manager, person = factories.manager(group), factories.volunteer()
    factories.known_to(person, other)
    with pytest.raises(Refusal, match="not one of your group"):
        check(group.id, person, manager.id)


def test_a_certificate_cannot_be_from_tomorrow(app):
    group = factories.group()
    manager, person = factories.manager(group), factories.volunteer()
    factories.known_to(person, group)
    with pytest.raises(Refusal, match="still to come"):
        check(group.id, person, manager.id, issued_on=date(2026, 11, 23))


def test_only_the_group_that_recorded_a_check_removes_it(app):
    group, other = factories.group(), factories.group()
    manager, person = factories.manager(group), factories.volunteer()
    factories.known_to(person, group)
    factories.known_to(person, other)
    check(group.id, person, manager.id)
    check_id = db.session.scalar(select(DbsCheck.id))
    with pytest.raises(Refusal, match="Only the group"):
        service.remove_check(other.id, person.id, check_id)
    service.remove_check(group.id, person.id, check_id)
    assert db.session.scalar(select(func.count(DbsCheck.id))) == 0


def test_a_training_holds_until_its_last_day(app):
    group = factories.group()
    person = factories.volunteer()
    factories.known_to(person, group)
    service.record_training(
        group.id,
        person.id,
        training=Training.FOOD_HYGIENE,
        completed_on=date(2026, 1, 10),
        valid_until=date(2029, 1, 10),
    )
    row = db.session.scalar(select(TrainingRecord))
    assert (row.training, row.valid_until) == (Training.FOOD_HYGIENE, date(2029, 1, 10))


def test_erasing_forgets_the_person_and_keeps_the_sign_up(app):
    person = factories.volunteer(name="Asha Patel", skills=Skill.FIRST_AID)
    signup = factories.signup(factories.shift(), person)
    factories.known_to(person, factories.group())
    service.erase(person.id)
    db.session.refresh(person)
    db.session.refresh(signup)
    assert person.name == "Erased volunteer"
    assert (person.phone, person.email, person.postcode, person.skills) == (None, None, "", 0)
    assert signup.volunteer_id == person.id
    assert db.session.scalar(select(func.count(GroupVolunteer.id))) == 0


def test_those_above_are_told_before_a_volunteer_is_erased(app, monkeypatch):
    names = []
    monkeypatch.setattr(service.erasure, "erasers", [lambda person: names.append(person.name)])
    service.erase(factories.volunteer(name="Asha Patel").id)
    assert names == ["Asha Patel"]


def test_an_erased_volunteer_cannot_be_changed(app):
    person = factories.volunteer()
    service.erase(person.id)
    with pytest.raises(Refusal, match="no longer"):
        service.rename(person.id, "Asha Patel")


def test_everything_held_is_plain_json_with_the_parts_of_those_above(app, monkeypatch):
    person = factories.volunteer(name="Asha Patel", interests=Activity.FOOD)
    group = factories.group(name="Food bank")
    factories.known_to(person, group)
    check(group.id, person, factories.manager(group).id)
    monkeypatch.setattr(service.exports, "exporters", [lambda person: {"messages": ["hello"]}])
    held = json.loads(json.dumps(service.everything_held(person.id)))
    assert held["profile"]["name"] == "Asha Patel"
    assert held["profile"]["interests"] == ["Sorting and packing food"]
    assert held["checks"][0]["level"] == "enhanced"
    assert held["groups"][0]["group"] == "Food bank"
    assert held["messages"] == ["hello"]


def by_hand(group_id: int, manager_id: int, **said) -> Volunteer:
    defaults = {"name": "Asha Patel", "postcode": "LE11 3TU", "mobile": "07700 900123"}
    return service.add_by_hand(group_id, by_user_id=manager_id, **(defaults | said))


def test_somebody_added_by_hand_is_on_the_groups_list_with_consent_as_told(app):
    group = factories.group()
    manager = factories.manager(group)
    person = by_hand(group.id, manager.id, sms_allowed=True)
    assert person.sms_consent_at == NOON
    consent = db.session.scalar(select(Consent))
    assert (consent.channel, consent.how, consent.by_user_id) == (
        Channel.SMS,
        "told to a group's manager",
        manager.id,
    )
    assert db.session.scalar(select(GroupVolunteer.sees_profile)) is True


def test_somebody_added_by_hand_who_opted_out_stays_so(app):
    group = factories.group()
    service.opt_out(Channel.SMS, "+447700900123", "text STOP")
    person = by_hand(group.id, factories.manager(group).id, sms_allowed=True)
    assert person.sms_consent_at is None


def test_a_group_that_adds_somebody_known_to_others_sees_nothing_of_them(app):
    known = factories.volunteer(name="Zoë Éclair", phone="+447700900123")
    group = factories.group()
    person = by_hand(group.id, factories.manager(group).id, name="ZOË ÉCLAIR")
    assert person.id == known.id
    assert db.session.scalar(select(GroupVolunteer.sees_profile)) is False


def test_a_sign_up_opens_the_profile_to_the_group(app):
    person, group = factories.volunteer(), factories.group()
    service.know(person.id, group.id, "spreadsheet", sees_profile=False)
    service.know(person.id, group.id, "signed up")
    service.know(person.id, group.id, "spreadsheet", sees_profile=False)
    assert db.session.scalar(select(GroupVolunteer.sees_profile)) is True


def test_removing_somebody_from_a_group_keeps_the_person(app):
    person, group = factories.volunteer(), factories.group()
    factories.known_to(person, group)
    service.remove_from_group(group.id, person.id)
    assert db.session.scalar(select(func.count(GroupVolunteer.id))) == 0
    assert db.session.get(Volunteer, person.id).name == person.name
    assert clock.now() - person.created_at < timedelta(minutes=1)


@pytest.mark.parametrize(("way", "sees"), [(Way.MANAGER, False), (Way.TEXT, True)])
def test_only_a_place_that_the_volunteer_took_opens_the_profile(app, way, sees):
    shift, person = factories.shift(), factories.volunteer()
    service.know(person.id, shift.opportunity.group_id, "spreadsheet", sees_profile=False)
    claim(shift.id, person.id, way=way)
    assert db.session.scalar(select(GroupVolunteer.sees_profile)) is sees
