"""Hours on the screen: a volunteer's own, what waits for a group, and putting times right."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.hours import service
from app.hours.models import AttendanceChange, HoursRequest, RequestState, Seen
from app.messaging.models import Message
from app.opportunities.models import Shift
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)
START = datetime(2026, 6, 13, 9, tzinfo=UTC)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def group(app: Flask) -> Iterator[Group]:
    with clock.stopped_at(NOW):
        yield make.group(name="Sileby Food Bank")


@pytest.fixture
def me(group: Group) -> Volunteer:
    """A volunteer with an account, known to the group."""
    person = make.volunteer(name="Amina Khan", user_id=make.user().id)
    make.known_to(person, group)
    return person


@pytest.fixture
def mine(me: Volunteer, sign_in: SignIn) -> FlaskClient:
    return sign_in(db.session.get_one(User, me.user_id))


def attended(
    me: Volunteer, group: Group, start: datetime = START, minutes: int = 180, title: str = "Sorter"
) -> Signup:
    shift = make.shift(
        make.opportunity(group, title=title), starts_at=start, ends_at=start + timedelta(hours=3)
    )
    return make.signup(shift, me, standing=Standing.ATTENDED, attended_minutes=minutes)


def requests() -> list[HoursRequest]:
    db.session.rollback()
    return list(db.session.scalars(select(HoursRequest).order_by(HoursRequest.id)))


def test_hours_are_shown_by_group_by_month_and_in_all(
    me: Volunteer, group: Group, mine: FlaskClient
) -> None:
    attended(me, group)
    attended(me, group, START - timedelta(days=30), minutes=90)
    attended(me, make.group(name="Quorn Library"), minutes=45)
    attended(me, group, NOW + timedelta(hours=1), minutes=60)  # not over yet
    make.signup(make.shift(starts_at=START), me, standing=Standing.NO_SHOW)
    page = words(mine.get("/my/hours").text)
    assert "5 hours 15 minutes given in all" in page
    assert "Sileby Food Bank Time 4 hours 30 minutes" in page
    assert "Quorn Library Time 45 minutes" in page
    assert "June 2026 Time 3 hours 45 minutes" in page
    assert "May 2026 Time 1 hour 30 minutes" in page


def test_an_extra_counts_and_says_so(me: Volunteer, group: Group, mine: FlaskClient) -> None:
    shift = make.shift(
        make.opportunity(group), starts_at=START, ends_at=START + timedelta(hours=2), places=1
    )
    make.signup(shift, make.volunteer())
    with clock.stopped_at(START):
        row = service.walk_in(shift.id, me.id, Seen.BOARD, by_user_id=make.manager(group).id)
    with clock.stopped_at(START + timedelta(hours=2)):
        service.check_out(row.id, Seen.BOARD)
    page = words(mine.get("/my/hours").text)
    assert "2 hours given in all" in page
    assert "as an extra" in page


def test_the_page_takes_as_many_queries_for_many_days(
    me: Volunteer, group: Group, mine: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    def counted() -> int:
        with count_queries() as statements:
            assert mine.get("/my/hours").status_code == 200
        return len(statements)

    attended(me, group)
    few = counted()
    for days in range(1, 12):
        attended(me, group, START - timedelta(days=days))
    assert counted() == few
    assert few <= 10


def ask(mine: FlaskClient, at: Group, **said: Any) -> str:
    data = {"group": at.id, "day": "2026-06-19", "hours": 2, "minutes": 0, "what": "Mended bags"}
    return mine.post("/my/hours/add", data=data | said, follow_redirects=True).text


def test_hours_beside_a_shift_count_once_the_group_says_so(
    me: Volunteer, group: Group, mine: FlaskClient, app: Flask
) -> None:
    assert "Waits for the group" in ask(mine, group)
    assert "given in all" not in mine.get("/my/hours").text
    boss = app.test_client()
    with boss.session_transaction() as session:
        session["_user_id"] = make.manager(group).get_id()
    page = words(boss.get(f"/groups/{group.id}/hours").text)
    assert "Amina Khan : 2 hours on Friday 19 June" in page
    (row,) = requests()
    boss.post(f"/groups/{group.id}/hours/{row.id}/approve")
    assert "2 hours given in all" in words(mine.get("/my/hours").text)
    (letter,) = db.session.scalars(select(Message)).all()
    assert "your 2 hours on Friday 19 June are counted" in letter.body


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"day": "2026-06-21"}, "This day is still to come"),
        ({"day": "2025-06-01"}, "last 12 months"),
        ({"day": "soon"}, "Enter a date"),
        ({"hours": 0}, "from 5 minutes to 24 hours"),
        ({"hours": 24, "minutes": 1}, "from 5 minutes to 24 hours"),
        ({"hours": "two"}, "Enter whole hours"),
        ({"what": " "}, "Say what you did"),
        ({"what": "x" * 301}, "300 letters"),
        ({"group": "999999"}, "Choose one of the answers"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    me: Volunteer, group: Group, mine: FlaskClient, said: dict[str, Any], why: str
) -> None:
    page = ask(mine, group, **said)
    assert why in page
    assert "There is a problem" in page
    assert requests() == []


def test_a_group_that_does_not_know_one_is_not_asked(
    me: Volunteer, group: Group, mine: FlaskClient
) -> None:
    stranger = make.group()
    ask(mine, stranger)
    assert requests() == []
    with pytest.raises(Refusal):
        service.ask(me.id, stranger.id, NOW.date(), 60, "Nothing")


@pytest.fixture
def boss(group: Group, app: Flask) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = make.manager(group).get_id()
    return client


def test_hours_that_are_sent_twice_are_asked_for_once(
    me: Volunteer, group: Group, mine: FlaskClient
) -> None:
    typed = {"group": group.id, "day": "2026-06-19", "hours": "1", "minutes": "0", "what": "Sewed"}
    for _ in range(2):
        assert mine.post("/my/hours/add", data=typed).location == "/my/hours"
    mine.post("/my/hours/add", data=typed | {"what": "Sewed again"})
    asked = db.session.scalars(select(HoursRequest.what).order_by(HoursRequest.id)).all()
    assert asked == ["Sewed", "Sewed again"]


def test_a_refusal_has_a_reason_and_is_told(me: Volunteer, group: Group, boss: FlaskClient) -> None:
    row = service.ask(me.id, group.id, NOW.date(), 60, "Walked the dog")
    where = f"/groups/{group.id}/hours/{row.id}/refuse"
    assert "Say why" in boss.post(where, data={"answer": " "}).text
    boss.post(where, data={"answer": "That was not for us."})
    assert requests()[0].state == RequestState.REFUSED
    assert "That was not for us." in db.session.scalars(select(Message.body)).one()


def test_nobody_approves_their_own_hours(me: Volunteer, group: Group, mine: FlaskClient) -> None:
    with transaction():
        make.save(make.Membership(user_id=me.user_id, group_id=group.id, part=make.Part.MANAGER))
    row = service.ask(me.id, group.id, NOW.date(), 60, "Mended bags")
    page = mine.post(f"/groups/{group.id}/hours/{row.id}/approve", follow_redirects=True).text
    assert "your own hours" in page
    assert requests()[0].state == RequestState.WAITING


def test_another_groups_manager_decides_nothing(
    me: Volunteer, group: Group, sign_in: SignIn
) -> None:
    row = service.ask(me.id, group.id, NOW.date(), 60, "Mended bags")
    other = make.group()
    stranger = sign_in(make.manager(other))
    for of in (group.id, other.id):
        for step in ("approve", "refuse"):
            path = f"/groups/{of}/hours/{row.id}/{step}"
            assert stranger.post(path, data={"answer": "no"}).status_code == 404
    assert requests()[0].state == RequestState.WAITING


def test_two_managers_at_once_decide_once(app: Flask, me: Volunteer, group: Group) -> None:
    row_id = service.ask(me.id, group.id, NOW.date(), 60, "Mended bags").id
    bosses = [make.manager(group).id for _ in range(4)]
    group_id, barrier = group.id, threading.Barrier(4)
    db.session.rollback()
    refused: list[str] = []

    def press(boss_id: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                service.decide(row_id, group_id, approves=True, by_user_id=boss_id)
            except Refusal as refusal:
                refused.append(refusal.sentence)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=press, args=(each,)) for each in bosses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    db.session.rollback()
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_volunteer_takes_a_request_back_and_nobody_elses(
    me: Volunteer, group: Group, mine: FlaskClient
) -> None:
    other = make.volunteer()
    make.known_to(other, group)
    own = service.ask(me.id, group.id, NOW.date(), 60, "Mended bags").id
    theirs = service.ask(other.id, group.id, NOW.date(), 60, "Mended bags").id
    for each in (own, theirs):
        mine.post(f"/my/hours/requests/{each}/take-back")
    assert [row.state for row in requests()] == [RequestState.WITHDRAWN, RequestState.WAITING]


def test_a_correction_that_is_approved_counts_as_asked(
    me: Volunteer, group: Group, mine: FlaskClient, boss: FlaskClient
) -> None:
    place = attended(me, group, minutes=60)
    page = mine.post(
        f"/my/hours/{place.id}/correct",
        data={"came": "9:30", "left": "1:15pm", "reason": "I unlocked the hall"},
        follow_redirects=True,
    ).text
    assert "The group looks at it" in page
    (row,) = requests()
    assert row.minutes == 225
    assert "I unlocked the hall" in boss.get(f"/groups/{group.id}/hours").text
    boss.post(f"/groups/{group.id}/hours/{row.id}/approve")
    db.session.rollback()
    assert db.session.get_one(Signup, place.id).attended_minutes == 225
    change = db.session.scalars(select(AttendanceChange)).one()
    assert (change.minutes_before, change.minutes_after) == (60, 225)
    assert "3 hours 45 minutes given in all" in words(mine.get("/my/hours").text)


def test_nobody_corrects_the_hours_of_somebody_else(
    me: Volunteer, group: Group, mine: FlaskClient
) -> None:
    theirs = attended(make.volunteer(), group)
    assert mine.get(f"/my/hours/{theirs.id}/correct").status_code == 404
    data = {"came": "9:30", "left": "13:15", "reason": "x"}
    assert mine.post(f"/my/hours/{theirs.id}/correct", data=data).status_code == 404
    assert requests() == []


def shift_of(place: Signup) -> Shift:
    return db.session.get_one(Shift, place.shift_id)


def test_a_manager_puts_times_right_and_sees_what_was_before(
    me: Volunteer, group: Group, boss: FlaskClient
) -> None:
    place = attended(me, group)
    shift_id = place.shift_id
    roster = boss.get(f"/groups/{group.id}/shifts/{shift_id}").text
    assert f"/groups/{group.id}/shifts/{shift_id}/attendance" in roster
    where = f"/groups/{group.id}/signups/{place.id}/times"
    form = boss.get(where).text
    assert 'value="10:00"' in form  # as planned, by the clock on the wall
    assert 'value="13:00"' in form
    page = boss.post(where, data={"came": "12:30", "left": "11:00", "reason": "Typo"}).text
    assert "more than six hours after the shift" in page
    assert 'value="Typo"' in page
    page = boss.post(
        where,
        data={"came": "10:00", "left": "11:00", "reason": "Left early, ill"},
        follow_redirects=True,
    ).text
    assert "Left early, ill" in page
    assert "3 hours → 1 hour" in words(page)


def test_a_person_who_was_missed_can_be_put_right(
    me: Volunteer, group: Group, boss: FlaskClient
) -> None:
    shift = make.shift(make.opportunity(group), starts_at=START, ends_at=START + timedelta(hours=3))
    place = make.signup(shift, me, standing=Standing.NO_SHOW)
    boss.post(
        f"/groups/{group.id}/signups/{place.id}/times",
        data={"came": "10:00", "left": "13:00", "reason": "Was in the kitchen"},
    )
    db.session.rollback()
    found = db.session.get_one(Signup, place.id)
    assert (found.standing, found.attended_minutes) == (Standing.ATTENDED, 180)


@pytest.mark.parametrize(
    ("start", "hours", "came", "left", "minutes"),
    [
        ("2026-03-28T22:00+00:00", 7, "22:00", "06:00", 420),  # clocks go forward
        ("2026-10-24T21:00+00:00", 9, "22:00", "06:00", 540),  # and back
        ("2026-06-12T23:00+00:00", 3, "23:50", "03:00", 190),  # came before midnight
    ],
)
def test_times_of_a_night_are_read_by_the_clock_on_the_wall(
    me: Volunteer,
    group: Group,
    boss: FlaskClient,
    start: str,
    hours: int,
    came: str,
    left: str,
    minutes: int,
) -> None:
    starts_at = datetime.fromisoformat(start)
    shift = make.shift(
        make.opportunity(group), starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours)
    )
    place = make.signup(shift, me)
    with clock.stopped_at(datetime(2026, 11, 20, tzinfo=UTC)):
        boss.post(
            f"/groups/{group.id}/signups/{place.id}/times",
            data={"came": came, "left": left, "reason": "No tablet"},
        )
    db.session.rollback()
    assert db.session.get_one(Signup, place.id).attended_minutes == minutes


def test_the_year_is_a_picture_and_a_table_that_say_the_same(app: Flask, sign_in: Any) -> None:
    user = make.user()
    me = make.volunteer(user_id=user.id)
    today = clock.now()
    for days, minutes in ((1, 90), (40, 600)):
        shift = make.shift(starts_at=today - timedelta(days=days))
        make.signup(shift, me, standing=Standing.ATTENDED, attended_minutes=minutes)
    page = sign_in(user).get("/my/hours").text
    assert 'class="mh-hours"' in page
    for hours, words in (("1.5", "1 hour 30 minutes"), ("10", "10 hours")):
        assert f">{hours}</text>" in page
        assert words in page
    assert "You gave 11 hours 30 minutes in the last twelve months." in page
    assert "You did your first shift." in page
    assert "You have given 10 hours." in page
