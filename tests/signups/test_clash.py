"""Two places at the same time: what is a clash, what is a handover, and what a manager allows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.models import Group
from app.matching.queries import roles_for
from app.opportunities.models import Opportunity, Shift
from app.signups import service
from app.signups.models import Signup, SignupEvent, Standing, Way
from app.signups.placing import Clash
from app.signups.rules import is_handover, overlaps
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import Skill
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
START = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def span(begin: int, end: int) -> tuple[datetime, datetime]:
    """Two moments, in minutes from noon."""
    return START + timedelta(minutes=begin), START + timedelta(minutes=end)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "expected"),
    [
        (span(0, 120), span(110, 240), 15, True),
        (span(110, 240), span(0, 120), 15, True),
        (span(0, 120), span(100, 240), 15, False),
        (span(0, 120), span(105, 240), 15, True),  # the tolerance itself is allowed
        (span(0, 120), span(10, 20), 15, False),  # within the other: they cannot be at both
        (span(0, 120), span(0, 10), 15, False),
        (span(0, 120), span(110, 120), 15, False),
        (span(0, 120), span(0, 120), 60, False),
    ],
)
def test_a_handover_is_one_shift_running_a_little_into_the_next(
    one: tuple[datetime, datetime],
    other: tuple[datetime, datetime],
    tolerance: int,
    expected: bool,
) -> None:
    assert is_handover(one, other, minutes(tolerance)) is expected


@given(st.lists(st.integers(0, 300), min_size=4, max_size=4, unique=True), st.integers(0, 60))
def test_without_a_tolerance_what_overlaps_is_never_a_handover(
    numbers: list[int], tolerance: int
) -> None:
    one, other = span(*sorted(numbers[:2])), span(*sorted(numbers[2:]))
    assert is_handover(one, other, minutes(tolerance)) == is_handover(
        other, one, minutes(tolerance)
    )
    if overlaps(one, other):
        assert not is_handover(one, other, timedelta(0))


@pytest.fixture
def desk(app: Flask) -> Opportunity:
    """A role of a group whose people may overlap by 15 minutes."""
    return make.opportunity(make.group(handover_minutes=15), title="Desk")


def at(role: Opportunity, begin: int, length: int = 120) -> Shift:
    """A shift that begins so many minutes after a moment two days ahead."""
    starts_at = clock.now() + timedelta(days=2, minutes=begin)
    return make.shift(role, starts_at=starts_at, ends_at=starts_at + minutes(length))


def claim(shift: Shift, person: Volunteer) -> Signup:
    return service.claim(shift.id, person.id, way=Way.WEB)


def test_one_person_may_hand_over_to_themselves_at_the_same_site(desk: Opportunity) -> None:
    person = make.volunteer()
    claim(at(desk, 0), person)
    assert claim(at(desk, 110), person).standing == Standing.CONFIRMED


def test_more_than_the_tolerance_is_a_clash(desk: Opportunity) -> None:
    person = make.volunteer()
    claim(at(desk, 0), person)
    with pytest.raises(Clash, match="already have a place"):
        claim(at(desk, 100), person)


def test_at_another_site_even_a_minute_is_a_clash(desk: Opportunity) -> None:
    person = make.volunteer()
    other_site = make.opportunity(at=make.site(db.session.get_one(Group, desk.group_id)))
    claim(at(desk, 0), person)
    with pytest.raises(Clash):
        claim(at(other_site, 119), person)


def test_a_group_that_says_nothing_has_no_tolerance(app: Flask) -> None:
    role, person = make.opportunity(), make.volunteer()
    claim(at(role, 0), person)
    with pytest.raises(Clash):
        claim(at(role, 119), person)


def test_who_waits_and_would_only_hand_over_gets_the_place(desk: Opportunity) -> None:
    late, person = at(desk, 110), make.volunteer()
    holder = make.signup(late, make.volunteer())
    for _ in range(2):
        make.signup(late, make.volunteer())
    waits = claim(late, person)
    claim(at(desk, 0), person)
    service.withdraw(late.id, holder.volunteer_id, way=Way.WEB)
    db.session.rollback()
    assert db.session.get_one(Signup, waits.id).standing == Standing.CONFIRMED


def test_roles_that_one_could_hand_over_to_are_offered(desk: Opportunity) -> None:
    person = make.volunteer()
    claim(at(desk, 0), person)
    other = make.opportunity(at=desk.site, title="Shelving")
    at(other, 110)
    far = make.opportunity(title="Elsewhere")
    at(far, 110)
    assert [role.shift.opportunity.title for role in roles_for(person)] == ["Shelving"]


# What a manager allows.


@pytest.fixture
def boss(desk: Opportunity, sign_in: SignIn) -> FlaskClient:
    return sign_in(make.manager(desk.group))


def busy_person(desk: Opportunity, name: str = "Bea Busy") -> tuple[Volunteer, Shift]:
    """Somebody on the group's list who has a place at the time of the shift."""
    person, wanted = make.volunteer(name=name), at(desk, 0)
    make.known_to(person, desk.group)
    claim(at(make.opportunity(title="Secret elsewhere"), 30), person)
    return person, wanted


