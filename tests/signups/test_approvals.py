"""Where a manager says yes first: the clock, what happens without an answer, and what is a yes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.models import Message
from app.opportunities import service as opportunities
from app.opportunities.models import Opportunity, Policy, Shift, Slot, Stage
from app.opportunities.policies import Approves, Unanswered, check_policy
from app.signups import answering, service, sweeping
from app.signups.approval_rules import (
    History,
    Verdict,
    approving_rule,
    clock_for,
    when_time_is_up,
)
from app.signups.models import Signup, SignupEvent, Standing, Way
from app.volunteers.models import Channel, DbsCheck, TrainingRecord, Volunteer
from app.volunteers.vocabulary import DbsLevel, Skill, Training, Workforce
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOON):
        yield


def careful(**said: Any) -> Opportunity:
    """A role where a manager says yes first."""
    return make.opportunity(policy=Policy.APPROVAL, **said)


def shift_in(days: float, role: Opportunity | None = None, **said: Any) -> Shift:
    return make.shift(role or careful(), starts_at=NOON + timedelta(days=days), **said)


def apply(shift: Shift, person: Volunteer | None = None) -> Signup:
    person = person or make.volunteer()
    return service.claim(shift.id, person.id, way=Way.WEB)


def fresh(signup: Signup) -> Signup:
    db.session.rollback()
    return db.session.get_one(Signup, signup.id, populate_existing=True)


def sweep_at(moment: datetime) -> None:
    with clock.stopped_at(moment):
        sweeping.sweep()


def letters(purpose: str) -> list[Message]:
    rows = select(Message).where(Message.purpose == purpose).order_by(Message.id)
    return list(db.session.scalars(rows))


# How long it takes.


def test_an_answer_is_due_within_the_days_of_the_role() -> None:
    times = clock_for(NOON, NOON + timedelta(days=30), 3)
    assert times.due_at == NOON + timedelta(days=3)
    assert times.remind_at == NOON + timedelta(hours=36)


def test_near_the_shift_an_answer_is_due_half_way_to_it() -> None:
    assert clock_for(NOON, NOON + timedelta(hours=10), 3).due_at == NOON + timedelta(hours=5)


@given(st.timedeltas(timedelta(0), timedelta(days=200)), st.integers(1, 14))
def test_no_answer_is_due_later_than_promised_or_after_the_shift(
    ahead: timedelta, days: int
) -> None:
    times = clock_for(NOON, NOON + ahead, days)
    assert NOON <= times.remind_at <= times.due_at <= NOON + min(ahead, timedelta(days=days))


def test_whoever_asks_is_told_until_when_they_hear() -> None:
    signup = apply(shift_in(30))
    assert signup.standing == Standing.WAITING
    assert signup.answer_due_at == NOON + timedelta(days=3)
    assert "tell you by Friday 6 March at noon" in letters("standing")[0].body


def test_in_the_queue_of_a_full_shift_no_clock_runs_until_a_place_comes_free() -> None:
    shift = shift_in(30, places=1)
    holder = make.signup(shift, make.volunteer())
    asked = apply(shift)
    assert asked.answer_due_at is None
    with clock.stopped_at(NOON + timedelta(days=9)):
        service.withdraw(shift.id, holder.volunteer_id, way=Way.WEB)
    assert fresh(asked).standing == Standing.WAITING
    assert fresh(asked).answer_due_at == NOON + timedelta(days=12)


def test_an_application_from_before_there_were_clocks_gets_one() -> None:
    old = make.signup(shift_in(30), make.volunteer(), standing=Standing.WAITING)
    sweeping.sweep()
    assert fresh(old).answer_due_at == NOON + timedelta(days=3)


def _of_two_duties(**said: Any) -> tuple[Shift, Slot, Slot]:
    """A careful shift with one driver, who has come already, and one sorter, who is missing."""
    role = careful(**said)
    shift = shift_in(30, role, places=2)
    drive = make.slot(shift, make.duty(role, name="Driver", needs_skills=Skill.DRIVE_VAN))
    sort = make.slot(shift, make.duty(role, name="Sorter", needs_skills=Skill.MANUAL_HANDLING))
    make.signup(shift, make.volunteer(), slot_id=drive.id)
    return shift, drive, sort


@pytest.mark.parametrize("chooses", [True, False])
def test_no_clock_runs_for_a_duty_that_is_full_though_another_has_room(chooses: bool) -> None:
    shift, drive, _ = _of_two_duties()
    driver = make.volunteer(
        skills=Skill.DRIVE_VAN | (Skill.MANUAL_HANDLING if chooses else Skill(0))
    )
    asked = service.claim(shift.id, driver.id, way=Way.WEB, slot_id=drive.id if chooses else None)
    told = len(letters("standing"))
    for day in (0, 4, 8):
        sweep_at(NOON + timedelta(days=day))
        assert fresh(asked).answer_due_at is None
    assert fresh(asked).standing == Standing.WAITING
    assert len(letters("standing")) == told


def test_who_is_queued_because_their_duty_filled_is_told_once() -> None:
    role = careful()
    shift = shift_in(30, role, places=2)
    make.slot(shift, make.duty(role, name="Cook", needs_skills=Skill.COOKING))
    sort = make.slot(shift, make.duty(role, name="Sorter"))
    asked = apply(shift)
    assert asked.answer_due_at is not None
    make.signup(shift, make.volunteer(), slot_id=sort.id)
    for minute in range(3):
        sweep_at(NOON + timedelta(days=3, minutes=minute))
    assert fresh(asked).standing == Standing.WAITING
    assert fresh(asked).answer_due_at is None
    told = [one.body for one in letters("standing") if one.channel == Channel.EMAIL]
    assert sum("on the waiting list" in body for body in told) == 1


def test_the_clock_begins_when_their_own_duty_has_a_place() -> None:
    shift, drive, _ = _of_two_duties()
    asked = apply(shift, make.volunteer(skills=Skill.DRIVE_VAN))
    holder = db.session.scalar(select(Signup).where(Signup.slot_id == drive.id))
    assert holder is not None
    service.withdraw(shift.id, holder.volunteer_id, way=Way.WEB)
    assert fresh(asked).answer_due_at == NOON + timedelta(days=3)


def test_whom_something_speaks_against_is_due_a_no() -> None:
    person = make.volunteer()
    old = make.signup(shift_in(30), person, standing=Standing.WAITING)
    service.claim(make.shift(starts_at=old.shift.starts_at).id, person.id, way=Way.WEB)
    sweeping.sweep()
    assert fresh(old).answer_due_at == NOON + timedelta(days=3)


# What happens without an answer.


@pytest.mark.parametrize(
    ("unanswered", "case", "verdict"),
    [
        (Unanswered.GIVE, {}, Verdict.GIVE),
        (Unanswered.DECLINE, {}, Verdict.DECLINE),
        (Unanswered.GIVE, {"fits": False}, Verdict.DECLINE),
        (Unanswered.GIVE, {"is_open": False}, Verdict.DECLINE),
        (Unanswered.GIVE, {"has_room": False}, Verdict.QUEUE),
        (Unanswered.DECLINE, {"has_room": False}, Verdict.QUEUE),
    ],
)
def test_what_the_role_says_when_time_is_up(
    unanswered: Unanswered, case: dict[str, bool], verdict: Verdict
) -> None:
    usual = {"is_open": True, "fits": True, "has_room": True}
    assert when_time_is_up(unanswered, **(usual | case)) == verdict


def test_a_role_can_give_the_place_when_nobody_answers() -> None:
    signup = apply(shift_in(30, careful(unanswered=Unanswered.GIVE)))
    sweep_at(NOON + timedelta(days=3) - timedelta(seconds=1))
    assert fresh(signup).standing == Standing.WAITING
    sweep_at(NOON + timedelta(days=3))
    assert fresh(signup).standing == Standing.CONFIRMED
    assert fresh(signup).answer_due_at is None
    event = db.session.scalars(select(SignupEvent).order_by(SignupEvent.id.desc())).first()
    assert event is not None
    assert (event.before, event.after, event.way) == (
        Standing.WAITING,
        Standing.CONFIRMED,
        Way.RULE,
    )
    assert "Nobody could answer in time" in event.reason
    assert "yes, the place is yours" in letters("standing")[-1].body


def test_else_people_are_declined_kindly_and_shown_what_is_near() -> None:
    make.shift(make.opportunity(title="Tin sorter"), starts_at=NOON + timedelta(days=5))
    make.shift(
        make.opportunity(title="Tree feller", needs_skills=Skill.CHAINSAW),
        starts_at=NOON + timedelta(days=5),
    )
    signup = apply(shift_in(30))
    sweep_at(NOON + timedelta(days=3))
    assert fresh(signup).standing == Standing.DECLINED
    assert fresh(signup).reason == "Nobody could answer in time"
    mail = letters("standing")[-2 if letters("standing")[-1].channel == Channel.SMS else -1]
    assert "Other people near you would be glad of your help" in mail.body
    assert "Tin sorter" in mail.body
    assert "Tree feller" not in mail.body


def test_who_does_not_fit_any_more_is_not_given_the_place() -> None:
    person = make.volunteer()
    shift = shift_in(30, careful(unanswered=Unanswered.GIVE))
    signup = apply(shift, person)
    service.claim(make.shift(starts_at=shift.starts_at).id, person.id, way=Way.WEB)
    sweep_at(NOON + timedelta(days=3))
    assert fresh(signup).standing == Standing.DECLINED


def test_when_the_place_has_gone_meanwhile_they_wait_in_the_queue() -> None:
    shift = shift_in(30, careful(unanswered=Unanswered.GIVE), places=1)
    signup = apply(shift)
    make.signup(shift, make.volunteer())
    sweep_at(NOON + timedelta(days=3))
    assert fresh(signup).standing == Standing.WAITING
    assert fresh(signup).answer_due_at is None
    assert "on the waiting list" in letters("standing")[-1].body


def test_nothing_is_answered_twice() -> None:
    signup = apply(shift_in(30))
    with clock.stopped_at(NOON + timedelta(days=3)):
        assert answering.answer(signup.id) == Verdict.DECLINE
        assert answering.answer(signup.id) is None


def test_a_role_that_asks_nobody_any_more_offers_the_place() -> None:
    role = careful()
    signup = apply(shift_in(30, role))
    with transaction():
        db.session.get_one(Opportunity, role.id).policy = Policy.OPEN
    sweep_at(NOON + timedelta(days=3))
    assert fresh(signup).standing == Standing.OFFERED


def test_what_was_answered_in_time_is_left_alone() -> None:
    role = careful(unanswered=Unanswered.GIVE)
    boss = make.manager(role.group)
    no, yes = apply(shift_in(30, role)), apply(shift_in(31, role))
    service.decline(no.id, boss.id)
    service.confirm(yes.id, boss.id)
    before = len(letters("standing"))
    sweep_at(NOON + timedelta(days=9))
    assert fresh(no).standing == Standing.DECLINED
    assert fresh(yes).standing == Standing.CONFIRMED
    assert len(letters("standing")) == before


def test_one_that_fails_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = apply(shift_in(30)), apply(shift_in(31))
    answer = answering.answer

    def broken(signup_id: int) -> Verdict | None:
        if signup_id == first.id:
            raise RuntimeError("broken")
        return answer(signup_id)

    monkeypatch.setattr(answering, "answer", broken)
    with pytest.raises(ExceptionGroup):
        sweep_at(NOON + timedelta(days=3))
    assert fresh(second).standing == Standing.DECLINED


# The managers.


def test_managers_are_reminded_once_half_way() -> None:
    role = careful(title="Key holder")
    bosses = [make.manager(role.group), make.manager(role.group, email_verified_at=None)]
    make.manager(make.group())
    shift = shift_in(30, role)
    for _ in range(2):
        apply(shift)
    sweep_at(NOON + timedelta(hours=35))
    assert letters("for-managers") == []
    sweep_at(NOON + timedelta(hours=36))
    sweep_at(NOON + timedelta(hours=37))
    told = letters("for-managers")
    assert [one.to_address for one in told] == [bosses[0].email]
    assert told[0].subject == "2 people wait for your answer"
    assert "Key holder" in told[0].body
    assert "2 people ask. Please answer by Friday 6 March at noon" in told[0].body
    assert f"/groups/{role.group_id}/applications" in told[0].body


# What is a yes by itself.


@pytest.mark.parametrize(
    ("history", "rule"),
    [
        ({"last_answer": True}, Approves.BEFORE),
        ({"shifts_attended": 3}, Approves.REGULAR),
        ({"shifts_attended": 2}, None),
        ({"is_trained": True}, Approves.TRAINED),
        ({"is_checked": True}, Approves.CHECKED),
        ({"was_listed": True}, Approves.LISTED),
        ({"was_listed": True, "last_answer": False}, None),
        ({}, None),
    ],
)
def test_each_rule_speaks_for_its_own_reason(
    history: dict[str, Any], rule: Approves | None
) -> None:
    every = Approves(sum(Approves))
    assert approving_rule(every, History(**history), 3) == rule
    others = every & ~rule if rule else every
    assert approving_rule(others, History(**history), 3) is None


def reasons_of(signup: Signup) -> list[tuple[Way, str]]:
    rows = select(SignupEvent.way, SignupEvent.reason).where(SignupEvent.signup_id == signup.id)
    return [(way, reason) for way, reason in db.session.execute(rows.order_by(SignupEvent.id))]


def test_who_was_approved_before_is_approved_again_and_told_why() -> None:
    role, person = careful(approves=Approves.BEFORE), make.volunteer()
    first = apply(shift_in(10, role), person)
    assert first.standing == Standing.WAITING
    service.confirm(first.id, make.manager(role.group).id)
    again = apply(shift_in(11, role), person)
    assert again.standing == Standing.CONFIRMED
    assert reasons_of(again)[-1] == (
        Way.RULE,
        "The group has said yes to you for this role before.",
    )
    assert any("said yes to you" in one.body for one in letters("standing"))


def test_a_yes_for_one_role_is_none_for_another() -> None:
    role, person = careful(), make.volunteer()
    service.confirm(apply(shift_in(10, role), person).id, make.manager(role.group).id)
    other = make.opportunity(role.group, policy=Policy.APPROVAL, approves=Approves.BEFORE)
    assert apply(shift_in(12, other), person).standing == Standing.WAITING


def test_no_rule_speaks_over_a_managers_last_no() -> None:
    role = careful(approves=Approves.BEFORE | Approves.LISTED)
    person, boss = make.volunteer(), make.manager(role.group)
    make.known_to(person, role.group)
    service.confirm(apply(shift_in(10, role)).id, boss.id)
    signup = apply(shift_in(11, role), person)
    service.decline(signup.id, boss.id)
    assert apply(shift_in(12, role), person).standing == Standing.WAITING


def test_who_came_often_enough_is_approved() -> None:
    role, person = careful(approves=Approves.REGULAR, approves_after=2), make.volunteer()
    for ago in (10, 20):
        past = make.shift(make.opportunity(role.group), starts_at=NOON - timedelta(days=ago))
        make.signup(past, person, standing=Standing.ATTENDED)
    elsewhere = make.shift(starts_at=NOON - timedelta(days=5))
    regular = apply(shift_in(10, role), person)
    assert regular.standing == Standing.CONFIRMED
    assert reasons_of(regular)[-1][1] == "You have come to this group’s shifts before."
    stranger = make.volunteer()
    make.signup(elsewhere, stranger, standing=Standing.ATTENDED)
    assert apply(shift_in(11, role), stranger).standing == Standing.WAITING


@pytest.mark.parametrize(("until", "standing"), [
    (None, Standing.CONFIRMED),
    (date(2026, 3, 13), Standing.CONFIRMED),
    (date(2026, 3, 12), Standing.WAITING),
])  # fmt: skip
def test_who_holds_the_training_on_the_day_is_approved(
    until: date | None, standing: Standing
) -> None:
    role = careful(approves=Approves.TRAINED, approves_training=Training.FOOD_HYGIENE)
    person = make.volunteer()
    make.save(
        TrainingRecord(
            volunteer_id=person.id,
            training=Training.FOOD_HYGIENE,
            completed_on=date(2025, 1, 1),
            valid_until=until,
        )
    )
    assert apply(shift_in(10, role), person).standing == standing


def test_a_check_that_this_group_has_seen_is_enough_and_anothers_is_not() -> None:
    role = careful(
        approves=Approves.CHECKED, dbs_level=DbsLevel.ENHANCED, dbs_workforce=Workforce.ADULT
    )
    for seen_by, standing in (
        (role.group_id, Standing.CONFIRMED),
        (make.group().id, Standing.WAITING),
    ):
        person = make.volunteer()
        make.save(
            DbsCheck(
                volunteer_id=person.id,
                level=DbsLevel.ENHANCED,
                workforce=Workforce.ADULT,
                issued_on=date(2025, 6, 1),
                group_id=seen_by,
            )
        )
        assert apply(shift_in(10, role), person).standing == standing


def test_whom_a_manager_put_on_the_list_is_approved_and_who_only_signed_up_is_not() -> None:
    role = careful(approves=Approves.LISTED)
    listed, signed_up = make.volunteer(), make.volunteer()
    make.known_to(listed, role.group)
    service.claim(make.shift(make.opportunity(role.group)).id, signed_up.id, way=Way.WEB)
    assert apply(shift_in(10, role), listed).standing == Standing.CONFIRMED
    assert apply(shift_in(10, role), signed_up).standing == Standing.WAITING


def test_when_a_place_comes_free_it_goes_to_who_needs_no_look() -> None:
    role = careful(approves=Approves.LISTED)
    shift = shift_in(10, role, places=1)
    holder = make.signup(shift, make.volunteer())
    first = apply(shift)
    listed = make.volunteer()
    make.known_to(listed, role.group)
    second = apply(shift, listed)
    service.withdraw(shift.id, holder.volunteer_id, way=Way.WEB)
    assert fresh(second).standing == Standing.CONFIRMED
    assert fresh(first).standing == Standing.WAITING


@pytest.mark.parametrize(("said", "field"), [
    ({"answer_days": 0}, "answer_days"),
    ({"answer_days": 15}, "answer_days"),
    ({"after": 0}, "approves_after"),
    ({"approves": Approves.TRAINED}, "approves_training"),
    ({"approves": Approves.CHECKED}, "approves"),
])  # fmt: skip
def test_rules_that_could_never_say_yes_are_refused(said: dict[str, Any], field: str) -> None:
    usual: dict[str, Any] = {
        "answer_days": 3,
        "approves": Approves(0),
        "after": 3,
        "training": Training(0),
        "dbs_level": DbsLevel.NONE,
    }
    check_policy(**usual)
    with pytest.raises(Refusal) as refused:
        check_policy(**(usual | said))
    assert refused.value.field == field


# The screens.


def test_a_manager_sets_the_policy_and_nothing_typed_is_lost(app: Flask, sign_in: SignIn) -> None:
    role = make.opportunity()
    boss = sign_in(make.manager(role.group))
    path = f"/groups/{role.group_id}/opportunities/{role.id}/edit"
    data = {
        "title": role.title,
        "summary": role.summary,
        "site_id": role.site_id,
        "minimum_age": 18,
        "policy": "approval",
        "answer_days": "20",
        "unanswered": "give",
        "approves": ["1", "2"],
        "approves_after": "5",
        "dbs_level": "none",
        "dbs_ground": "",
        "dbs_workforce": "",
    }
    page = boss.post(path, data=data).text
    assert "Give a number of days from 1 to 14" in page
    assert 'value="20"' in page
    boss.post(path, data=data | {"answer_days": "5"})
    db.session.rollback()
    kept = db.session.get_one(Opportunity, role.id)
    assert (kept.policy, kept.answer_days, kept.unanswered, kept.approves_after) == (
        Policy.APPROVAL,
        5,
        Unanswered.GIVE,
        5,
    )
    assert kept.approves == Approves.BEFORE | Approves.REGULAR
    page = boss.get(path).text
    assert 'value="5"' in page


def test_a_form_that_says_nothing_of_it_keeps_the_usual() -> None:
    site = make.site()
    role = opportunities.create(site.group_id, {"title": "Driver", "site_id": site.id})
    assert (role.answer_days, role.approves, role.approves_after) == (3, Approves(0), 3)


def test_the_page_shows_the_oldest_first_with_its_clock_and_what_speaks(
    app: Flask, sign_in: SignIn
) -> None:
    role = careful(title="Key holder", needs_skills=Skill.CASH)
    boss = make.manager(role.group)
    old = make.volunteer(name="Olga Old", skills=Skill.CASH)
    new = make.volunteer(name="Nils New", skills=Skill.CASH, travel_metres=10)
    with clock.stopped_at(NOON - timedelta(hours=30)):
        apply(shift_in(30, role), old)
    apply(shift_in(20, role), new)
    service.claim(make.shift(starts_at=NOON + timedelta(days=20)).id, new.id, way=Way.WEB)
    past = make.shift(make.opportunity(role.group), starts_at=NOON - timedelta(days=9))
    make.signup(past, old, standing=Standing.ATTENDED)
    page = sign_in(boss).get(f"/groups/{role.group_id}/applications").text
    assert page.index("Olga Old") < page.index("Nils New")
    assert "2 people ask for a place" in page
    assert "Answer by Thursday 5 March at 6am" in page
    assert "Has come to your shifts once" in page
    assert "Has a place somewhere else at that time" in page
    assert "New to your group" in page


def test_a_manager_answers_from_the_page_and_comes_back_to_it(app: Flask, sign_in: SignIn) -> None:
    role = careful()
    boss = sign_in(make.manager(role.group))
    yes, no = apply(shift_in(30, role)), apply(shift_in(31, role))
    path = f"/groups/{role.group_id}"
    for answer in (
        boss.post(f"{path}/signups/{yes.id}/confirm", data={"next": "applications"}),
        boss.post(f"{path}/signups/{no.id}/decline?next=applications", data={"reason": ""}),
    ):
        assert answer.location.endswith(f"{path}/applications")
    assert fresh(yes).standing == Standing.CONFIRMED
    assert fresh(no).standing == Standing.DECLINED
    assert "Nobody waits" in boss.get(f"{path}/applications").text


def test_the_applications_of_another_group_are_not_shown(app: Flask, sign_in: SignIn) -> None:
    apply(shift_in(30), make.volunteer(name="Else Elsewhere"))
    group = make.group()
    page = sign_in(make.manager(group)).get(f"/groups/{group.id}/applications").text
    assert "Else Elsewhere" not in page


def test_a_page_of_applications_takes_no_more_than_its_share_of_statements(
    app: Flask, sign_in: SignIn, count_queries: Callable[[], Any]
) -> None:
    role = careful()
    boss = sign_in(make.manager(role.group))
    path = f"/groups/{role.group_id}/applications"
    shift_id, counts = shift_in(30, role, places=60).id, []
    for _ in range(2):
        for _ in range(15):
            service.claim(shift_id, make.volunteer().id, way=Way.WEB)
        db.session.expunge_all()
        with count_queries() as statements:
            assert boss.get(path).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 16


def test_the_volunteer_sees_the_clock_and_later_which_rule_it_was(
    app: Flask, sign_in: SignIn
) -> None:
    user = make.user()
    me = make.volunteer(user_id=user.id)
    client = sign_in(user)
    role = careful(unanswered=Unanswered.GIVE, approves=Approves.BEFORE)
    first, second = shift_in(30, role), shift_in(31, role)
    signup = apply(first, me)
    page = client.get(f"/shifts/{first.id}/place").text
    assert "You have asked for a place" in page
    assert "The group answers" in page
    assert "By Friday 6 March at noon" in page
    assert "If nobody answers in time, the place is yours" in page
    service.confirm(signup.id, make.manager(role.group).id)
    apply(second, me)
    assert "has said yes to you" in client.get(f"/shifts/{second.id}/place").text
    assert "has said yes to you" not in client.get(f"/shifts/{first.id}/place").text


def test_a_closed_roles_applications_end_kindly() -> None:
    role = careful(unanswered=Unanswered.GIVE)
    signup = apply(shift_in(30, role))
    with transaction():
        db.session.get_one(Opportunity, role.id).stage = Stage.CLOSED
    sweep_at(NOON + timedelta(days=3))
    assert fresh(signup).standing == Standing.DECLINED
