"""The board of the day: what a manager sees, and what one tap does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.hours.models import Attendance
from app.opportunities.models import Duty, Shift, Slot
from app.reminders.models import Outcome, Reminder
from app.signups.models import Signup, Standing
from app.today import service
from app.today.models import Knock
from app.volunteers.vocabulary import Lead
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
START = datetime(2026, 6, 13, 9, tzinfo=UTC)  # ten in London


@pytest.fixture
def now(app: Flask) -> Iterator[None]:
    """Twenty minutes after the start."""
    with clock.stopped_at(START + timedelta(minutes=20)):
        yield


@pytest.fixture
def shift(now: None) -> Shift:
    return make.shift(starts_at=START, ends_at=START + timedelta(hours=3), minimum=2)


@pytest.fixture
def boss(shift: Shift, sign_in: SignIn) -> FlaskClient:
    return sign_in(make.manager(shift.opportunity.group))


def path(shift: Shift, more: str = "") -> str:
    return f"/groups/{shift.opportunity.group_id}/today/{shift.site_id}{more}"


def tap(shift: Shift, what: str) -> str:
    return f"/groups/{shift.opportunity.group_id}/{what}"


def standing(signup_id: int) -> Standing:
    db.session.rollback()
    return db.session.get_one(Signup, signup_id).standing


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_board_tells_who_is_here_late_and_missing(shift: Shift, boss: FlaskClient) -> None:
    for name, how in (
        ("Ada There", Standing.ATTENDED),
        ("Ben Late", Standing.CONFIRMED),
        ("Cat Missing", Standing.NO_SHOW),
        ("Dan Gone", Standing.WITHDRAWN),
    ):
        make.signup(shift, make.volunteer(name=name), standing=how)
    page = words(boss.get(path(shift)).text)
    assert "Ada There Here" in page
    assert "Ben Late Late" in page
    assert "Cat Missing Did not come" in page
    assert "Dan Gone" not in page
    assert "Not safe to run: 1 more person is needed (at least 2)" in page


def test_looking_at_the_board_is_on_the_audit_trail(shift: Shift, boss: FlaskClient) -> None:
    boss.get(path(shift))
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject_id) == ("viewed board", shift.site_id)


def test_a_group_with_one_site_goes_straight_to_its_board(shift: Shift, boss: FlaskClient) -> None:
    index = f"/groups/{shift.opportunity.group_id}/today"
    assert boss.get(index).location == path(shift)
    make.site(shift.opportunity.group, name="The other hall")
    assert "The other hall" in boss.get(index).text


def test_who_was_reminded_and_did_not_answer_is_shown(shift: Shift, boss: FlaskClient) -> None:
    for name, answered in (("Sam Silent", None), ("Ann Answers", START)):
        place = make.signup(shift, make.volunteer(name=name), assured_at=answered)
        make.save(
            Reminder(
                signup_id=place.id,
                volunteer_id=place.volunteer_id,
                lead=Lead.DAY,
                revision=0,
                day=START.date(),
                due_at=START,
                outcome=Outcome.TEXT,
            )
        )
    make.signup(shift, make.volunteer(name="Nora Notasked"))
    page = words(boss.get(path(shift)).text)
    assert "Sam Silent Late Has not answered" in page
    assert "Ann Answers Late said they come" in page
    assert page.count("Has not answered") == 1


def test_only_those_on_the_list_can_be_called(shift: Shift, boss: FlaskClient) -> None:
    known, stranger = make.volunteer(), make.volunteer()
    make.known_to(known, shift.opportunity.group)
    for person in (known, stranger):
        make.signup(shift, person)
    page = boss.get(path(shift)).text
    assert f"tel:{known.phone}" in page
    assert str(stranger.phone) not in page


def test_one_tap_each_for_here_left_and_back_again(shift: Shift, boss: FlaskClient) -> None:
    place = make.signup(shift, make.volunteer())
    answer = boss.post(tap(shift, f"signups/{place.id}/here"))
    assert answer.location == f"{path(shift)}#shift-{shift.id}"
    assert standing(place.id) == Standing.ATTENDED
    row = db.session.scalars(select(Attendance)).one()
    boss.post(tap(shift, f"attendances/{row.id}/leave"))
    assert "Has left" in boss.get(path(shift)).text
    boss.post(tap(shift, f"attendances/{row.id}/undo"))
    boss.post(tap(shift, f"attendances/{row.id}/undo"))
    assert standing(place.id) == Standing.CONFIRMED
    boss.post(tap(shift, f"signups/{place.id}/missing"))
    assert standing(place.id) == Standing.NO_SHOW
    boss.post(tap(shift, f"signups/{place.id}/due"))
    assert standing(place.id) == Standing.CONFIRMED


def test_before_the_start_not_coming_frees_the_place(shift: Shift, boss: FlaskClient) -> None:
    later = make.shift(
        shift.opportunity, starts_at=START + timedelta(hours=6), ends_at=START + timedelta(hours=8)
    )
    place = make.signup(later, make.volunteer(name="Nell Notwell"))
    where = tap(shift, f"signups/{place.id}/not-coming")
    assert where in boss.get(path(shift)).text
    boss.post(where, data={"reason": "Rang in ill"})
    assert standing(place.id) == Standing.WITHDRAWN
    assert db.session.get_one(Signup, place.id).reason == "Rang in ill"
    assert db.session.get_one(Shift, later.id).taken == 0


def test_the_duty_that_is_missing_is_named(shift: Shift, boss: FlaskClient) -> None:
    duty = make.save(Duty(opportunity_id=shift.opportunity_id, name="Van driver"))
    with transaction():
        db.session.add(Slot(shift_id=shift.id, duty_id=duty.id, places=3, minimum=1))
    assert "Van driver (1 missing)" in boss.get(path(shift)).text
    slot = db.session.scalars(select(Slot)).one()
    make.signup(shift, make.volunteer(), slot_id=slot.id, standing=Standing.ATTENDED)
    page = boss.get(path(shift)).text
    assert "missing)" not in page
    assert "Van driver" in page


def test_a_walk_in_from_the_list(shift: Shift, boss: FlaskClient) -> None:
    person = make.volunteer(name="Wanda Walk")
    make.known_to(person, shift.opportunity.group)
    where = tap(shift, f"shifts/{shift.id}/walk-in")
    assert "Wanda Walk" in boss.get(where).text
    page = boss.post(f"{where}/known", data={"volunteer_id": person.id}, follow_redirects=True)
    assert "Wanda Walk has a place and is here" in page.text
    assert db.session.scalars(select(Signup.standing)).all() == [Standing.ATTENDED]


def test_a_walk_in_of_another_groups_list_is_not_let_in(shift: Shift, boss: FlaskClient) -> None:
    person = make.volunteer()
    make.known_to(person, make.group())
    page = boss.post(
        tap(shift, f"shifts/{shift.id}/walk-in/known"), data={"volunteer_id": person.id}
    )
    assert "Choose somebody from the list" in page.text
    assert db.session.scalars(select(Signup)).all() == []


def test_a_full_shift_says_so_before_and_after(shift: Shift, boss: FlaskClient) -> None:
    for _ in range(3):
        make.signup(shift, make.volunteer())
    where = tap(shift, f"shifts/{shift.id}/walk-in")
    assert "noted as an extra" in boss.get(where).text
    page = boss.post(
        f"{where}/new",
        data={"name": "Nia New", "phone": "07700900123", "age_band": "adult"},
        follow_redirects=True,
    ).text
    assert "Nia New is here as an extra: the shift is full" in page
    assert "Extra" in words(page)
    assert db.session.get_one(Shift, shift.id, populate_existing=True).taken == 3


def test_a_wrong_phone_keeps_what_was_typed(shift: Shift, boss: FlaskClient) -> None:
    page = boss.post(
        tap(shift, f"shifts/{shift.id}/walk-in/new"),
        data={"name": "Nia New", "phone": "12", "age_band": "adult"},
    ).text
    assert "Enter a mobile number" in page
    assert 'value="Nia New"' in page
    assert 'value="12"' in page


def test_somebody_at_the_door_is_shown_and_seen_to(shift: Shift, boss: FlaskClient) -> None:
    service.knock(shift.id, "Una Known")
    service.knock(shift.id, "Una  Known")
    assert db.session.scalars(select(Knock.name)).all() == ["Una Known"]
    assert "Una Known" in boss.get(path(shift)).text
    boss.post(tap(shift, f"shifts/{shift.id}/knocks"), data={"name": "Una Known"})
    assert "Una Known" not in boss.get(path(shift)).text


def test_the_page_of_today_is_read_again_by_itself_until_told_not_to(
    shift: Shift, boss: FlaskClient
) -> None:
    assert boss.get(path(shift)).headers["Refresh"] == "60"
    assert "Refresh" not in boss.get(path(shift, "?still=1")).headers
    assert "Refresh" not in boss.get(path(shift, "?day=2026-06-14")).headers


@pytest.mark.parametrize("day", ["yesterday", "0001-01-01", "9999-12-31", "2026-13-01"])
def test_any_day_in_the_address_is_borne(shift: Shift, boss: FlaskClient, day: str) -> None:
    assert "Today, Saturday 13 June" in boss.get(path(shift, f"?day={day}")).text


def test_nobody_is_here_now_long_after_their_shift(shift: Shift, boss: FlaskClient) -> None:
    make.signup(shift, make.volunteer(), standing=Standing.ATTENDED)
    make.signup(shift, make.volunteer())
    with clock.stopped_at(shift.ends_at + timedelta(minutes=20)):
        page = words(boss.get(path(shift)).text)
        assert "1 here now" in page
        assert "1 here of 2 people" in page
    with clock.stopped_at(shift.ends_at + timedelta(hours=2, minutes=20)):
        page = words(boss.get(path(shift)).text)
        assert "0 here now" in page
        assert "1 came of 2 people" in page
    with clock.stopped_at(shift.ends_at + timedelta(hours=11, minutes=20)):  # past midnight
        page = words(boss.get(path(shift, "?day=2026-06-13")).text)
        assert "1 came 1 not noted" in page
        assert "here now" not in page


def test_a_night_is_on_the_board_of_both_days(shift: Shift, boss: FlaskClient) -> None:
    """From ten to six over the night on which the clocks go back."""
    make.shift(
        make.opportunity(at=shift.site, title="Night shelter"),
        starts_at=datetime(2026, 10, 24, 21, tzinfo=UTC),
        ends_at=datetime(2026, 10, 25, 6, tzinfo=UTC),
    )
    for day, shown in (("2026-10-23", False), ("2026-10-24", True), ("2026-10-25", True)):
        page = boss.get(path(shift, f"?day={day}")).text
        assert ("Night shelter" in page) is shown


def test_the_board_takes_as_many_queries_for_many_people(
    shift: Shift, boss: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    def counted() -> int:
        with count_queries() as statements:
            assert boss.get(path(shift)).status_code == 200
        return len(statements)

    make.signup(shift, make.volunteer())
    few = counted()
    for hour in range(4):
        other = make.shift(shift.opportunity, starts_at=START + timedelta(hours=hour), places=12)
        for _ in range(8):
            make.signup(other, make.volunteer(), standing=Standing.ATTENDED)
    assert counted() == few
    assert few <= 18
