"""Who may take which place: read set by set, and the same as the rules say one by one."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.flags import Vocabulary
from app.groups.models import Group
from app.matching.queries import why
from app.opportunities.models import Duty, Opportunity, Shift, Slot, Stage
from app.signups.facts import demand_of, person_for
from app.signups.models import Standing
from app.signups.rules import SETTLED_BY_MANAGER, Exclusion, against_duty, hindrances
from app.suggestions import drafting
from app.suggestions.queries.facts import Facts, facts
from app.volunteers.models import (
    Channel,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    OptOut,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.rules import time_bit
from app.volunteers.vocabulary import (
    Activity,
    AgeBand,
    DayPart,
    DbsLevel,
    Language,
    Skill,
    Training,
    Workforce,
)
from tests import factories as make

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # a Tuesday
FIRST, LAST = date(2026, 12, 2), date(2026, 12, 15)


@pytest.fixture(autouse=True)
def _on_a_tuesday(app: Flask) -> Any:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(make.group(), minimum_age=16)


def tomorrow(role: Opportunity, hours: float = 24, **said: Any) -> Shift:
    return make.shift(role, starts_at=NOW + timedelta(hours=hours), **said)


def member(role: Opportunity, **said: Any) -> Volunteer:
    person = make.volunteer(**said)
    make.save(GroupVolunteer(volunteer_id=person.id, group_id=role.group_id))
    return person


def read(role: Opportunity) -> Facts:
    return facts(role.group_id, FIRST, LAST)


def reason(role: Opportunity, person: Volunteer) -> Exclusion | None:
    """Why the person may not take the first open post."""
    return read(role).against[0].get(person.id)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, None),
        ({"age_band": AgeBand.UNDER_16}, Exclusion.TOO_YOUNG),
        ({"age_band": AgeBand.FROM_16}, Exclusion.TOO_YOUNG),
        (
            {
                "age_band": AgeBand.FROM_16,
                "guardian_consent_at": NOW,
                "emergency_phone": "+447700900001",
            },
            None,
        ),
        ({"age_band": AgeBand.FROM_16, "guardian_consent_at": NOW}, Exclusion.NO_EMERGENCY),
        ({"paused_until": date(2026, 12, 9)}, Exclusion.PAUSED),
        ({"sms_consent_at": None, "email_consent_at": None}, Exclusion.NO_CONTACT),
        ({"sms_consent_at": None}, None),
        ({"asks_per_week": 0}, Exclusion.ASKED_OFTEN),
        ({"free_times": time_bit(2, DayPart.EVENING)}, Exclusion.NOT_FREE),
        ({"free_times": time_bit(2, DayPart.MORNING)}, None),
        (make.position(52.2, -1.2), Exclusion.TOO_FAR),
    ],
)
def test_what_speaks_against_a_person(
    role: Opportunity, said: dict[str, Any], expected: Exclusion | None
) -> None:
    tomorrow(role)
    assert reason(role, member(role, **said)) == expected


def test_who_is_away_is_not_suggested(role: Opportunity) -> None:
    tomorrow(role)
    person = member(role)
    make.save(DatesAway(volunteer_id=person.id, first_day=FIRST, last_day=FIRST))
    assert reason(role, person) == Exclusion.AWAY


def test_who_opted_out_of_both_channels_is_not_suggested(role: Opportunity) -> None:
    tomorrow(role)
    person = member(role)
    for channel, address in ((Channel.SMS, person.phone), (Channel.EMAIL, person.email)):
        assert reason(role, person) is None
        make.save(OptOut(channel=channel, address=address, address_hash=str(address), how="STOP"))
    assert reason(role, person) == Exclusion.NO_CONTACT


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing.WAITING, Exclusion.ALREADY_IN),
        (Standing.OFFERED, Exclusion.ALREADY_IN),
        (Standing.WITHDRAWN, Exclusion.SAID_NO),
        (Standing.DECLINED, Exclusion.SAID_NO),
    ],
)
def test_who_has_answered_is_not_suggested_again(
    role: Opportunity, standing: Standing, expected: Exclusion
) -> None:
    shift = tomorrow(role)
    person = member(role)
    make.signup(shift, person, standing=standing)
    assert reason(role, person) == expected


def test_a_place_with_another_group_is_a_clash(role: Opportunity) -> None:
    tomorrow(role)
    person = member(role)
    elsewhere = make.shift(starts_at=NOW + timedelta(hours=25))
    make.signup(elsewhere, person)
    assert reason(role, person) == Exclusion.CLASH


def test_strangers_and_hidden_profiles_are_left_out(role: Opportunity) -> None:
    tomorrow(role)
    make.volunteer()
    hidden = make.volunteer()
    make.save(GroupVolunteer(volunteer_id=hidden.id, group_id=role.group_id, sees_profile=False))
    found = read(role)
    assert found.people == {}
    assert found.unseen == 1


def test_only_what_can_still_be_taken_is_open(role: Opportunity) -> None:
    tomorrow(role, places=2)
    tomorrow(role, places=1, taken=0, stage=Stage.CANCELLED)
    tomorrow(role, stage=Stage.DRAFT)
    tomorrow(role, 24 * 30)
    full = tomorrow(role, places=1)
    make.signup(full, make.volunteer())
    make.shift()
    found = read(role)
    assert [(post.open, post.need) for post in found.problem.posts] == [(2, 0)]
    assert [turn.need for turn in found.problem.turns] == [1]


def test_each_duty_has_a_post_of_its_own(role: Opportunity) -> None:
    shift = tomorrow(role, places=3, minimum=2)
    driver = make.save(Duty(opportunity_id=role.id, name="Driver", needs_skills=Skill.DRIVE_CAR))
    lead = make.save(Duty(opportunity_id=role.id, name="In charge", in_charge=True))
    make.save(Slot(shift_id=shift.id, duty_id=driver.id, places=2, minimum=1))
    make.save(Slot(shift_id=shift.id, duty_id=lead.id, places=1, minimum=1))
    walker = member(role)
    young = member(
        role,
        age_band=AgeBand.FROM_16,
        guardian_consent_at=NOW,
        emergency_phone="+447700900001",
        skills=Skill.DRIVE_CAR,
    )
    found = read(role)
    at = {told.duty: key for key, told in found.posts.items()}
    assert found.against[at["Driver"]] == {walker.id: Exclusion.SKILL}
    assert found.against[at["In charge"]] == {young.id: Exclusion.TOO_YOUNG}
    assert {told.duty: told.post.need for told in found.posts.values()} == {
        "Driver": 1,
        "In charge": 1,
    }


def test_hours_of_the_last_weeks_count(role: Opportunity) -> None:
    tomorrow(role)
    busy, idle = member(role), member(role)
    for days in (3, 10, 40):
        past = make.shift(role, starts_at=NOW - timedelta(days=days))
        make.signup(past, busy, standing=Standing.ATTENDED)
    found = read(role)
    assert found.hours_here == {busy.id: 4, idle.id: 0}
    # Four weeks, brought to two.
    assert found.problem.person[busy.id].minutes == 120
    assert found.people[busy.id].has_done == {role.id: 3}


def test_hours_for_another_group_count_for_fairness_and_are_not_told(role: Opportunity) -> None:
    tomorrow(role)
    person = member(role)
    for group in (role.group, make.group()):
        past = make.shift(make.opportunity(group), starts_at=NOW - timedelta(days=3))
        make.signup(past, person, standing=Standing.ATTENDED)
    found = read(role)
    assert found.hours_here == {person.id: 2}
    # Four hours in four weeks, brought to two.
    assert found.problem.person[person.id].minutes == 120
    [key] = found.posts
    assert "2 hours here in the last 4 weeks" in drafting.reasons(found, (person.id, key), 1)


def test_the_number_of_statements_does_not_grow(role: Opportunity, count_queries: Any) -> None:
    def counted() -> int:
        db.session.rollback()
        group_id = role.group_id
        with count_queries() as statements:
            facts(group_id, FIRST, LAST)
        return len(statements)

    tomorrow(role)
    member(role)
    few = counted()
    for number in range(12):
        tomorrow(role, 25 + 3 * number)
        member(role)
    assert counted() == few
    assert few <= 12


def _any(chance: random.Random, of: type[Vocabulary], share: float) -> Any:
    found = of(0)
    for one in of:
        if chance.random() < share:
            found |= one
    return found


@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_matching_and_sign_ups_person_by_person(app: Flask, seed: int) -> None:
    """On random people and shifts: whoever is suggested fits by `why` and by the rules of claims.

    Those are written by others and read one person at a time.
    """
    chance = random.Random(seed)
    group = make.group(recheck_months=36)
    site = make.site(group)
    shifts = []
    for number in range(4):
        role = make.opportunity(
            group,
            site,
            minimum_age=chance.choice([16, 18]),
            needs_skills=_any(chance, Skill, 0.05),
            needs_languages=_any(chance, Language, 0.03),
            needs_training=chance.choice([Training(0), Training.FIRST_AID]),
            dbs_level=chance.choice([DbsLevel.NONE, DbsLevel.NONE, DbsLevel.ENHANCED]),
            dbs_workforce=Workforce.CHILD,
            activity=_any(chance, Activity, 0.2),
        )
        for _ in range(3):
            shift = make.shift(role, starts_at=NOW + timedelta(hours=chance.randint(24, 300)))
            shifts.append(shift)
            if number % 2:
                duty = make.save(
                    Duty(
                        opportunity_id=role.id,
                        name=f"Duty {shift.id}",
                        in_charge=chance.random() < 0.3,
                        needs_skills=_any(chance, Skill, 0.05),
                    )
                )
                make.save(Slot(shift_id=shift.id, duty_id=duty.id, places=3))
    people = []
    for _ in range(14):
        band = chance.choice([AgeBand.ADULT, AgeBand.ADULT, AgeBand.FROM_16, AgeBand.NOT_TOLD])
        person = make.volunteer(
            **make.position(52.77 + chance.uniform(-0.1, 0.1), -1.2),
            age_band=band,
            guardian_consent_at=chance.choice([None, NOW]),
            emergency_phone=chance.choice(["", "+447700900001"]),
            skills=_any(chance, Skill, 0.8),
            languages=_any(chance, Language, 0.8),
            free_times=chance.choice([0, 0, chance.getrandbits(21)]),
            paused_until=chance.choice([None, None, None, date(2026, 12, 9)]),
            asks_per_week=chance.choice([0, 1, 3, 5]),
        )
        people.append(person)
        make.known_to(person, group)
        if chance.random() < 0.6:
            until = chance.choice([None, date(2026, 12, 6)])
            make.save(
                TrainingRecord(
                    volunteer_id=person.id,
                    training=Training.FIRST_AID,
                    completed_on=date(2025, 1, 1),
                    valid_until=until,
                )
            )
        if chance.random() < 0.6:
            make.save(
                DbsCheck(
                    volunteer_id=person.id,
                    level=DbsLevel.ENHANCED,
                    workforce=chance.choice([Workforce.CHILD, Workforce.ADULT]),
                    issued_on=chance.choice([date(2025, 1, 1), date(2023, 12, 5)]),
                )
            )
        if chance.random() < 0.3:
            first = date(2026, 12, chance.randint(2, 12))
            last = first + timedelta(days=2)
            make.save(DatesAway(volunteer_id=person.id, first_day=first, last_day=last))
        if chance.random() < 0.5:
            elsewhere = make.shift(starts_at=NOW + timedelta(hours=chance.randint(24, 300)))
            make.signup(elsewhere, person)
    group_id = db.session.get_one(Group, group.id).id
    found = facts(group_id, FIRST, LAST)
    assert found.problem.fits
    assert sum(map(len, found.against.values()))
    for key, told in found.posts.items():
        shift = db.session.get_one(Shift, told.post.shift_id)
        demand = demand_of(shift)
        for person in people:
            row = db.session.get_one(Volunteer, person.id)
            who = person_for(row, shift, demand)
            binding = set(hindrances(who, demand)) - {
                *SETTLED_BY_MANAGER,
                Exclusion.NO_ADULT,
                Exclusion.DUTY,
            }
            if told.opening:
                binding |= set(against_duty(who, told.opening))
            others = set(why(person.id, shift.id).exclusions) - {
                *SETTLED_BY_MANAGER,
                Exclusion.NO_ADULT,
                Exclusion.DUTY,
            }
            fits = (person.id, key) in found.problem.fits
            assert fits == (not binding and not others), (binding, others)
