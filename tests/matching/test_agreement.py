"""SQL for everybody and the pure rules for one person must say the same."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group, GroupKind
from app.matching import rules
from app.matching.queries import Wish, audience, audience_select, why
from app.messaging.models import Message, State
from app.opportunities.models import Policy, Shift
from app.signups.models import RoleInvitation, Signup, Standing, Way
from app.signups.rules import Exclusion
from app.volunteers.models import (
    Channel,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    InductionStep,
    InductionTick,
    OptOut,
    TickedBy,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.vocabulary import (
    EVERY_TIME,
    Activity,
    AgeBand,
    DbsLevel,
    Language,
    Skill,
    Training,
    Workforce,
)
from tests import factories

NOW = datetime(2026, 5, 12, 16, 40, tzinfo=UTC)
PEOPLE = 120


def _groups() -> tuple[Group, Group]:
    food_bank = factories.group(kind=GroupKind.FOOD_BANK, handover_minutes=30)
    return food_bank, factories.group(kind=GroupKind.LIBRARY)


def _shifts(chance: random.Random, groups: tuple[Group, Group]) -> tuple[Shift, Shift]:
    """The shift that is asked about, and another that some are busy with."""
    role = factories.opportunity(
        groups[0],
        activity=Activity.FOOD | Activity.DRIVING,
        needs_skills=chance.choice([Skill(0), Skill.DRIVE_CAR]),
        likes_skills=chance.choice([Skill(0), Skill.COOKING | Skill.CASH]),
        needs_languages=chance.choice([Language(0), Language.URDU]),
        needs_training=chance.choice([Training(0), Training.FOOD_HYGIENE | Training.FIRST_AID]),
        minimum_age=chance.choice([0, 16, 18]),
        dbs_level=chance.choice([DbsLevel.NONE, DbsLevel.BASIC, DbsLevel.ENHANCED]),
        dbs_workforce=chance.choice([None, *Workforce]),
        policy=chance.choice(list(Policy)),
        needs_induction=chance.choice([False, True]),
    )
    starts_at = NOW + timedelta(hours=chance.randrange(1, 48))
    wanted = factories.shift(role, starts_at=starts_at, places=50)
    for rank in range(chance.choice([0, 0, 1, 2])):
        duty = factories.duty(
            role,
            rank=rank,
            in_charge=chance.random() < 0.3,
            minimum_age=chance.choice([0, 16, 18]),
            needs_skills=chance.choice([Skill(0), Skill.DRIVE_VAN, Skill.CASH | Skill.COOKING]),
            needs_languages=chance.choice([Language(0), Language.POLISH]),
            needs_training=chance.choice([Training(0), Training.FIRST_AID]),
        )
        factories.slot(wanted, duty, places=50)
    minutes = [-120, -100, -90, -89, -60, 0, 30, 60, 90, 91, 120]
    beside = starts_at + timedelta(minutes=chance.choice(minutes))
    # At the same site one shift may run a little into the other.
    other = factories.opportunity(groups[1])
    if chance.random() < 0.6:
        other = factories.opportunity(at=role.site)
    ends_at = beside + timedelta(minutes=chance.choice([20, 120, 120, 200]))
    return wanted, factories.shift(other, starts_at=beside, ends_at=ends_at, places=99)


def _half(chance: random.Random, vocabulary: type) -> int:
    """Most members, so that enough people fit for a score."""
    return vocabulary(sum(member for member in vocabulary if chance.random() < 0.9))


def _moment(chance: random.Random, days: int) -> datetime | None:
    return NOW - timedelta(days=chance.randrange(1, days)) if chance.random() < 0.7 else None


def _person(chance: random.Random, n: int, with_account: bool) -> Volunteer:
    latitude = factories.LATITUDE + chance.uniform(-0.1, 0.1)
    return Volunteer(
        **factories.position(latitude, factories.LONGITUDE + chance.uniform(-0.15, 0.15)),
        user_id=factories.user().id if with_account else None,
        name=f"Person {n}",
        phone=factories.drama_phone(n - n % 2) if chance.random() < 0.95 else None,
        phone_verified_at=NOW if chance.random() < 0.95 else None,
        sms_consent_at=NOW if chance.random() < 0.95 else None,
        travel_metres=chance.choice([5000, 16093, 16093, 32187]),
        interests=_half(chance, Activity),
        skills=_half(chance, Skill),
        languages=_half(chance, Language),
        free_times=chance.choice([0, EVERY_TIME, chance.getrandbits(21)]),
        age_band=chance.choice([AgeBand.ADULT] * 14 + [AgeBand.FROM_16] * 5 + list(AgeBand)),
        guardian_consent_at=chance.choice([None, NOW, NOW]),
        emergency_phone=chance.choice(["", "01509000000", "01509000000"]),
        asks_per_week=chance.choice([0, 1, 2, 3]),
        last_asked_at=_moment(chance, 60),
        paused_until=chance.choice([None] * 30 + [date(2026, 5, d) for d in (11, 12, 13)]),
    )


def _steps(chance: random.Random, groups: tuple[Group, Group]) -> list[InductionStep]:
    """What each group wants done, some of it before the first shift, some of it no longer."""
    return [
        InductionStep(
            group_id=group.id,
            name=f"Step {n}",
            rank=n,
            needed_first=n != 2,
            ticked_by=TickedBy.MANAGER,
            retired_at=chance.choice([None, None, NOW]),
        )
        for group in groups
        for n in range(3)
    ]


def _history(
    chance: random.Random,
    person: Volunteer,
    shifts: tuple[Shift, Shift],
    steps: list[InductionStep],
    adults_come: bool,
) -> list[object]:
    """What else stands in the tables about a person."""
    today, rows = NOW.date(), list[object]()
    of = {"volunteer_id": person.id}
    if chance.random() < 0.05 and person.phone:
        db.session.merge(
            OptOut(
                id=int(person.phone[-3:]) + 1,
                channel=Channel.SMS,
                address=person.phone,
                address_hash=person.phone,
                how="text",
            )
        )
    for training in (Training.FOOD_HYGIENE, Training.FIRST_AID):
        if chance.random() < 0.8:
            until = chance.choice([None, today + timedelta(days=chance.randrange(-3, 30))])
            rows.append(
                TrainingRecord(**of, training=training, completed_on=today, valid_until=until)
            )
    for _ in range(chance.randrange(3)):
        issued = today - timedelta(days=chance.randrange(365 * 4))
        level, workforce = chance.choice(list(DbsLevel)[1:]), chance.choice(list(Workforce))
        rows.append(DbsCheck(**of, level=level, workforce=workforce, issued_on=issued))
    if chance.random() < 0.2:
        first = today + timedelta(days=chance.randrange(-3, 4))
        rows.append(DatesAway(**of, first_day=first, last_day=first + timedelta(days=1)))
    rows += [
        GroupVolunteer(**of, group_id=group_id)
        for group_id in sorted({shift.opportunity.group_id for shift in shifts})
        if chance.random() < 0.4
    ]
    if chance.random() < 0.7:
        invited_to = {"opportunity_id": shifts[0].opportunity_id, "invited_at": NOW}
        withdrawn_at = chance.choice([None, None, None, NOW])
        rows.append(RoleInvitation(**of, **invited_to, withdrawn_at=withdrawn_at))
    rows += [InductionTick(**of, step_id=step.id) for step in steps if chance.random() < 0.9]
    for shift in shifts:
        if chance.random() < 0.2 and (adults_come or person.age_band != AgeBand.ADULT):
            standing = chance.choice([s for s in Standing if s != Standing.CANCELLED])
            rows.append(Signup(**of, shift_id=shift.id, standing=standing, way=Way.WEB))
    for n in range(chance.choice([0, 0, 1, 2, 3])):
        rows.append(
            Message(
                **of,
                channel=Channel.SMS,
                lane="urgent",
                cause=f"broadcast:{n}",
                recipient=f"volunteer:{person.id}",
                purpose="ask",
                token=f"{person.id}-{n}",
                to_address="+447700900999",
                body="Can you help?",
                state=chance.choice([State.DELIVERED, State.SENT, State.QUEUED, State.CANCELLED]),
                not_before=NOW,
                created_at=NOW - timedelta(days=chance.randrange(10)),
            )
        )
    return rows


def _wish(chance: random.Random, shift: Shift) -> Wish:
    return Wish(
        shift_ids=[shift.id],
        within_metres=chance.choice([None, None, 8000]),
        also_needs=chance.choice([Skill(0), Skill.COOKING]),
        group_kinds=chance.choice([(), (), ("library",)]),
        not_asked_days=chance.choice([0, 0, 5]),
        ignores_budget=chance.random() < 0.3,
        is_emergency=chance.random() < 0.3,
    )


@pytest.mark.parametrize("seed", range(12))
def test_sql_and_rules_agree_on_random_people(app: Flask, seed: int) -> None:
    chance = random.Random(seed)
    with clock.stopped_at(NOW):
        groups = _groups()
        shifts, steps = _shifts(chance, groups), _steps(chance, groups)
        people = [_person(chance, n, with_account=n % 3 == 0) for n in range(PEOPLE)]
        with transaction():
            db.session.add_all([*people, *steps])
            db.session.flush()
            for person in people:
                db.session.add_all(_history(chance, person, shifts, steps, seed % 2 == 0))
        wish = _wish(chance, shifts[0])
        said = {row.volunteer_id: row for row in db.session.execute(audience_select(wish))}
        assert len(said) == PEOPLE
        counted: dict[str, int] = {}
        for person in people:
            row, one = said[person.id], why(person.id, shifts[0].id, wish)
            first = one.exclusions[0] if one.exclusions else ""
            counted[row.excluded] = counted.get(row.excluded, 0) + 1
            if row.excluded == Exclusion.SAME_PHONE:
                assert first == ""
                continue
            assert row.excluded == first, one
            assert row.score == (0 if first else one.score.total), one
            assert one.metres - 1 <= row.metres <= one.metres
        found = audience(wish)
        assert found.size == counted.pop("", 0)
        assert {str(reason): n for reason, n in found.excluded.items()} == counted
        ranks = [row for row in said.values() if row.rank]
        ranks.sort(key=lambda row: row.rank)
        assert [one.volunteer_id for one in found.top(500)] == [row.volunteer_id for row in ranks]
        assert list(found.excluded) == [r for r in rules.ORDER if r in found.excluded]
