"""A shift's roster and what its manager does there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.models import Message
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups.models import Signup, Standing
from app.volunteers.vocabulary import Skill
from tests import factories as make

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def shift(app: Flask) -> Shift:
    return make.shift(places=2)


@pytest.fixture
def boss(shift: Shift, sign_in: SignIn) -> FlaskClient:
    """The browser of the group's manager."""
    return sign_in(make.manager(shift.opportunity.group))


def base(shift: Shift) -> str:
    return f"/groups/{shift.opportunity.group_id}/shifts/{shift.id}"


def act(signup: Signup, what: str) -> str:
    return f"/groups/{signup.shift.opportunity.group_id}/signups/{signup.id}/{what}"


def standing(signup_id: int) -> Standing:
    db.session.rollback()
    return db.session.get_one(Signup, signup_id).standing


def bodies() -> str:
    return " ".join(db.session.scalars(select(Message.body)))


def test_the_roster_tells_who_is_in_waits_and_left(shift: Shift, boss: FlaskClient) -> None:
    for name, how, reason in (
        ("Ina In", Standing.CONFIRMED, ""),
        ("Wanda First", Standing.WAITING, ""),
        ("Wim Second", Standing.WAITING, ""),
        ("Lee Left", Standing.WITHDRAWN, "Has the flu"),
    ):
        make.signup(shift, make.volunteer(name=name), standing=how, reason=reason)
    page = boss.get(base(shift)).text
    order = [page.index(w) for w in ("Ina In", "Wanda First", "Wim Second", "Lee Left", "the flu")]
    assert order == sorted(order)


def test_looking_at_a_roster_is_on_the_audit_trail(shift: Shift, boss: FlaskClient) -> None:
    boss.get(base(shift))
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject_id) == ("viewed roster", shift.id)


def test_a_manager_gives_a_place_past_the_queue(shift: Shift, boss: FlaskClient) -> None:
    make.signup(shift, make.volunteer(), standing=Standing.WAITING)
    second = make.signup(shift, make.volunteer(), standing=Standing.WAITING)
    boss.post(act(second, "confirm"))
    assert standing(second.id) == Standing.CONFIRMED


def test_a_full_shift_gives_no_place(shift: Shift, boss: FlaskClient) -> None:
    for _ in range(2):
        make.signup(shift, make.volunteer())
    third = make.signup(shift, make.volunteer(), standing=Standing.WAITING)
    answer = boss.post(act(third, "confirm"), follow_redirects=True)
    assert "Every place is taken" in answer.text
    assert standing(third.id) == Standing.WAITING


def test_declining_asks_first_and_tells_the_reason(shift: Shift, boss: FlaskClient) -> None:
    asked = make.signup(shift, make.volunteer(), standing=Standing.WAITING)
    assert boss.get(act(asked, "decline")).status_code == 200
    boss.post(act(asked, "decline"), data={"reason": "We are enough"})
    assert standing(asked.id) == Standing.DECLINED
    assert "We are enough" in bodies()


def test_the_groups_own_volunteers_can_be_added(shift: Shift, boss: FlaskClient) -> None:
    known, stranger = make.volunteer(name="Kim Known"), make.volunteer(name="Sue Stranger")
    make.known_to(known, shift.opportunity.group)
    page = boss.get(base(shift)).text
    assert "Kim Known" in page
    assert "Sue Stranger" not in page
    boss.post(f"{base(shift)}/add", data={"volunteer_id": known.id})
    boss.post(f"{base(shift)}/add", data={"volunteer_id": stranger.id})
    assert [s.volunteer_id for s in db.session.scalars(select(Signup))] == [known.id]


def test_who_does_not_fit_is_refused_in_words(boss: FlaskClient, shift: Shift) -> None:
    role = make.opportunity(shift.opportunity.group, needs_skills=Skill.CHAINSAW)
    sawing = make.shift(role)
    known = make.volunteer()
    make.known_to(known, role.group)
    page = boss.post(f"{base(sawing)}/add", data={"volunteer_id": known.id})
    assert "chainsaw" in page.text
    assert "There is a problem" in page.text


@pytest.mark.parametrize("volunteer_id", ["0", "", "x", "999999"])
def test_nobody_is_added_by_nonsense(boss: FlaskClient, shift: Shift, volunteer_id: str) -> None:
    make.known_to(make.volunteer(), shift.opportunity.group)
    page = boss.post(f"{base(shift)}/add", data={"volunteer_id": volunteer_id})
    assert "There is a problem" in page.text


def test_attendance_is_marked_and_undone_after_the_shift(app: Flask, sign_in: SignIn) -> None:
    over = make.shift(starts_at=clock.now() - timedelta(hours=3))
    boss = sign_in(make.manager(over.opportunity.group))
    place = make.signup(over, make.volunteer())
    for word, expected in (
        ("attended", Standing.ATTENDED),
        ("undo", Standing.CONFIRMED),
        ("no-show", Standing.NO_SHOW),
    ):
        boss.post(act(place, "mark"), data={"standing": word})
        assert standing(place.id) == expected
        assert ("Undo" in boss.get(base(over)).text) == (word != "undo")
    assert boss.post(act(place, "mark"), data={"standing": "hero"}).status_code == 400


