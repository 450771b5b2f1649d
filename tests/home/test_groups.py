"""A manager's page: the own groups' day, and nobody else's people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Membership, Part
from app.home import boxes
from app.home.queries import groups
from app.home.queries.who import Managed
from app.opportunities.models import Opportunity, Policy, Stage
from app.signups import leaving
from app.signups import service as signups
from app.signups.models import Standing, Way
from app.volunteers.models import Volunteer
from tests import factories
from tests.home.test_front import text

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def group(app) -> Group:
    return factories.group(name="Gorse Food Bank")


@pytest.fixture
def role(group: Group) -> Opportunity:
    return factories.opportunity(group)


@pytest.fixture
def asha(group: Group) -> User:
    return factories.manager(group, name="Asha Patel")


def in_hours(hours: float) -> Any:
    return clock.now() + timedelta(hours=hours)


def desk(of: Group) -> groups.Desk:
    return groups.desks([Managed(of.id, of.name)])[0]


def test_who_is_due_today_is_named(group: Group, role: Opportunity) -> None:
    shift = factories.shift(role, starts_at=in_hours(3))
    factories.signup(shift, factories.volunteer(name="Ravi Shah"))
    factories.signup(shift, factories.volunteer(name="Left Early"), standing=Standing.WITHDRAWN)
    factories.signup(shift, factories.volunteer(name="In Line"), standing=Standing.WAITING)
    assert [line.names for line in desk(group).today] == [["Ravi Shah"]]


def test_today_ends_at_the_countys_midnight(group: Group, role: Opportunity) -> None:
    late = factories.shift(role, starts_at=in_hours(14.5))  # 23:30
    factories.shift(role, starts_at=in_hours(15.5))
    assert [line.id for line in desk(group).today] == [late.id]


def test_what_goes_on_now_is_of_today_and_what_is_over_is_not(
    group: Group, role: Opportunity
) -> None:
    now_on = factories.shift(role, starts_at=in_hours(-1))
    factories.shift(role, starts_at=in_hours(-3))
    assert [line.id for line in desk(group).today] == [now_on.id]


def test_too_few_to_run_is_an_alarm_and_fewer_than_all_a_gap(
    group: Group, role: Opportunity
) -> None:
    gap = factories.shift(role, starts_at=in_hours(30), minimum=0)
    alarm = factories.shift(role, starts_at=in_hours(50), minimum=2)
    full = factories.shift(role, starts_at=in_hours(40), places=1)
    factories.signup(full, factories.volunteer())
    found = desk(group)
    assert [line.id for line in found.alarms] == [alarm.id]
    assert [line.id for line in found.gaps] == [gap.id]


def test_the_alarm_comes_before_all_else(role: Opportunity, asha: User, sign_in: SignIn) -> None:
    factories.shift(role, starts_at=in_hours(3), minimum=2)
    page = text(sign_in(asha))
    assert page.index("1 shift has too few people to run safely") < page.index(">Today<")


def test_drafts_and_cancelled_shifts_alarm_nobody(group: Group, role: Opportunity) -> None:
    factories.shift(role, stage=Stage.DRAFT)
    factories.shift(role, stage=Stage.CANCELLED)
    assert desk(group).thin == []


def test_who_waits_for_a_yes_is_shown(group: Group) -> None:
    careful = factories.opportunity(group, policy=Policy.APPROVAL)
    shift = factories.shift(careful)
    factories.signup(shift, factories.volunteer(name="Ravi Shah"), standing=Standing.WAITING)
    assert [(line.id, [one.name for one in line.asking]) for line in desk(group).asking] == [
        (shift.id, ["Ravi Shah"])
    ]


def test_a_queue_waits_for_a_place_not_for_a_yes(group: Group, role: Opportunity) -> None:
    full = factories.shift(role, places=1)
    factories.signup(full, factories.volunteer())
    factories.signup(full, factories.volunteer(), standing=Standing.WAITING)
    assert desk(group).asking == []


def test_new_sign_ups_are_counted_and_the_latest_named(group: Group, role: Opportunity) -> None:
    for number in range(7):
        factories.signup(
            factories.shift(role),
            factories.volunteer(name=f"Newcomer {number}"),
            created_at=in_hours(-number),
        )
    factories.signup(factories.shift(role), factories.volunteer(), created_at=in_hours(-24 * 8))
    found = desk(group)
    assert found.newcomers_in_all == 7
    assert [new.name for new in found.newcomers] == [f"Newcomer {number}" for number in range(5)]


def test_a_manager_sees_each_own_group(asha: User, sign_in: SignIn) -> None:
    second = factories.group(name="Kibworth Library")
    factories.save(Membership(user_id=asha.id, group_id=second.id, part=Part.MANAGER))
    page = text(sign_in(asha))
    assert 'aria-label="Your groups"' in page
    assert page.index("Gorse Food Bank") < page.index("Kibworth Library")


def test_another_groups_people_are_not_named(
    role: Opportunity, asha: User, sign_in: SignIn
) -> None:
    theirs = factories.shift(
        factories.opportunity(factories.group(name="Elsewhere"), policy=Policy.APPROVAL),
        starts_at=in_hours(3),
    )
    factories.signup(theirs, factories.volunteer(name="Far Away"))
    factories.signup(theirs, factories.volunteer(name="Asks There"), standing=Standing.WAITING)
    page = text(sign_in(asha))
    assert "Far Away" not in page
    assert "Asks There" not in page
    assert "Elsewhere" not in page


def test_a_lead_is_no_manager_here(group: Group, role: Opportunity, sign_in: SignIn) -> None:
    lead = factories.user()
    factories.save(Membership(user_id=lead.id, group_id=group.id, part=Part.LEAD))
    assert "Gorse Food Bank" not in text(sign_in(lead))


def test_that_people_were_seen_is_on_record(
    group: Group, role: Opportunity, asha: User, sign_in: SignIn
) -> None:
    factories.signup(factories.shift(role, starts_at=in_hours(3)), factories.volunteer())
    text(sign_in(asha))
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.actor_id, event.group_id) == (asha.id, group.id)
    assert event.action == "viewed people on home page"


def test_a_page_without_people_leaves_no_record(
    role: Opportunity, asha: User, sign_in: SignIn
) -> None:
    text(sign_in(asha))
    assert db.session.scalars(select(AuditEvent)).all() == []


def test_a_new_group_is_led_to_its_first_site(group: Group, asha: User, sign_in: SignIn) -> None:
    assert f"/groups/{group.id}/sites/new" in text(sign_in(asha))


def test_a_manager_who_gives_time_finds_the_own_page(
    role: Opportunity, asha: User, sign_in: SignIn
) -> None:
    factories.volunteer(name="Asha Patel", user_id=asha.id)
    client = sign_in(asha)
    page = text(client)
    assert 'href="/?view=own"' in page
    assert 'href="/my/shifts"' in page
    assert "Your next shift" in text(client, "/?view=own")


def test_a_view_that_is_not_ones_own_is_not_opened(asha: User, sign_in: SignIn) -> None:
    assert "What needs you now" not in text(sign_in(asha), "/?view=county")


def test_the_menu_leads_to_the_only_groups_lists(
    group: Group, role: Opportunity, asha: User, sign_in: SignIn
) -> None:
    page = text(sign_in(asha))
    menu = page[: page.index("<main")]
    assert f'href="/groups/{group.id}/opportunities"' in menu
    assert f'href="/groups/{group.id}/volunteers"' in menu


HEADINGS = {
    "safety": "Safety needs your eye",
    "thin": "1 shift has too few people to run safely",
    "late": "Dropped out late",
}


@pytest.mark.parametrize(
    ("coming", "minimum", "box"),
    [
        (3, 1, "late"),  # it runs all the same
        (4, 3, "late"),
        (3, 3, "thin"),
        (2, 1, "safety"),  # one is left alone
        (2, 2, "safety"),  # alone, and too few as well
    ],
)
def test_one_shift_stands_in_one_box_with_who_left_it_late(
    role: Opportunity, asha: User, sign_in: SignIn, coming: int, minimum: int, box: str
) -> None:
    shift = factories.shift(role, starts_at=in_hours(3), places=5, minimum=minimum)
    shift_id = shift.id
    people = [factories.volunteer(name=f"Person {number}") for number in range(coming)]
    for person in people:
        factories.signup(shift, person)
    signups.withdraw(shift_id, people[0].id, way=Way.WEB)
    client = sign_in(asha)
    page = text(client)
    alarms = page[: page.index('class="mh-desk__beside"')]
    assert [name for name, heading in HEADINGS.items() if heading in alarms] == [box]
    assert alarms.count(">Food parcel driver, ") == 1
    assert alarms.count("<strong>Person 0</strong> dropped out late") == 1
    # Nor is it told of once more among the places that are free.
    assert "Places free in the next 7 days" not in page
    assert "Every shift of the next 7 days has the people it needs" not in page


def test_who_left_late_is_never_cut_off(group: Group, role: Opportunity, asha: User) -> None:
    for hours in range(2, 10):
        factories.shift(role, starts_at=in_hours(hours), minimum=2)
    last = factories.shift(role, starts_at=in_hours(20), minimum=2)
    last_id, person_id = last.id, factories.volunteer().id
    factories.signup(last, db.session.get_one(Volunteer, person_id))
    signups.withdraw(last_id, person_id, way=Way.WEB)
    found = boxes.sort_out(desk(group), [], leaving.unseen([group.id])[group.id])
    assert len(found.thin.told) == 9
    assert found.thin.shown[0].id == last_id
    assert found.thin.more == 3
    assert found.late.told == []


def test_the_number_of_queries_does_not_grow(
    asha: User, sign_in: SignIn, count_queries: Callable[[], Any]
) -> None:
    for _ in range(3):
        more = factories.group()
        factories.save(Membership(user_id=asha.id, group_id=more.id, part=Part.MANAGER))
        role = factories.opportunity(more)
        for hours in (3, 30, 50):
            factories.signup(
                factories.shift(role, starts_at=in_hours(hours)), factories.volunteer()
            )
    client = sign_in(asha)
    db.session.remove()  # nothing is remembered from what the test made
    with count_queries() as statements:
        text(client)
    reads = [one for one in statements if not one.startswith("INSERT")]
    # Of them two ask for alarms and decisions, one who left late, three why shifts are thin,
    # and one what long work has come to.
    assert len(reads) == 17


def test_why_a_shift_is_thin_is_told_of_the_groups_own_people(
    group: Group, role: Opportunity, asha: User, sign_in: SignIn
) -> None:
    shift = factories.shift(role, starts_at=in_hours(30), minimum=2)
    for name in ("Ravi Shah", "Mary Cole"):
        factories.known_to(factories.volunteer(name=name), group)
    page = text(sign_in(asha))
    assert "2 of your people could come." in page
    assert f"/groups/{group.id}/shifts/{shift.id}/cover" in page


def test_how_todays_people_stand_is_said_in_words(
    group: Group, role: Opportunity, asha: User, sign_in: SignIn
) -> None:
    now_on = factories.shift(role, starts_at=in_hours(-1), places=4)
    factories.signup(now_on, factories.volunteer(name="Here Now"), standing=Standing.ATTENDED)
    factories.signup(now_on, factories.volunteer(name="Runs Late"))
    later = factories.shift(role, starts_at=in_hours(3))
    factories.signup(later, factories.volunteer(name="To Come"))
    faces = {one.name: one.face.label for line in desk(group).today for one in line.people}
    assert faces == {"Here Now": "Here", "Runs Late": "Late", "To Come": "Due"}
    assert desk(group).free_today == 2 + later.places - 1
    assert "still to come" in text(sign_in(asha))


def test_a_yes_is_one_tap_and_leads_back(group: Group, asha: User, sign_in: SignIn) -> None:
    shift = factories.shift(
        factories.opportunity(group, policy=Policy.APPROVAL), starts_at=in_hours(50)
    )
    asks = factories.signup(shift, factories.volunteer(name="Ravi Shah"), standing=Standing.WAITING)
    signup_id, group_id = asks.id, group.id
    client = sign_in(asha)
    page = text(client)
    assert f'action="/groups/{group_id}/signups/{signup_id}/confirm"' in page
    answer = client.post(
        f"/groups/{group_id}/signups/{signup_id}/confirm",
        data={"next": "home"},
        follow_redirects=True,
    )
    assert answer.request.path == "/"
    assert "Ravi Shah has a place and has been told." in answer.text
    assert "Waiting for your yes" not in answer.text
