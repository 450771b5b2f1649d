from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import passwords
from app.accounts.models import AuditEvent, User
from app.foundation.extensions import db
from app.groups import queries
from app.groups.models import Group, GroupKind, Site
from tests import factories
from tests.letters import Recorded

SignIn = Callable[[User], FlaskClient]
DETAILS = {
    "name": "Kibworth Library",
    "kind": "library",
    "district": "Harborough",
    "about": "Books and a warm room.",
    "recheck_months": "36",
}


@pytest.fixture
def group(app: Flask) -> Group:
    return factories.group(name="Gorse Covert Food Bank", slug="gorse-covert-food-bank")


def test_an_administrator_adds_a_group_and_invites_its_manager(
    sign_in: SignIn, outbox: Recorded
) -> None:
    client = sign_in(factories.administrator())
    client.post("/admin/groups/new", data=DETAILS | {"manager_email": "ravi@example.org"})
    found = db.session.scalars(select(Group)).one()
    assert (found.slug, found.kind) == ("kibworth-library", GroupKind.LIBRARY)
    assert outbox.last.to == "ravi@example.org"


def test_a_name_that_is_taken_is_refused_beside_it(sign_in: SignIn, group: Group) -> None:
    client = sign_in(factories.administrator())
    answer = client.post("/admin/groups/new", data=DETAILS | {"name": "gorse covert food bank"})
    assert 'href="#name"' in answer.text
    assert "Books and a warm room." in answer.text


def test_a_name_that_is_too_long_is_said_plainly(sign_in: SignIn) -> None:
    client = sign_in(factories.administrator())
    answer = client.post("/admin/groups/new", data=DETAILS | {"name": "A" * 121})
    assert "This can be 120 letters long at most." in answer.text


def test_a_group_is_not_made_while_its_managers_address_is_wrong(
    sign_in: SignIn, outbox: Recorded
) -> None:
    client = sign_in(factories.administrator())
    page = client.post("/admin/groups/new", data=DETAILS | {"manager_email": "not an address"})
    assert 'href="#manager_email"' in page.text
    assert 'value="not an address"' in page.text
    assert "Books and a warm room." in page.text
    assert db.session.scalars(select(Group)).all() == []
    few = {"name": "Kibworth Library", "kind": "library", "district": "Harborough"}
    rules = {"recheck_months": "36", "handover_minutes": "0", "late_hours": "24"}
    answer = client.post(
        "/admin/groups/new", data=few | rules | {"manager_email": "ravi@example.org"}
    )
    assert answer.status_code == 302
    assert outbox.last.to == "ravi@example.org"


def test_groups_that_nobody_manages_or_that_are_closed_are_found(sign_in: SignIn) -> None:
    factories.manager(factories.group(name="Looked after"), name="Mira Manager")
    factories.group(name="Alone")
    factories.group(name="Gone", is_closed=True)
    client = sign_in(factories.administrator())
    every = client.get("/admin/groups").text
    assert "Mira Manager" in every
    assert every.count("Nobody yet: invite somebody") == 1
    alone = client.get("/admin/groups?show=alone").text
    assert "Alone" in alone
    assert "Looked after" not in alone
    assert "Gone" not in alone
    closed = client.get("/admin/groups?show=closed").text
    assert "Gone" in closed
    assert "Looked after" not in closed


@pytest.mark.parametrize("words", ["Île", "gorse", "charnwood", "c " * 1500])
def test_groups_are_found_by_any_letters_and_any_number_of_words(
    sign_in: SignIn, words: str
) -> None:
    factories.group(name="Gorse Île Café", district="Charnwood")
    client = sign_in(factories.administrator())
    found = client.get("/admin/groups", query_string={"words": words})
    assert "Gorse Île Café" in found.text


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("managers", {"email": "ravi@example.org"}),
        ("sites/new", {"name": "The hall", "postcode": "LE11 3TU"}),
        ("volunteers/add", {"name": "Asha", "phone": "07700 900123", "postcode": "LE11 3TU"}),
    ],
)
def test_a_group_that_is_not_there_is_not_found_by_an_administrator_either(
    sign_in: SignIn, page: str, form: dict[str, str]
) -> None:
    client = sign_in(factories.administrator())
    assert client.post(f"/groups/9999/{page}", data=form).status_code == 404


def test_two_names_with_one_address_get_different_ones(sign_in: SignIn) -> None:
    client = sign_in(factories.administrator())
    client.post("/admin/groups/new", data=DETAILS | {"name": "St Mary's"})
    client.post("/admin/groups/new", data=DETAILS | {"name": "St. Marys"})
    slugs = db.session.scalars(select(Group.slug).order_by(Group.id)).all()
    assert slugs == ["st-marys", "st-marys-2"]


