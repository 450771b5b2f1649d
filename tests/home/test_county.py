"""The coordinator's and the administrator's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.broadcasts import service as broadcasts
from app.broadcasts.models import Answer
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.health import WorkerHeartbeat
from app.groups.models import Group
from app.home.queries import county
from app.inbox.models import Reply, ReplyState
from app.messaging.models import Message, State
from app.opportunities.models import Stage
from app.signups import service as places
from app.signups.models import Way
from app.volunteers.models import Channel
from tests import factories
from tests.home.conftest import request_for
from tests.home.test_front import text

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def cora(app, sign_in: SignIn) -> FlaskClient:
    return sign_in(factories.coordinator())


@pytest.fixture
def ada(app, sign_in: SignIn) -> FlaskClient:
    return sign_in(factories.administrator())


def in_hours(hours: float) -> Any:
    return clock.now() + timedelta(hours=hours)


def reply(state: ReplyState, number: int = 1) -> Reply:
    return factories.save(
        Reply(carrier_id=f"SM{number}", from_address=factories.drama_phone(1), state=state)
    )


def message(state: State, number: int = 1, **said: Any) -> Message:
    values: dict[str, Any] = {
        "channel": Channel.SMS,
        "lane": "bulk",
        "cause": f"test:{number}",
        "recipient": "volunteer:1",
        "purpose": "test",
        "token": f"token-{number}",
        "to_address": factories.drama_phone(1),
        "body": "Hello",
        "state": state,
        "not_before": clock.now() - timedelta(minutes=5),
    }
    return factories.save(Message(**(values | said)))


def test_todays_and_tomorrows_thin_shifts_are_listed_soonest_first(app) -> None:
    later = factories.shift(starts_at=in_hours(30), minimum=2)
    sooner = factories.shift(starts_at=in_hours(3), minimum=1)
    factories.shift(starts_at=in_hours(39.5), minimum=1)  # the day after tomorrow, 00:30
    factories.shift(starts_at=in_hours(3), minimum=0)
    factories.shift(starts_at=in_hours(-1), minimum=1)
    factories.shift(starts_at=in_hours(3), stage=Stage.DRAFT)
    rows, in_all = county.too_thin()
    assert [shift.id for shift in rows] == [sooner.id, later.id]
    assert in_all == 2


def test_a_long_list_says_how_many_there_are(cora: FlaskClient) -> None:
    role = factories.opportunity()
    for _ in range(county.SHOWN + 2):
        factories.shift(role, starts_at=in_hours(3))
    page = text(cora)
    assert "14 shifts, the soonest first." in page
    assert "Page 1 of 2" in page
    assert page.count("Ask for help<") >= county.SHOWN
    assert text(cora, "/?view=county&page=2").count('id="need-') == 2
    assert "There are fewer pages than that." in text(cora, "/?view=county&page=9")


def test_asking_for_help_leads_straight_to_who_fits(cora: FlaskClient) -> None:
    shift = factories.shift(starts_at=in_hours(3))
    page = text(cora)
    assert f'name="shifts" value="{shift.id}"' in page
    step = cora.post("/broadcasts/new", data={"shifts": shift.id})
    assert re.fullmatch(r"/broadcasts/\d+/audience", step.location)
    chosen = cora.get(f"/broadcasts/new?shifts={shift.id}").get_data(as_text=True)
    assert re.search(rf'name="shifts"[^>]* value="{shift.id}"[^>]* checked', chosen)


def test_a_shift_that_is_asked_for_leads_to_its_request(cora: FlaskClient) -> None:
    shift = factories.shift(starts_at=in_hours(3))
    broadcast = request_for(shift)
    page = text(cora)
    assert "People are being asked" in page
    assert f"/broadcasts/{broadcast.id}" in page
    assert f'name="shifts" value="{shift.id}"' not in page


def test_what_waits_for_a_person_is_counted(app) -> None:
    reply(ReplyState.WAITING, 1)
    reply(ReplyState.DONE, 2)
    message(State.UNCERTAIN, 1)
    message(State.DELIVERED, 2)
    assert county.desk() == county.Desk(replies=1, uncertain=1, reply_since=clock.now())


def test_what_waits_for_a_person_leads_there(cora: FlaskClient) -> None:
    reply(ReplyState.WAITING)
    message(State.UNCERTAIN)
    page = text(cora)
    content = page[page.index("<main") :]
    assert 'href="/inbox"' in content
    assert 'href="/messages"' in content


def test_need_is_told_by_district_with_the_alarms_first(app) -> None:
    calm = factories.site(district="Melton")
    worried = factories.site(district="Blaby")
    factories.shift(factories.opportunity(at=calm), places=9, minimum=0)
    thin = factories.shift(factories.opportunity(at=worried), places=3, minimum=2)
    factories.signup(thin, factories.volunteer())
    factories.shift(factories.opportunity(at=worried), starts_at=in_hours(24 * 8))
    assert county.need_by_district() == [
        county.Need("Blaby", shifts=1, places_free=2, below_minimum=1),
        county.Need("Melton", shifts=1, places_free=9, below_minimum=0),
    ]


def test_a_district_leads_to_its_shifts(cora: FlaskClient) -> None:
    role = factories.opportunity(at=factories.site(district="Melton"), title="Parcel packing")
    factories.shift(role, starts_at=in_hours(24 * 5), minimum=1)
    elsewhere = factories.opportunity(at=factories.site(district=""), title="Desk helper")
    factories.shift(elsewhere, starts_at=in_hours(3), minimum=1)
    page = text(cora)
    assert "/?view=county&amp;district=Melton&amp;days=7#thin" in page
    there = text(cora, "/?view=county&district=Melton&days=7")
    assert "1 shift in Melton" in there
    assert "Parcel packing" in there
    assert "Desk helper" not in there
    assert "Desk helper" in text(cora, "/?view=county&district=Elsewhere")


def test_one_looks_at_a_kind_of_group_and_further_ahead(cora: FlaskClient) -> None:
    library = factories.opportunity(factories.group(kind="library"), title="Desk helper")
    factories.shift(library, starts_at=in_hours(24 * 5), minimum=1)
    assert "Every shift of today and tomorrow has enough people" in text(cora)
    assert "Desk helper" in text(cora, "/?view=county&days=7&kind=library")
    page = text(cora, "/?view=county&days=7&kind=food-bank")
    assert "Every shift here has enough people to run." in page
    assert "Look at the whole county" in page
    # What is not on the lists narrows nothing and breaks nothing.
    assert "Every shift of today" in text(cora, "/?view=county&days=99&kind=x&district=y&page=-3")


def test_the_map_says_how_many_shifts_each_place_needs_people_for(cora: FlaskClient) -> None:
    role = factories.opportunity(factories.group(name="Gorse Food Bank"))
    for hours in (3, 5):
        factories.shift(role, starts_at=in_hours(hours), minimum=1)
    (spot,) = county.spots()
    assert (spot.group, spot.shifts) == ("Gorse Food Bank", 2)
    page = text(cora)
    assert '"line": "2 shifts have too few people"' in page
    assert '"number": 2' in page


def test_what_just_happened_is_told_without_names(cora: FlaskClient) -> None:
    asha = factories.volunteer(name="Asha Patel")
    shift = factories.shift(starts_at=in_hours(3))
    assert "Nothing in the last day." in text(cora)
    places.claim(shift.id, asha.id, way=Way.WEB)
    broadcast = request_for(factories.shift(starts_at=in_hours(4)), asha)
    with clock.stopped_at(clock.now() + timedelta(minutes=2)):
        places.withdraw(shift.id, asha.id, way=Way.WEB)
        broadcasts.note_answer(broadcast.id, asha.id, Answer.NO)
        page = text(cora)
    assert page.index("Somebody dropped out") < page.index("Somebody took a place")
    assert "Somebody said no" in page
    assert "Help was asked for" in page
    assert "Asha" not in page


def test_the_page_renews_itself_and_says_the_same(cora: FlaskClient) -> None:
    factories.shift(starts_at=in_hours(3))
    page = text(cora, "/?view=county&days=3")
    assert 'hx-get="/county/now?view=county&amp;district=&amp;kind=&amp;days=3&amp;page=1"' in page
    part = text(cora, "/county/now?days=3")
    assert "<html" not in part
    assert "Ask for help" in part
    assert 'id="need" hx-swap-oob' in part


def test_only_coordinators_see_the_county(sign_in: SignIn) -> None:
    assert sign_in(factories.user()).get("/county/now").status_code == 403


def test_a_coordinator_is_spared_the_machinery(cora: FlaskClient) -> None:
    factories.group()
    page = text(cora)
    assert "How the service is" not in page
    assert "no manager" not in page


def test_a_silent_worker_is_told_to_administrators(ada: FlaskClient) -> None:
    assert "No worker is running" in text(ada)
    factories.save(WorkerHeartbeat(name="one", at=in_hours(-2)))
    assert "the last was heard from 2 hours ago" in text(ada)
    factories.save(WorkerHeartbeat(name="two", at=clock.now()))
    assert "No worker is running" not in text(ada)


def test_messages_that_could_have_left_are_counted(app) -> None:
    message(State.QUEUED, 1)
    message(State.LEASED, 2, not_before=clock.now() - timedelta(minutes=9))
    message(State.QUEUED, 3, not_before=in_hours(10))
    found = county.health()
    assert found.waiting == 2
    assert found.waiting_since == clock.now() - timedelta(minutes=9)


def test_groups_that_nobody_manages_are_listed(app) -> None:
    factories.manager(factories.group())
    factories.manager(factories.group(name="Locked out"), is_enabled=False)
    factories.group(name="Alone")
    factories.group(name="Gone", is_closed=True)
    found = county.without_manager()
    assert [name for _id, name, _district in found.groups] == ["Alone", "Locked out"]
    assert found.total == 2


def test_an_administrator_finds_what_to_look_after(ada: FlaskClient) -> None:
    page = text(ada)
    content = page[page.index("<main") :]
    for path in ("/admin/groups", "/admin/people", "/admin/audit", "/admin/volunteers/import"):
        assert f'href="{path}"' in content


def test_a_coordinator_who_manages_a_group_can_go_there(sign_in: SignIn) -> None:
    group: Group = factories.group(name="Gorse Food Bank")
    client = sign_in(factories.manager(group, county_role="coordinator"))
    assert 'href="/?view=groups"' in text(client)
    assert "First, tell us where your group works" in text(client, "/?view=groups")


@pytest.mark.parametrize(
    ("make", "number"), [(factories.coordinator, 13), (factories.administrator, 15)]
)
def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn,
    count_queries: Callable[[], Any],
    make: Callable[[], User],
    number: int,
) -> None:
    for count in range(1, 5):
        request_for(factories.shift(starts_at=in_hours(3)), number=count)
        reply(ReplyState.WAITING, count)
        message(State.UNCERTAIN, count)
    client = sign_in(make())
    db.session.remove()  # nothing is remembered from what the test made
    with count_queries() as statements:
        text(client)
    assert len(statements) == number
