"""When a rule changes: everybody it affects is listed before and after, and nobody is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging.models import Message
from app.opportunities.models import Opportunity
from app.safeguarding import service
from app.safeguarding.models import Finding, Verdict
from app.safeguarding.queries import findings, fitness
from app.safeguarding.queries.fitness import Change
from app.signups.facts import demand_of, person_for
from app.signups.models import Signup, Standing
from app.signups.rules import Exclusion, hindrances
from app.volunteers import service as volunteers
from app.volunteers.models import DbsCheck, TickedBy, TrainingRecord, Volunteer
from app.volunteers.vocabulary import AgeBand, DbsLevel, Skill, Training, Workforce
from tests import factories

NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def bank(app: Flask) -> Group:
    return factories.group(name="Food bank")


@pytest.fixture
def manager(bank: Group) -> User:
    return factories.manager(bank, name="Mo Manager")


@pytest.fixture
def role(bank: Group) -> Opportunity:
    return factories.opportunity(bank, title="Sorting")


def comes(role: Opportunity, days: int = 7, **said: Any) -> Signup:
    person = factories.volunteer(**said)
    factories.known_to(person, role.group)
    return factories.signup(factories.shift(role, starts_at=NOW + timedelta(days=days)), person)


def form_of(role: Opportunity, **said: Any) -> dict[str, Any]:
    """What the form of a role sends."""
    return {
        "title": role.title,
        "summary": role.summary,
        "activity": "2",
        "site_id": str(role.site_id),
        "minimum_age": str(role.minimum_age),
        "policy": "open",
        "dbs_level": "none",
        "dbs_ground": "",
        "dbs_workforce": "",
    } | said


def mark_in(page: str) -> str:
    return page.split('name="known" value="')[1].split('"')[0]


def names(cases: list[findings.Case]) -> list[tuple[str, Exclusion]]:
    db.session.rollback()
    return [(case.name, case.reason) for case in cases]


def test_before_a_role_asks_for_more_its_manager_reads_whom_that_affects(
    bank: Group, manager: User, role: Opportunity, sign_in: SignIn
) -> None:
    comes(role, name="Able Anna", skills=Skill.DRIVE_CAR)
    comes(role, name="Walking Will")
    client = sign_in(manager)
    address = f"/groups/{bank.id}/opportunities/{role.id}/edit"
    wanted = form_of(role, needs_skills=str(int(Skill.DRIVE_CAR)), title="Sorting and driving")
    page = client.post(address, data=wanted).text
    assert "1 person on coming shifts would no longer meet what they need" in page
    assert "Walking Will" in page
    assert "Able Anna" not in page
    assert "Sorting and driving" in page  # nothing typed is lost
    db.session.rollback()
    assert db.session.get_one(Opportunity, role.id).needs_skills == Skill(0)
    answer = client.post(address, data=wanted | {"known": mark_in(page)})
    assert answer.status_code == 302
    db.session.rollback()
    assert db.session.get_one(Opportunity, role.id).needs_skills == Skill.DRIVE_CAR
    assert set(db.session.scalars(select(Signup.standing))) == {Standing.CONFIRMED}
    assert names(findings.cases(bank.id)) == [("Walking Will", Exclusion.SKILL)]
    assert "Walking Will" in client.get(f"/groups/{bank.id}/decisions").text
    assert db.session.scalars(select(Finding.reason)).all() == ["skill"]


def test_what_was_read_is_what_is_saved(
    bank: Group, manager: User, role: Opportunity, sign_in: SignIn
) -> None:
    comes(role)
    client = sign_in(manager)
    address = f"/groups/{bank.id}/opportunities/{role.id}/edit"
    wanted = form_of(role, needs_skills=str(int(Skill.DRIVE_CAR)))
    mark = mark_in(client.post(address, data=wanted).text)
    comes(role, name="Late Lola")  # in between
    again = client.post(address, data=wanted | {"known": mark})
    assert again.status_code == 200
    assert "Late Lola" in again.text


def test_a_change_that_affects_nobody_is_saved_at_once(
    bank: Group, manager: User, role: Opportunity, sign_in: SignIn
) -> None:
    comes(role, skills=Skill.DRIVE_CAR)
    comes(role, days=-7)  # the past is the past
    address = f"/groups/{bank.id}/opportunities/{role.id}/edit"
    wanted = form_of(role, needs_skills=str(int(Skill.DRIVE_CAR)))
    assert sign_in(manager).post(address, data=wanted).status_code == 302


def test_who_was_unfit_before_is_not_told_as_new(bank: Group, role: Opportunity) -> None:
    role = factories.opportunity(bank, needs_training=Training.FIRST_AID)
    comes(role)
    change = Change(opportunity_id=role.id, role={"needs_skills": Skill.DRIVE_CAR})
    (one,) = fitness.foreseen(bank.id, change)
    assert one.reasons == (Exclusion.SKILL,)
    assert fitness.foreseen(bank.id, Change(opportunity_id=role.id)) == []


def test_a_shorter_recheck_is_shown_before_it_counts(
    bank: Group, manager: User, sign_in: SignIn
) -> None:
    reading = factories.opportunity(
        bank, dbs_level=DbsLevel.ENHANCED, dbs_workforce=Workforce.CHILD
    )
    signup = comes(reading, name="Dora Due")
    factories.save(
        DbsCheck(
            volunteer_id=signup.volunteer_id,
            level=DbsLevel.ENHANCED,
            workforce=Workforce.CHILD,
            issued_on=date(2024, 5, 1),
        )
    )
    client, address = sign_in(manager), f"/groups/{bank.id}/details"
    wanted = {"name": bank.name, "kind": "food-bank", "recheck_months": "24"}
    page = client.post(address, data=wanted).text
    assert "Dora Due" in page
    assert "has no check that is high and recent enough on the day" in page
    assert client.post(address, data=wanted | {"known": mark_in(page)}).status_code == 302
    assert names(findings.cases(bank.id)) == [("Dora Due", Exclusion.DBS)]


def test_a_duty_that_asks_for_more_affects_those_who_do_it(
    bank: Group, manager: User, role: Opportunity, sign_in: SignIn
) -> None:
    driving, sorting = factories.duty(role, name="Driver"), factories.duty(role, name="Sorter")
    shift = factories.shift(role, starts_at=NOW + timedelta(days=7), places=2)
    for duty, name in ((driving, "Dan Driver"), (sorting, "Sue Sorter")):
        slot = factories.slot(shift, duty)
        factories.signup(shift, factories.volunteer(name=name), slot_id=slot.id)
    address = f"/groups/{bank.id}/duties/{driving.id}"
    wanted = {"name": "Driver", "minimum_age": "0", "needs_skills": str(int(Skill.DRIVE_VAN))}
    page = sign_in(manager).post(address, data=wanted).text
    assert "Dan Driver" in page
    assert "Sue Sorter" not in page


def test_a_first_step_more_is_shown_before_it_counts(
    bank: Group, manager: User, sign_in: SignIn
) -> None:
    comes(factories.opportunity(bank, needs_induction=True), name="Ina Inducted")
    client, address = sign_in(manager), f"/groups/{bank.id}/induction"
    wanted = {"name": "Fire doors", "ticked_by": "manager", "needed_first": "y"}
    page = client.post(address, data=wanted).text
    assert "Ina Inducted" in page
    assert "Fire doors" in page
    without = {"name": "The kettle", "ticked_by": "manager"}
    assert client.post(address, data=without).status_code == 302
    assert client.post(address, data=wanted | {"known": mark_in(page)}).status_code == 302
    assert names(findings.cases(bank.id)) == [("Ina Inducted", Exclusion.INDUCTION)]


def test_the_sweep_finds_what_no_page_has_told_and_managers_hear_once(
    bank: Group, manager: User
) -> None:
    trained = factories.opportunity(bank, needs_training=Training.FOOD_HYGIENE)
    signup = comes(trained, days=20, name="Nadia Unforgettable")
    factories.save(
        TrainingRecord(
            volunteer_id=signup.volunteer_id,
            training=Training.FOOD_HYGIENE,
            completed_on=TODAY,
            valid_until=TODAY + timedelta(days=19),  # the day before
        )
    )
    young = comes(
        factories.opportunity(bank, minimum_age=16),
        age_band=AgeBand.FROM_16,
        guardian_consent_at=NOW,
        emergency_phone="01509000000",
    )
    factories.signup(young.shift, factories.volunteer())
    assert service.refresh_all_findings() == 1
    volunteers.update(young.volunteer_id, guardian_agrees=False)
    assert service.refresh_all_findings() == 2
    assert service.refresh_all_findings() == 2
    db.session.rollback()
    told = db.session.scalars(select(Message).where(Message.purpose == "findings")).all()
    assert [one.subject for one in told] == ["Food bank: 1 place to decide about"] * 2
    assert all("Unforgettable" not in one.body for one in told)
    assert set(db.session.scalars(select(Signup.standing))) == {Standing.CONFIRMED}


def test_an_age_that_was_put_right_is_found_as_well(bank: Group) -> None:
    signup = comes(factories.opportunity(bank, minimum_age=16))
    factories.signup(signup.shift, factories.volunteer())
    assert service.refresh_all_findings() == 0
    volunteers.update(signup.volunteer_id, age_band=AgeBand.UNDER_16)
    assert service.refresh_all_findings() == 1
    assert [case.reason for case in findings.cases(bank.id)] == [Exclusion.TOO_YOUNG]


def test_what_is_put_right_goes_off_the_list_and_its_decision_with_it(
    bank: Group, manager: User
) -> None:
    signup = comes(factories.opportunity(bank, needs_skills=Skill.DRIVE_CAR))
    person_id = signup.volunteer_id
    service.keep(
        bank.id,
        person_id,
        Exclusion.SKILL,
        [signup.id],
        words="Learns it with us",
        until=TODAY + timedelta(days=30),
        by_user_id=manager.id,
    )
    volunteers.update(person_id, skills=Skill.DRIVE_CAR)
    assert service.refresh_findings(bank.id) == 0
    volunteers.update(person_id, skills=Skill(0))
    assert service.refresh_findings(bank.id) == 1
    db.session.rollback()
    row = db.session.scalars(select(Finding)).one()
    assert (row.gone_at, row.verdict, row.keep_until, row.words) == (None, None, None, "")


@pytest.fixture
def untrained(bank: Group) -> list[Signup]:
    """One person on three shifts, a week apart, who lost a licence."""
    role = factories.opportunity(bank, title="Driving", needs_skills=Skill.DRIVE_CAR)
    first = comes(role, name="Lee Licence")
    person = db.session.get_one(Volunteer, first.volunteer_id)
    later = [
        factories.signup(factories.shift(role, starts_at=NOW + timedelta(days=days)), person)
        for days in (14, 21)
    ]
    return [first, *later]


def decide(client: FlaskClient, bank: Group, signup: Signup, **said: Any) -> Any:
    address = f"/groups/{bank.id}/decisions/{signup.volunteer_id}/skill"
    return client.post(address, data=said, follow_redirects=True)


def test_to_keep_somebody_takes_a_reason_and_a_day_and_covers_shifts_until_then(
    bank: Group, manager: User, untrained: list[Signup], sign_in: SignIn
) -> None:
    client, first = sign_in(manager), untrained[0]
    ids = [str(one.id) for one in untrained]
    page = decide(client, bank, first, shifts=ids, verdict="keep", words="", until="2026-05-26")
    assert "Say why they can stay." in page.text
    page = decide(client, bank, first, shifts=ids, verdict="keep", words="Has a driver beside")
    assert "Say until when they can stay." in page.text
    assert "Has a driver beside" in page.text
    page = decide(
        client, bank, first, shifts=ids, verdict="keep", words="Has a driver", until="2028-01-01"
    )
    assert "Choose a day within a year." in page.text
    page = decide(
        client, bank, first, shifts=ids, verdict="keep", words="Has a driver", until="2026-05-26"
    )
    assert "Lee Licence stays on 2 shifts." in page.text
    (case,) = findings.cases(bank.id)
    # The second shift is on the 26th; the third, a week later, is to be decided anew.
    assert [one.signup_id for one in case.open] == [untrained[2].id]
    assert len(case.kept) == 2
    assert "“Has a driver” Mo Manager" in page.text
    rows = db.session.scalars(select(Finding).where(Finding.verdict.is_not(None))).all()
    assert {row.decided_by_id for row in rows} == {manager.id}
    assert findings.undecided([bank.id]) == {bank.id: 1}
    late = decide(
        client,
        bank,
        first,
        shifts=ids[2:],
        verdict="keep",
        words="Has a driver",
        until="2026-06-01",
    )
    assert "Each of these shifts is after that day." in late.text
    with transaction():  # moved beyond the day
        db.session.get_one(Signup, untrained[1].id).shift.ends_at += timedelta(days=9)
        db.session.get_one(Signup, untrained[1].id).shift.starts_at += timedelta(days=9)
    service.refresh_findings(bank.id)
    assert findings.undecided([bank.id]) == {bank.id: 2}
    assert "kept on shift" in set(db.session.scalars(select(AuditEvent.action)))


def test_to_release_is_to_tell_kindly_and_only_what_was_chosen(
    bank: Group, manager: User, untrained: list[Signup], sign_in: SignIn
) -> None:
    first, *rest = untrained
    person_id = first.volunteer_id
    page = decide(sign_in(manager), bank, first, shifts=[str(first.id)], verdict="release")
    assert "Lee Licence is off 1 shift, and has been told kindly." in page.text
    db.session.rollback()
    assert db.session.get_one(Signup, first.id).standing == Standing.DECLINED
    assert {db.session.get_one(Signup, one.id).standing for one in rest} == {Standing.CONFIRMED}
    told = db.session.scalars(select(Message).where(Message.volunteer_id == person_id)).all()
    assert any("This role now needs a skill that is not in your profile" in m.body for m in told)
    row = db.session.scalars(select(Finding).where(Finding.signup_id == first.id)).one()
    assert row.verdict == Verdict.RELEASE
    assert row.gone_at is not None


def test_nothing_is_decided_about_shifts_that_were_not_chosen_or_are_anothers(
    bank: Group, manager: User, untrained: list[Signup], sign_in: SignIn
) -> None:
    client, first = sign_in(manager), untrained[0]
    assert "Choose at least one shift." in decide(client, bank, first, verdict="release").text
    other = comes(factories.opportunity(needs_skills=Skill.DRIVE_CAR))
    answer = decide(client, bank, first, verdict="release", shifts=[str(other.id)])
    assert "There is a problem" in answer.text
    db.session.rollback()
    assert set(db.session.scalars(select(Signup.standing))) == {Standing.CONFIRMED}
    assert decide(client, bank, other, verdict="release", shifts=[str(other.id)]).status_code == 404


def test_nobody_keeps_a_young_person_without_an_adult(bank: Group, manager: User) -> None:
    signup = comes(
        factories.opportunity(bank, minimum_age=16),
        age_band=AgeBand.FROM_16,
        guardian_consent_at=NOW,
        emergency_phone="01509000000",
    )
    assert names(findings.cases(bank.id))[0][1] == Exclusion.NO_ADULT
    with pytest.raises(Refusal, match="without an adult"):
        service.keep(
            bank.id,
            signup.volunteer_id,
            Exclusion.NO_ADULT,
            [signup.id],
            words="It will be fine",
            until=TODAY,
            by_user_id=manager.id,
        )


def test_what_was_decided_is_told_to_the_person_and_forgotten_with_them(
    bank: Group, manager: User, untrained: list[Signup]
) -> None:
    person_id = untrained[0].volunteer_id
    service.keep(
        bank.id,
        person_id,
        Exclusion.SKILL,
        [untrained[0].id],
        words="Has a driver beside",
        until=TODAY + timedelta(days=7),
        by_user_id=manager.id,
    )
    told = volunteers.everything_held(person_id)["decisions_about_places"]
    assert ("skill", "keep", "Has a driver beside") in {
        (one["reason"], one["decided"], one["words"]) for one in told
    }
    volunteers.erase(person_id)
    assert db.session.scalars(select(Finding)).all() == []


def test_the_list_judges_as_a_claim_does(bank: Group) -> None:
    """Every live sign-up, judged by the same rules as the door through which it came."""
    service_steps = volunteers.add_induction_step(
        bank.id, "Fire doors", needed_first=True, ticked_by=TickedBy.MANAGER
    )
    roles = [
        factories.opportunity(bank, needs_training=Training.FIRST_AID, needs_induction=True),
        factories.opportunity(bank, minimum_age=16, dbs_level=DbsLevel.BASIC),
        factories.opportunity(bank, needs_skills=Skill.DRIVE_CAR),
    ]
    for number in range(24):
        signup = comes(
            roles[number % 3],
            days=number + 1,
            skills=Skill.DRIVE_CAR if number % 2 else Skill(0),
            age_band=[AgeBand.ADULT, AgeBand.FROM_16, AgeBand.NOT_TOLD][number // 3 % 3],
            guardian_consent_at=NOW if number % 4 else None,
            emergency_phone="01509000000" if number != 13 else "",
        )
        until = TODAY + timedelta(days=number + 1 - number % 2)
        factories.save(
            TrainingRecord(
                volunteer_id=signup.volunteer_id,
                training=Training.FIRST_AID,
                completed_on=TODAY,
                valid_until=until,
            )
        )
        if number % 2:
            volunteers.tick_induction(
                bank.id, signup.volunteer_id, service_steps.id, factories.user().id
            )
    said = {one.signup_id: set(one.reasons) for one in fitness.unmet(bank.id)}
    seen: set[Exclusion] = set()
    for signup in db.session.scalars(select(Signup)).all():
        demand = demand_of(signup.shift)
        alone = set(hindrances(person_for(signup.volunteer, signup.shift, demand, ()), demand))
        assert said.get(signup.id, set()) == alone
        seen |= alone
    assert seen >= {
        Exclusion.TOO_YOUNG,
        Exclusion.NO_EMERGENCY,
        Exclusion.TRAINING,
        Exclusion.DBS,
        Exclusion.SKILL,
        Exclusion.INDUCTION,
        Exclusion.NO_ADULT,
    }


def test_the_list_needs_four_statements_however_long(
    bank: Group, role: Opportunity, count_queries: Callable[[], Any]
) -> None:
    for number in range(15):
        comes(role, days=number + 1)
    group_id = bank.id
    db.session.rollback()
    with count_queries() as statements:
        fitness.unmet(group_id)
    assert len(statements) == 4, statements


def test_two_looks_at_once_note_each_person_once(bank: Group, untrained: list[Signup]) -> None:
    with transaction():
        service.refresh_findings(bank.id)
        service.refresh_findings(bank.id)
    assert len(db.session.scalars(select(Finding)).all()) == 3