def test_a_manager_changes_the_details_and_the_address_stays(sign_in: SignIn, group: Group) -> None:
    client = sign_in(factories.manager(group))
    client.post(f"/groups/{group.id}/details", data=DETAILS | {"website": "example.org"})
    db.session.refresh(group)
    assert (group.name, group.slug) == ("Kibworth Library", "gorse-covert-food-bank")
    assert group.website == "https://example.org"


def test_a_site_stands_where_its_postcode_is(sign_in: SignIn, group: Group) -> None:
    client = sign_in(factories.manager(group))
    client.post(
        f"/groups/{group.id}/sites/new",
        data={"name": "The hall", "postcode": "le113tu", "access_notes": "Code 1234"},
    )
    site = db.session.scalars(select(Site)).one()
    assert (site.postcode, site.district) == ("LE11 3TU", "Charnwood")
    assert site.latitude == pytest.approx(52.77, abs=0.05)


def test_an_unknown_postcode_is_refused_beside_it(sign_in: SignIn, group: Group) -> None:
    client = sign_in(factories.manager(group))
    answer = client.post(
        f"/groups/{group.id}/sites/new", data={"name": "The hall", "postcode": "ZZ99 9ZZ"}
    )
    assert 'href="#postcode"' in answer.text


def test_a_site_is_changed(sign_in: SignIn, group: Group) -> None:
    site = factories.site(group)
    client = sign_in(factories.manager(group))
    client.post(
        f"/groups/{group.id}/sites/{site.id}", data={"name": "The barn", "postcode": "LE67 3PN"}
    )
    db.session.refresh(site)
    assert (site.name, site.postcode) == ("The barn", "LE67 3PN")


def test_another_groups_site_is_not_found(sign_in: SignIn, group: Group) -> None:
    theirs = factories.site()
    client = sign_in(factories.manager(group))
    assert client.get(f"/groups/{group.id}/sites/{theirs.id}").status_code == 404


def test_the_street_is_not_on_the_public_page(client: FlaskClient, group: Group) -> None:
    factories.site(group, address="14 Meadow Lane", postcode="LE11 3TU")
    page = client.get(f"/g/{group.slug}").text
    assert "Meadow Lane" not in page
    assert "LE11" in page
    assert "3TU" not in page


def test_access_notes_are_not_on_the_public_page(client: FlaskClient, group: Group) -> None:
    factories.site(group, access_notes="The door code is 1234")
    page = client.get(f"/g/{group.slug}").text
    assert "The hall" in page
    assert "1234" not in page


def test_a_closed_group_says_so(sign_in: SignIn, group: Group) -> None:
    client = sign_in(factories.administrator())
    client.post(f"/admin/groups/{group.id}/close")
    assert "has closed" in client.get(f"/g/{group.slug}").text
    client.post(f"/admin/groups/{group.id}/reopen")
    assert "has closed" not in client.get(f"/g/{group.slug}").text


def test_a_manager_of_one_group_goes_straight_to_it(sign_in: SignIn, group: Group) -> None:
    answer = sign_in(factories.manager(group)).get("/groups")
    assert answer.location == f"/groups/{group.id}"


def test_a_manager_invites_and_withdraws(sign_in: SignIn, group: Group, outbox: Recorded) -> None:
    client = sign_in(factories.manager(group))
    client.post(f"/groups/{group.id}/managers", data={"email": "ravi@example.org"})
    assert "ravi@example.org" in client.get(f"/groups/{group.id}/managers").text
    invitation = queries.open_invitations(group.id)[0]
    client.post(f"/groups/{group.id}/invitations/{invitation.id}/withdraw")
    assert client.get(outbox.path()).status_code == 410


def test_an_invited_stranger_signs_up_and_is_in(
    app: Flask, sign_in: SignIn, group: Group, outbox: Recorded
) -> None:
    sign_in(factories.manager(group)).post(
        f"/groups/{group.id}/managers", data={"email": "ravi@example.org"}
    )
    visitor = app.test_client()
    assert "Help to run" in visitor.get(outbox.path()).text
    visitor.post(outbox.path(), data={"name": "Ravi", "password": "plums in a basket"})
    assert visitor.get(f"/groups/{group.id}").status_code == 200


def test_an_invited_user_signs_in_first(
    app: Flask, sign_in: SignIn, group: Group, outbox: Recorded
) -> None:
    factories.user(email="ravi@example.org", password_hash=passwords.hashed("plums in a basket"))
    sign_in(factories.manager(group)).post(
        f"/groups/{group.id}/managers", data={"email": "ravi@example.org"}
    )
    visitor = app.test_client()
    page = visitor.get(outbox.path()).text
    assert "You have an account already" in page
    # A new account is not made beside the one there is.
    visitor.post(outbox.path(), data={"name": "Ravi", "password": "pears on a wall"})
    answer = visitor.post(
        "/sign-in",
        query_string={"next": outbox.path()},
        data={"address": "ravi@example.org", "password": "plums in a basket"},
    )
    assert answer.location == outbox.path()
    visitor.post(f"{outbox.path()}/join")
    assert visitor.get(f"/groups/{group.id}").status_code == 200