def test_attendance_waits_for_the_shift_to_begin(shift: Shift, boss: FlaskClient) -> None:
    place = make.signup(shift, make.volunteer())
    answer = boss.post(act(place, "mark"), data={"standing": "attended"}, follow_redirects=True)
    assert "has not begun" in answer.text


def test_fewer_places_than_people_is_said_beside_the_field(shift: Shift, boss: FlaskClient) -> None:
    for _ in range(2):
        make.signup(shift, make.volunteer())
    sent = {"day": "tomorrow", "starts": "11:00", "ends": "13:00", "places": "1", "minimum": "1"}
    assert "2 people have a place already" in boss.post(f"{base(shift)}/edit", data=sent).text


def test_cancelling_needs_a_reason_and_tells_everyone(shift: Shift, boss: FlaskClient) -> None:
    place = make.signup(shift, make.volunteer())
    assert "Say why" in boss.post(f"{base(shift)}/cancel", data={"reason": " "}).text
    answer = boss.post(
        f"{base(shift)}/cancel", data={"reason": "The hall is flooded"}, follow_redirects=True
    )
    assert "1 person was told" in answer.text
    assert standing(place.id) == Standing.CANCELLED
    assert "The hall is flooded" in bodies()


def test_an_opportunity_is_cancelled_with_all_its_shifts(shift: Shift, boss: FlaskClient) -> None:
    role_id, group_id = shift.opportunity_id, shift.opportunity.group_id
    make.signup(shift, make.volunteer())
    boss.post(
        f"/groups/{group_id}/opportunities/{role_id}/cancel", data={"reason": "No van any more"}
    )
    db.session.rollback()
    assert db.session.get_one(Opportunity, role_id).stage == Stage.CANCELLED
    assert db.session.get_one(Shift, shift.id).stage == Stage.CANCELLED


def test_a_shift_that_nobody_joined_can_be_deleted(shift: Shift, boss: FlaskClient) -> None:
    boss.post(f"{base(shift)}/delete")
    assert db.session.scalars(select(Shift)).all() == []


def test_a_shift_that_somebody_left_is_kept_for_the_record(shift: Shift, boss: FlaskClient) -> None:
    make.signup(shift, make.volunteer(), standing=Standing.WITHDRAWN)
    answer = boss.post(f"{base(shift)}/delete", follow_redirects=True)
    assert "Cancel it instead" in answer.text
    assert len(db.session.scalars(select(Signup)).all()) == 1


@pytest.mark.parametrize("path", ["", "/edit", "/cancel"])
def test_another_groups_manager_finds_no_roster(shift: Shift, sign_in: SignIn, path: str) -> None:
    others = make.group()
    client = sign_in(make.manager(others))
    assert client.get(f"{base(shift)}{path}").status_code == 404
    assert client.get(f"/groups/{others.id}/shifts/{shift.id}{path}").status_code == 404


@pytest.mark.parametrize("what", ["confirm", "decline", "mark"])
def test_another_groups_manager_touches_no_sign_up(
    shift: Shift, sign_in: SignIn, what: str
) -> None:
    asked = make.signup(shift, make.volunteer(), standing=Standing.WAITING)
    others = make.group()
    client = sign_in(make.manager(others))
    for group_id in (others.id, shift.opportunity.group_id):
        answer = client.post(
            f"/groups/{group_id}/signups/{asked.id}/{what}", data={"standing": "attended"}
        )
        assert answer.status_code == 404
    assert standing(asked.id) == Standing.WAITING


def test_a_rosters_statements_do_not_grow_with_its_people(
    shift: Shift, boss: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    address, counts = base(shift), []
    for _ in range(2):
        for _ in range(3):
            make.signup(shift, make.volunteer(), standing=Standing.WAITING)
        with count_queries() as statements:
            boss.get(address)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_manager_finds_people_by_a_part_of_their_name(boss: FlaskClient, shift: Shift) -> None:
    for number in range(9):
        make.known_to(make.volunteer(name=f"Pat Able{number}"), shift.opportunity.group)
    make.known_to(make.volunteer(name="Kim 100% Known"), shift.opportunity.group)
    assert "Pat Able1" not in boss.get(base(shift)).text  # too many to list unasked
    page = boss.get(f"{base(shift)}?who=known kim").text
    assert "Kim 100% Known" in page
    assert "Pat Able1" not in page
    assert "Nobody on your list" in boss.get(f"{base(shift)}?who=_").text


def test_phones_of_the_groups_own_people_show_around_the_time_only(
    boss: FlaskClient, shift: Shift
) -> None:
    group = shift.opportunity.group
    soon = make.shift(shift.opportunity, starts_at=clock.now() + timedelta(hours=30))
    later = make.shift(shift.opportunity, starts_at=clock.now() + timedelta(days=9))
    known = make.volunteer(phone="+447700900111")
    left = make.volunteer(phone="+447700900222")
    make.known_to(known, group)
    for one in (soon, later):
        make.signup(one, known)
        make.signup(one, left)
    assert "tel:+447700900111" in boss.get(base(soon)).text
    assert "900222" not in boss.get(base(soon)).text
    assert "tel:" not in boss.get(base(later)).text
