"""A group's first steps: written, ticked by whom they may be, asked for by roles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.models import Group
from app.signups import service as signups
from app.signups.models import Standing, Way
from app.volunteers import induction, service
from app.volunteers.models import InductionStep, InductionTick, TickedBy, Volunteer
from tests import factories

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def library(app: Flask) -> Group:
    return factories.group(name="The library")


@pytest.fixture
def manager(library: Group) -> User:
    return factories.manager(library)


@pytest.fixture
def person(library: Group) -> Volunteer:
    known = factories.volunteer(name="Noor Newcomer", user_id=factories.user().id)
    factories.known_to(known, library)
    return known


def step(of: Group, name: str, *, first: bool = True, by: TickedBy = TickedBy.MANAGER) -> int:
    return service.add_induction_step(of.id, name, needed_first=first, ticked_by=by).id


def test_a_role_that_asks_for_it_is_for_those_who_have_done_it(
    library: Group, manager: User, person: Volunteer
) -> None:
    shift = factories.shift(factories.opportunity(library, needs_induction=True))
    shift_id, doors = shift.id, step(library, "Fire doors")
    step(library, "The kettle", first=False)
    with pytest.raises(Refusal, match="needs the induction of The library first"):
        signups.claim(shift_id, person.id, way=Way.WEB)
    service.tick_induction(library.id, person.id, doors, manager.id)
    assert signups.claim(shift_id, person.id, way=Way.WEB).standing == Standing.CONFIRMED


def test_what_another_group_shows_counts_for_that_group_only(
    library: Group, manager: User, person: Volunteer
) -> None:
    other = factories.group()
    factories.known_to(person, other)
    step(library, "Fire doors")
    theirs = step(other, "Fire doors")
    service.tick_induction(other.id, person.id, theirs, manager.id)
    assert induction.is_done(other.id, person.id)
    assert not induction.is_done(library.id, person.id)
    with pytest.raises(Refusal, match="not on the list"):
        service.tick_induction(library.id, person.id, theirs, manager.id)


def test_a_volunteer_ticks_what_is_to_be_read_and_nothing_else(
    library: Group, person: Volunteer, sign_in: SignIn
) -> None:
    rules = step(library, "House rules", by=TickedBy.VOLUNTEER)
    doors = step(library, "Fire doors")
    client = sign_in(db.session.get_one(User, person.user_id))
    page = client.get("/my/induction").text
    assert "2 steps to go before your first shift there." in page
    client.post(f"/my/induction/{rules}")
    assert (
        "Somebody of the group shows you this"
        in client.post(f"/my/induction/{doors}", follow_redirects=True).text
    )
    ticks = db.session.scalars(select(InductionTick.step_id)).all()
    assert ticks == [rules]
    assert "1 step to go" in client.get("/my/induction").text


def test_who_did_it_and_when_is_kept_and_ticking_twice_is_harmless(
    library: Group, manager: User, person: Volunteer, sign_in: SignIn
) -> None:
    doors = step(library, "Fire doors")
    client = sign_in(manager)
    address = f"/groups/{library.id}/induction/people/{person.id}"
    for _ in range(2):
        assert client.post(f"{address}/{doors}/tick").status_code == 302
    assert f"ticked by {manager.name}" in client.get(address).text
    assert len(db.session.scalars(select(InductionTick)).all()) == 1
    client.post(f"{address}/{doors}/untick")
    assert "ticked by" not in client.get(address).text
    actions = db.session.scalars(select(AuditEvent.action)).all()
    assert actions.count("ticked induction step") == 1
    assert "unticked induction step" in actions
    assert "viewed induction" in actions


def test_a_step_is_added_moved_and_removed_by_its_group_only(
    library: Group, manager: User, sign_in: SignIn
) -> None:
    client, address = sign_in(manager), f"/groups/{library.id}/induction"
    for name in ("Fire doors", "House rules"):
        client.post(address, data={"name": name, "ticked_by": "manager", "needed_first": "y"})
    first, second = (one.id for one in induction.steps_of(library.id))
    client.post(f"{address}/{second}/up")
    assert [one.id for one in induction.steps_of(library.id)] == [second, first]
    page = client.post(address, data={"name": "fire DOORS", "ticked_by": "manager"}).text
    assert "This step is on the list already." in page
    assert "fire DOORS" in page
    client.post(f"{address}/{first}/remove")
    assert [one.id for one in induction.steps_of(library.id)] == [second]
    theirs = step(factories.group(), "Their own")
    assert client.post(f"{address}/{theirs}/remove").status_code == 404
    db.session.rollback()
    assert db.session.get_one(InductionStep, theirs).retired_at is None


def test_the_list_shows_who_may_begin(
    library: Group, manager: User, person: Volunteer, sign_in: SignIn
) -> None:
    ready = factories.volunteer(name="Rita Ready")
    factories.known_to(ready, library)
    doors = step(library, "Fire doors")
    service.tick_induction(library.id, ready.id, doors, manager.id)
    client, address = sign_in(manager), f"/groups/{library.id}/induction/people"
    page = client.get(address).text
    assert page.index("Noor Newcomer") < page.index("1 left before the first shift")
    assert page.index("Rita Ready") < page.index("May begin")
    only = client.get(address, query_string={"left": "1"}).text
    assert "Noor Newcomer" in only
    assert "Rita Ready" not in only


def test_a_person_whom_the_group_may_not_see_yet_is_not_there(
    library: Group, manager: User, person: Volunteer, sign_in: SignIn
) -> None:
    stranger = factories.volunteer()
    client = sign_in(manager)
    assert client.get(f"/groups/{library.id}/induction/people/{stranger.id}").status_code == 404


def test_ticks_are_exported_and_erased(library: Group, manager: User, person: Volunteer) -> None:
    service.tick_induction(library.id, person.id, step(library, "Fire doors"), manager.id)
    (told,) = service.everything_held(person.id)["induction"]
    assert (told["step"], told["group"]) == ("Fire doors", "The library")
    service.erase(person.id)
    assert db.session.scalars(select(InductionTick)).all() == []