def test_a_removed_manager_is_out_at_once(app: Flask, sign_in: SignIn, group: Group) -> None:
    removed = factories.manager(group)
    theirs = app.test_client()
    with theirs.session_transaction() as held:
        held["_user_id"] = removed.get_id()
    membership = queries.managers_of(group.id)[0]
    sign_in(factories.manager(group)).post(f"/groups/{group.id}/managers/{membership.id}/remove")
    assert theirs.get(f"/groups/{group.id}").status_code == 404


def test_changes_are_written_down_with_the_group(sign_in: SignIn, group: Group) -> None:
    user = factories.manager(group)
    sign_in(user).post(f"/groups/{group.id}/details", data=DETAILS)
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.group_id, event.actor_id) == (
        "group details changed",
        group.id,
        user.id,
    )


def test_the_list_of_groups_is_searched(sign_in: SignIn, group: Group) -> None:
    factories.group(name="Kibworth Library", kind=GroupKind.LIBRARY, district="Harborough")
    client = sign_in(factories.administrator())
    found = client.get("/admin/groups?words=kib").text
    assert "Kibworth Library" in found
    assert "Gorse Covert" not in found
    assert "Gorse Covert" in client.get("/admin/groups?kind=food-bank").text


def test_the_command_makes_a_manager(app: Flask, group: Group) -> None:
    said = ["--name", "Ravi", "--email", "ravi@example.org", "--group", group.slug]
    result: Any = app.test_cli_runner().invoke(
        args=["users", "create", *said], input="plums in a basket\nplums in a basket\n"
    )
    assert "can sign in" in result.output
    assert [one.user.name for one in queries.managers_of(group.id)] == ["Ravi"]


def test_the_command_prints_a_link_that_signs_in(app: Flask, client: FlaskClient) -> None:
    said = ["--name", "Ada", "--email", "ada@example.org", "--role", "administrator", "--link"]
    result: Any = app.test_cli_runner().invoke(args=["users", "create", *said])
    path = result.output.split("http://localhost")[1].strip()
    client.post(path)
    assert client.get("/admin/people").status_code == 200


def test_the_command_refuses_a_taken_address_in_words(app: Flask) -> None:
    factories.user(email="ada@example.org")
    said = ["--name", "Ada", "--email", "ada@example.org", "--link"]
    result: Any = app.test_cli_runner().invoke(args=["users", "create", *said])
    assert result.exit_code == 1
    assert "account with this email" in result.output


def test_the_public_page_shows_how_to_help(client: FlaskClient, group: Group) -> None:
    shift = factories.shift(factories.opportunity(group, title="Food parcel driver"))
    page = client.get(f"/g/{group.slug}").text
    assert "How you can help" in page
    assert shift.opportunity.title in page


def test_the_public_page_can_be_linked_and_shared(client: FlaskClient, group: Group) -> None:
    page = client.get(f"/g/{group.slug}").text
    address = f"http://localhost/g/{group.slug}"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:url" content="{address}">' in page
    assert f'<meta property="og:title" content="{group.name}">' in page


def test_the_public_map_is_no_finer_than_a_kilometre(client: FlaskClient, group: Group) -> None:
    factories.site(group, **factories.position(52.770512, -1.204678))
    page = client.get(f"/g/{group.slug}").text
    assert '"lat": 52.77' in page
    assert "52.7705" not in page


def test_a_group_with_nothing_open_says_what_to_do(client: FlaskClient, group: Group) -> None:
    page = client.get(f"/g/{group.slug}").text
    assert "Every place is taken just now" in page
    assert "Find something near here" in page


def test_the_public_page_takes_few_queries(
    client: FlaskClient, group: Group, count_queries: Callable[[], Any]
) -> None:
    for _ in range(4):
        factories.shift(factories.opportunity(group))
    address = f"/g/{group.slug}"
    with count_queries() as statements:
        client.get(address)
    assert len(statements) == 6


def test_no_minutes_to_hand_over_are_a_number_too(sign_in: SignIn, group: Group) -> None:
    client, address = sign_in(factories.manager(group)), f"/groups/{group.id}/details"
    client.post(address, data=DETAILS | {"handover_minutes": "15"})
    client.post(address, data=DETAILS | {"handover_minutes": "0"})
    db.session.rollback()
    assert db.session.get_one(Group, group.id).handover_minutes == 0
    assert client.post(address, data=DETAILS | {"name": ""}).status_code == 200
