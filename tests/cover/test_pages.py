"""Cover in the manager's browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.broadcasts import service as broadcasting
from app.broadcasts.models import Answer
from app.cover import queries, service
from app.cover.rules import Start
from app.foundation.extensions import db
from tests import factories as make
from tests.broadcasts.pages import words
from tests.cover.scene import Scene

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def desk(scene: Scene, sign_in: SignIn) -> FlaskClient:
    return sign_in(scene.boss)


def here(scene: Scene) -> str:
    return f"/groups/{scene.ids[0]}/shifts/{scene.ids[1]}/cover"


def test_the_roster_leads_to_who_could_step_in(scene: Scene, desk: FlaskClient) -> None:
    scene.drop_out()
    roster = desk.get(here(scene).removesuffix("/cover"))
    assert here(scene) in roster.text
    assert "See who could step in" in words(roster)


def test_names_are_of_ones_own_people_and_the_others_a_number(
    scene: Scene, desk: FlaskClient
) -> None:
    scene.drop_out()
    page = words(desk.get(here(scene)))
    assert "2 of your own people fit, the best first, and 4 more people nearby" in page
    assert "Own Person0" in page
    assert "Near By" not in page
    assert "Ask 6 people" in page
    assert "viewed shortlist for cover" in set(db.session.scalars(select(AuditEvent.action)))


def test_one_click_asks_and_shows_it_live(scene: Scene, desk: FlaskClient) -> None:
    scene.drop_out()
    asked = desk.post(
        f"{here(scene)}/ask",
        data={"most_people": "10", "reach": "nearby"},
        follow_redirects=True,
    )
    assert "Asking now" in words(asked)
    assert "hx-get" in asked.text
    broadcasting.advance(scene.request.id)
    live = desk.get(f"{here(scene)}/progress/running")
    assert "6 can be asked" in words(live)
    assert "HX-Refresh" not in live.headers


def test_answers_of_people_unknown_to_the_group_have_no_name(
    scene: Scene, desk: FlaskClient
) -> None:
    scene.drop_out()
    scene.ask(most=10)
    broadcasting.ask_everyone(scene.request.id, scene.ids[2])
    broadcasting.advance(scene.request.id)
    broadcasting.note_answer(scene.request.id, scene.own[0].id, Answer.NO)
    broadcasting.note_answer(scene.request.id, scene.nearby[0].id, Answer.NO)
    page = words(desk.get(here(scene)))
    assert "Own Person0 No" in page
    assert "Somebody nearby No" in page
    assert "Near By" not in page


def test_a_manager_stops_it(scene: Scene, desk: FlaskClient) -> None:
    scene.drop_out()
    scene.ask()
    done = desk.post(f"{here(scene)}/stop", follow_redirects=True)
    assert "Stopped. Nobody else is asked." in words(done)
    again = desk.get(f"{here(scene)}/progress/running")
    assert again.headers["HX-Refresh"] == "true"


def test_before_the_rule_asks_the_page_says_when(scene: Scene, desk: FlaskClient) -> None:
    scene.rule(wait_minutes=10)
    scene.drop_out()
    page = words(desk.get(here(scene)))
    assert "Somebody dropped out late. By your rule we ask up to 5 people at 5:10pm" in page
    desk.post(f"{here(scene)}/stop")
    assert "About to ask" not in words(desk.get(here(scene)))


def test_a_bad_number_has_its_error_and_keeps_what_was_typed(
    scene: Scene, desk: FlaskClient
) -> None:
    scene.drop_out()
    answer = desk.post(f"{here(scene)}/ask", data={"most_people": "lots", "reach": "own"})
    assert "Give a number from 1 to 50." in words(answer)
    assert 'value="lots"' in answer.text


def test_the_groups_rule_is_set_on_its_page(scene: Scene, desk: FlaskClient) -> None:
    group_id = scene.ids[0]
    page = desk.get(f"/groups/{group_id}/cover")
    assert "Never: tell us, and we decide" in words(page)
    said: dict[str, Any] = {
        "start": "late",
        "within_hours": "12",
        "most_people": "8",
        "wait_minutes": "0",
        "reach": "own",
    }
    desk.post(f"/groups/{group_id}/cover", data=said)
    setting = queries.setting_of(group_id)
    assert (setting.start, setting.within_hours, setting.wait_minutes) == (Start.LATE, 12, 0)
    bad = desk.post(f"/groups/{group_id}/cover", data=said | {"wait_minutes": "1000"})
    assert "Give a number of minutes from 0 to 240." in words(bad)


def test_coordinators_see_that_the_group_asks_by_itself(scene: Scene, sign_in: SignIn) -> None:
    scene.drop_out()
    scene.ask()
    client = sign_in(make.coordinator())
    assert "by the group itself" in words(client.get("/broadcasts"))
    assert client.get(f"/broadcasts/{scene.request.id}").status_code == 200


def test_a_request_of_the_county_is_told(scene: Scene, desk: FlaskClient) -> None:
    scene.drop_out()
    boss = make.coordinator()
    county = broadcasting.draft([scene.ids[1]], boss.id)
    broadcasting.start(county.id, boss.id)
    page = words(desk.get(here(scene)))
    assert "The county asks for this shift already" in page
    assert "Ask them" not in page


def test_the_page_asks_the_database_little(
    scene: Scene, desk: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    scene.drop_out()
    db.session.remove()
    with count_queries() as statements:
        desk.get(here(scene))
    assert len(statements) <= 17, statements
    scene.ask()
    service.look_at_all()
    db.session.remove()
    with count_queries() as statements:
        desk.get(here(scene))
    assert len(statements) <= 20, statements
