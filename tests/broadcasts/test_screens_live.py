"""A request while it runs and after: its counts, its lists, its brakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.broadcasts import service
from app.broadcasts.models import Answer, BroadcastState, Pace, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.models import Message, State
from app.signups import service as places
from app.signups.models import Way
from app.volunteers.vocabulary import Skill
from tests import factories
from tests.broadcasts.pages import NOW, drivers, drivers_of, latest, people, running, words


def test_each_count_leads_to_its_people_and_why(desk: FlaskClient) -> None:
    crowd = people(6, skills=Skill.DRIVE_CAR)
    far = factories.volunteer(name="Far Away", **factories.position(53.9, -1.2))
    broadcast = running(drivers(), pace=Pace.EVERYONE)
    with transaction():
        first = select(Message.id).where(Message.volunteer_id == crowd[0].id)
        db.session.execute(
            update(Message)
            .where(Message.id.in_(first))
            .values(state=State.FAILED, reason="The number does not exist.")
        )
        service.note_answer(broadcast.id, crowd[1].id, Answer.NO)
    here = f"/broadcasts/{broadcast.id}/people"
    assert f'href="{here}/failed"' in desk.get(f"/broadcasts/{broadcast.id}").text
    failed = words(desk.get(f"{here}/failed"))
    assert crowd[0].name in failed
    assert "Failed: The number does not exist." in failed
    assert crowd[1].name in words(desk.get(f"{here}/no"))
    assert "4 people" in words(desk.get(f"{here}/waiting")) or "5 people" in words(
        desk.get(f"{here}/waiting")
    )
    assert "under half a mile away" in words(desk.get(f"{here}/asked"))
    excluded = words(desk.get(f"{here}/excluded?reason=too-far"))
    assert "1 person who live further away than they travel" in excluded
    assert far.name in excluded
    assert desk.get(f"{here}/nonsense").status_code == 404


def test_every_list_opens(desk: FlaskClient) -> None:
    people(3)
    broadcast = running(drivers())
    for which in (
        *("fit", "asked", "not-asked", "waiting", "sent", "delivered", "uncertain"),
        *("failed", "held-back", "yes", "no", "unclear", "silent", "excluded"),
    ):
        assert desk.get(f"/broadcasts/{broadcast.id}/people/{which}").status_code == 200


def test_a_long_list_has_pages(desk: FlaskClient) -> None:
    people(55)
    broadcast = running(drivers(), pace=Pace.EVERYONE)
    page = desk.get(f"/broadcasts/{broadcast.id}/people/asked")
    assert "Page 1 of 2" in words(page)
    assert page.text.count('class="mh-person"') == 50
    page = desk.get(f"/broadcasts/{broadcast.id}/people/asked?page=2")
    assert page.text.count('class="mh-person"') == 5


def test_the_feed_tells_names_and_meanings_but_no_number(desk: FlaskClient) -> None:
    first, second, *_ = people(5)
    shift = drivers()
    broadcast = running(shift)
    service.note_answer(broadcast.id, first.id, Answer.YES)
    places.claim(shift.id, first.id, way=Way.TEXT)
    with clock.stopped_at(NOW + timedelta(seconds=5)):
        service.note_answer(broadcast.id, second.id, Answer.UNCLEAR)
    page = desk.get(f"/broadcasts/{broadcast.id}")
    said = words(page)
    assert said.index(f"{second.name} Unclear") < said.index(f"{first.name} Yes has a place")
    assert "447700" not in page.text
    assert "1 of 2 places filled" in said


def test_the_live_part_renews_itself_and_reloads_on_a_new_state(desk: FlaskClient) -> None:
    people(3)
    broadcast = running(drivers())
    page = desk.get(f"/broadcasts/{broadcast.id}")
    assert f'hx-get="/broadcasts/{broadcast.id}/progress?state=running"' in page.text
    part = desk.get(f"/broadcasts/{broadcast.id}/progress?state=running")
    assert "<html" not in part.text
    assert "HX-Refresh" not in part.headers
    service.stop(broadcast.id, factories.coordinator().id)
    part = desk.get(f"/broadcasts/{broadcast.id}/progress?state=running")
    assert part.headers["HX-Refresh"] == "true"


def test_pause_and_go_on(desk: FlaskClient) -> None:
    people(3)
    broadcast = running(drivers())
    desk.post(f"/broadcasts/{broadcast.id}/pause")
    page = words(desk.get(f"/broadcasts/{broadcast.id}"))
    assert "Paused: nobody new is asked" in page
    assert "Go on asking" in page
    desk.post(f"/broadcasts/{broadcast.id}/resume")
    assert latest().state == BroadcastState.RUNNING


def test_ask_everyone_now(desk: FlaskClient) -> None:
    people(40)
    broadcast = running(drivers())
    page = desk.post(f"/broadcasts/{broadcast.id}/everyone", follow_redirects=True)
    assert "Everyone who fits is asked now." in words(page)
    service.advance(broadcast.id)
    assert "40 people asked" in words(desk.get(f"/broadcasts/{broadcast.id}"))


def test_ask_everyone_of_a_paused_request_says_when(desk: FlaskClient) -> None:
    people(40)
    broadcast = running(drivers())
    desk.post(f"/broadcasts/{broadcast.id}/pause")
    page = desk.post(f"/broadcasts/{broadcast.id}/everyone", follow_redirects=True)
    assert "Everyone who fits is asked once it goes on." in words(page)


def test_stop_says_what_has_gone_and_what_was_held_back(desk: FlaskClient) -> None:
    people(5)
    broadcast = running(drivers(), pace=Pace.EVERYONE)
    with transaction():
        gone = select(Message.id).order_by(Message.id).limit(2).scalar_subquery()
        db.session.execute(
            update(Message).where(Message.id.in_(gone)).values(state=State.DELIVERED)
        )
    page = words(desk.post(f"/broadcasts/{broadcast.id}/stop", follow_redirects=True))
    assert "2 texts had left already and cannot be called back. 3 texts were held back." in page
    page = words(desk.post(f"/broadcasts/{broadcast.id}/stop", follow_redirects=True))
    assert "This request is not running." in page


def test_an_ended_request_sums_up_and_can_be_asked_again(desk: FlaskClient) -> None:
    first, second, third = people(3)
    shift = drivers()
    broadcast = running(shift, pace=Pace.EVERYONE)
    with transaction():
        db.session.execute(update(Message).values(state=State.DELIVERED))
    with clock.stopped_at(NOW + timedelta(minutes=9)):
        for one in (first, second, third):
            service.note_answer(broadcast.id, one.id, Answer.YES)
            places.claim(shift.id, one.id, way=Way.TEXT)
        page = words(desk.get(f"/broadcasts/{broadcast.id}"))
    assert "Every place is filled. It took 9 minutes. 3 people were asked, 3 answered" in page
    assert "1 person waits for one" in page
    assert "The texts cost £0.13 so far." in page
    assert f"Coming: {first.name}, {second.name}" in page
    assert f"Waiting: {third.name}" in page
    assert "Ask again" not in page
    with clock.stopped_at(NOW + timedelta(minutes=10)):
        for one in (first, third):
            places.withdraw(shift.id, one.id, way=Way.TEXT)
        service.stop(broadcast.id, factories.coordinator().id)
        assert "Ask again" in words(desk.get(f"/broadcasts/{broadcast.id}"))
        step = desk.post(f"/broadcasts/{broadcast.id}/again")
    assert step.location == f"/broadcasts/{latest().id}/audience"
    assert latest().state == BroadcastState.DRAFT


def test_the_live_page_asks_the_database_as_often_whatever_its_size(
    desk: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    crowd = people(60)
    shift = drivers(places=10)
    broadcast = running(shift, pace=Pace.EVERYONE)
    address = f"/broadcasts/{broadcast.id}/progress?state=running"
    desk.get(address)
    with count_queries() as before:
        desk.get(address)
    for one in crowd[:8]:
        service.note_answer(broadcast.id, one.id, Answer.YES)
        places.claim(shift.id, one.id, way=Way.TEXT)
    with count_queries() as after:
        desk.get(address)
    assert len(before) <= 10
    assert len(after) <= 10


def test_other_pages_ask_a_fixed_number_of_questions(
    desk: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    people(60)
    shifts = [drivers_of(n) for n in range(8)]
    broadcast = running(shifts[0])
    draft = service.draft([shifts[1].id, shifts[2].id], factories.coordinator().id)
    for address, most in (
        ("/broadcasts", 12),
        ("/broadcasts/new", 6),
        (f"/broadcasts/{draft.id}/audience", 22),
        (f"/broadcasts/{draft.id}/shifts", 15),
        (f"/broadcasts/{broadcast.id}", 20),
        (f"/broadcasts/{broadcast.id}/people/asked", 18),
    ):
        with count_queries() as asked:
            assert desk.get(address).status_code == 200
        assert len(asked) <= most, (address, len(asked))


def test_a_recipient_of_another_request_is_not_in_this_ones_lists(desk: FlaskClient) -> None:
    people(2)
    first = running(drivers_of(1))
    second = running(drivers_of(9))
    db.session.rollback()
    rows = db.session.scalars(select(Recipient).where(Recipient.broadcast_id == second.id)).all()
    assert len(rows) == 2
    page = desk.get(f"/broadcasts/{first.id}/people/fit")
    assert page.text.count('class="mh-person"') == 2
