"""A request on a wall: what a room sees, and what it must not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import AuditEvent
from app.broadcasts import service
from app.broadcasts.models import Answer, Pace
from app.foundation import clock
from app.foundation.extensions import db
from app.signups import service as places
from app.signups.models import Way
from tests import factories
from tests.broadcasts.pages import NOW, drivers, people, running, words


def test_a_room_sees_places_waves_answers_and_who_is_silent(desk: FlaskClient) -> None:
    first, second, third = (
        factories.volunteer(name=name, phone=factories.drama_phone(n))
        for n, name in enumerate(("Asha Patel", "Ben Okafor", "Carla Diaz"), 300)
    )
    shift = drivers(places=2, minimum=2)
    broadcast = running(shift, pace=Pace.EVERYONE)
    with clock.stopped_at(NOW + timedelta(minutes=3)):
        service.note_answer(broadcast.id, first.id, Answer.YES)
        places.claim(shift.id, first.id, way=Way.TEXT)
        service.note_answer(broadcast.id, second.id, Answer.NO)
        page = desk.get(f"/broadcasts/{broadcast.id}/wall")
    said = words(page)
    assert "1 of 2 places filled" in said
    assert "1 more is needed for it to be safe Asha P. free" in said
    assert "1 place is free. 1 person may still answer." in said
    assert "Last time: Everybody is asked at once, as you chose." in said
    assert "asked 3 people: 1 yes, 1 no, 1 silent" in said
    assert "Asha P. Yes has a place" in said
    assert "Not answered yet Carla D." in said
    assert "3 asked of 3" in said
    assert "3 minutes so far" in said
    for whole in ("Patel", "Okafor", "Diaz", "07700", "447700"):
        assert whole not in page.text
    assert third.name == "Carla Diaz"


def test_the_wall_renews_itself_with_a_script_and_without(desk: FlaskClient) -> None:
    people(3)
    broadcast = running(drivers())
    page = desk.get(f"/broadcasts/{broadcast.id}/wall")
    part = f"/broadcasts/{broadcast.id}/wall/part?state=running"
    assert f'hx-get="{part}"' in page.text
    again = f"/broadcasts/{broadcast.id}/wall?again=1"
    assert (
        f'<noscript><meta http-equiv="refresh" content="15; url={again}"></noscript>' in page.text
    )
    seen = select(func.count()).where(AuditEvent.action == "put urgent request on a wall")
    assert desk.get(again).status_code == 200
    assert db.session.scalar(seen) == 1
    renewed = desk.get(part)
    assert "<html" not in renewed.text
    assert "HX-Refresh" not in renewed.headers
    service.pause(broadcast.id, factories.coordinator().id)
    assert desk.get(part).headers["HX-Refresh"] == "true"


def test_a_wall_of_long_ago_stands_still(desk: FlaskClient) -> None:
    people(3)
    broadcast = running(drivers())
    service.stop(broadcast.id, factories.coordinator().id)
    with clock.stopped_at(NOW + timedelta(hours=2)):
        page = desk.get(f"/broadcasts/{broadcast.id}/wall")
    assert "It ended 2 hours ago; this page no longer changes." in words(page)
    assert "hx-get" not in page.text
    assert "http-equiv" not in page.text


def test_a_draft_has_no_wall_and_a_volunteer_sees_none(
    desk: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    draft = service.draft([drivers().id], factories.coordinator().id)
    assert desk.get(f"/broadcasts/{draft.id}/wall").location.endswith("/audience")
    assert desk.get(f"/broadcasts/{draft.id}/wall/part").status_code == 404
    assert sign_in(factories.user()).get(f"/broadcasts/{draft.id}/wall").status_code == 403


def test_a_part_asked_for_by_nobody_signed_in_loads_the_page_anew(client: FlaskClient) -> None:
    answer = client.get("/broadcasts/1/wall/part", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Refresh"] == "true"
    assert answer.text == ""


def test_the_wall_asks_as_often_whatever_the_size_of_the_request(
    desk: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    crowd = people(60)
    shift = drivers(places=30)
    broadcast = running(shift, pace=Pace.EVERYONE)
    address = f"/broadcasts/{broadcast.id}/wall/part?state=running"
    desk.get(address)
    with count_queries() as before:
        desk.get(address)
    for one in crowd[:25]:
        service.note_answer(broadcast.id, one.id, Answer.YES)
        places.claim(shift.id, one.id, way=Way.TEXT)
    with count_queries() as after:
        page = words(desk.get(address))
    assert "and 13 more free free free free free" in page
    assert "and 17 more" in page
    assert len(before) <= 13
    assert len(after) <= 13