def test_a_manager_is_asked_why_and_the_reason_is_kept_and_shown(
    desk: Opportunity, boss: FlaskClient
) -> None:
    person, wanted = busy_person(desk)
    path = f"/groups/{desk.group_id}/shifts/{wanted.id}"
    answer = boss.post(f"{path}/add", data={"volunteer_id": person.id})
    assert answer.location == f"{path}/overlap/{person.id}"
    page = boss.get(answer.location).text
    assert "Bea Busy has a place on another shift then" in page
    assert "Secret elsewhere" not in page  # another group's business
    assert "Say why it is all right" in boss.post(answer.location, data={"reason": " "}).text
    boss.post(answer.location, data={"reason": "Looks in from next door"})
    signup = db.session.scalars(select(Signup).where(Signup.shift_id == wanted.id)).one()
    assert (signup.standing, signup.clash_allowed) == (
        Standing.CONFIRMED,
        "Looks in from next door",
    )
    event = db.session.scalars(select(SignupEvent).where(SignupEvent.signup_id == signup.id)).one()
    assert "allowed: Looks in from next door" in event.reason
    assert event.by_user_id is not None
    actions = set(db.session.scalars(select(AuditEvent.action)))
    assert "allowed two places at the same time" in actions
    assert "Allowed: Looks in from next door" in boss.get(path).text


def test_a_manager_can_allow_it_for_somebody_who_waits(
    desk: Opportunity, boss: FlaskClient
) -> None:
    person, wanted = busy_person(desk)
    waits = make.signup(wanted, person, standing=Standing.WAITING)
    answer = boss.post(f"/groups/{desk.group_id}/signups/{waits.id}/confirm")
    assert answer.location.endswith(f"/overlap/{person.id}")
    boss.post(answer.location, data={"reason": "Agreed with both"})
    db.session.rollback()
    kept = db.session.get_one(Signup, waits.id)
    assert (kept.standing, kept.clash_allowed) == (Standing.CONFIRMED, "Agreed with both")


def test_what_a_manager_allowed_counts_when_a_place_comes_free(desk: Opportunity) -> None:
    person, wanted = busy_person(desk)
    holders = [make.signup(wanted, make.volunteer()) for _ in range(3)]
    waits = service.claim(
        wanted.id, person.id, way=Way.MANAGER, by_user_id=None, clash_allowed="Agreed"
    )
    assert waits.standing == Standing.WAITING
    service.withdraw(wanted.id, holders[0].volunteer_id, way=Way.WEB)
    db.session.rollback()
    assert db.session.get_one(Signup, waits.id).standing == Standing.CONFIRMED


def test_nothing_else_is_set_aside_by_it(desk: Opportunity) -> None:
    person = make.volunteer()
    sawing = at(make.opportunity(at=desk.site, needs_skills=Skill.CHAINSAW), 0)
    claim(at(make.opportunity(), 0), person)
    with pytest.raises(Refusal, match="chainsaw") as refused:
        service.claim(sawing.id, person.id, way=Way.MANAGER, clash_allowed="Agreed")
    assert not isinstance(refused.value, Clash)


def test_without_a_clash_no_reason_is_kept(desk: Opportunity) -> None:
    signup = service.claim(
        at(desk, 0).id, make.volunteer().id, way=Way.MANAGER, clash_allowed="Agreed"
    )
    assert signup.clash_allowed == ""
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 0


def test_a_stranger_is_not_shown_on_the_page(desk: Opportunity, boss: FlaskClient) -> None:
    stranger, wanted = make.volunteer(), at(desk, 0)
    path = f"/groups/{desk.group_id}/shifts/{wanted.id}/overlap/{stranger.id}"
    assert boss.get(path).status_code == 404


def test_a_manager_sets_the_handover_and_when_it_is_late(
    desk: Opportunity, boss: FlaskClient
) -> None:
    path = f"/groups/{desk.group_id}/details"
    data = {"name": "The library", "kind": "library", "recheck_months": 36}
    page = boss.post(path, data=data | {"handover_minutes": "90", "late_hours": "12"}).text
    assert "Enter a number of minutes from 0 to 60" in page
    assert 'value="90"' in page
    boss.post(path, data=data | {"handover_minutes": "30", "late_hours": "12"})
    db.session.rollback()
    group = db.session.get_one(Group, desk.group_id)
    assert (group.handover_minutes, group.late_hours) == (30, 12)
    boss.post(path, data=data | {"handover_minutes": "0", "swaps_need_yes": "True"})
    db.session.rollback()
    group = db.session.get_one(Group, desk.group_id)
    assert (group.handover_minutes, group.swaps_need_yes) == (0, True)


# At the same moment.


@pytest.mark.parametrize(("apart", "expected"), [(100, 1), (110, 2)])
def test_one_person_at_two_doors_at_once_gets_what_the_rule_allows(
    app: Flask, desk: Opportunity, apart: int, expected: int
) -> None:
    person = make.volunteer().id
    shifts = [at(desk, 0).id, at(desk, apart).id]
    db.session.remove()
    barrier, outcomes = threading.Barrier(2), []

    def take(shift_id: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                service.claim(shift_id, person, way=Way.WEB)
                outcomes.append("place")
            except Refusal:
                outcomes.append("refused")
            except BaseException as fault:
                outcomes.append(repr(fault))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=take, args=(one,)) for one in shifts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["place"] * expected + ["refused"] * (2 - expected)
    held = select(func.count()).where(Signup.standing == Standing.CONFIRMED)
    assert db.session.scalar(held) == expected
