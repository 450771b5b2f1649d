"""One person's and one group's data, tried from everybody else's side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import User
from app.accounts.service import people
from app.accounts.service import sign_in as signing_in
from app.broadcasts import links
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Invitation, Membership, Part, Site
from app.opportunities.models import Shift
from app.signups import calendars
from app.signups.models import Signup, Standing
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, DatesAway, GroupVolunteer, Volunteer
from app.volunteers.service import profile, unsubscribe_url
from tests import factories
from tests.attacks.conftest import County, doors

Enter = Callable[[User | None], FlaskClient]

SECRETS = {
    "name": "Zebedee Quillfeather",
    "phone": "07700 900777",
    "raw phone": "+447700900777",
    "email": "quillfeather@example.org",
    "postcode": "LE65 1AA",
    "emergency": "Grizelda Quillfeather",
    "door code": "Door code 4471X",
    "street": "17 Hidden Lane",
}


@pytest.fixture
def secret(county: County) -> Volunteer:
    """Somebody of the county's group, on its shift, whose every detail is unmistakable."""
    site = county.opportunity.site
    with transaction():
        db.session.execute(
            update(Site)
            .where(Site.id == site.id)
            .values(access_notes=SECRETS["door code"], address=SECRETS["street"])
        )
    person = factories.volunteer(
        name=SECRETS["name"],
        phone=SECRETS["raw phone"],
        email=SECRETS["email"],
        postcode=SECRETS["postcode"],
        emergency_name=SECRETS["emergency"],
        emergency_phone="01509000000",
    )
    factories.known_to(person, county.group)
    factories.signup(county.shift, person)
    return person


def told(client: FlaskClient, app: Flask, county: County) -> set[tuple[str, str]]:
    """Which secrets which pages tell."""
    found = set()
    for method, path, rule in doors(app, county.values):
        # The calendar's address is its owner's key, whoever uses it.
        if rule.endpoint in ("accounts.sign_out", "signups.calendar"):
            continue
        db.session.rollback()
        answer = client.open(path, method=method)
        page = answer.get_data().decode(errors="replace")
        found |= {(what, rule.endpoint) for what, word in SECRETS.items() if word in page}
    return found


def others_lead(county: County) -> User:
    """Leads shifts of the very group, which opens none of a manager's pages."""
    person = factories.user()
    factories.save(Membership(user_id=person.id, group_id=county.group.id, part=Part.LEAD))
    return person


@pytest.mark.parametrize("who", ["nobody", "a volunteer", "another manager", "a lead"])
def test_nobody_else_is_told_who_a_groups_people_are(
    app: Flask, county: County, secret: Volunteer, client_of: Enter, who: str
) -> None:
    if who == "another manager":
        own = factories.group()
        factories.shift(factories.opportunity(own))
        user: User | None = factories.manager(own)
    elif who == "a lead":
        user = others_lead(county)
    else:
        user = factories.user() if who == "a volunteer" else None
    if user is not None:
        factories.volunteer(user_id=user.id)
    assert told(client_of(user), app, county) == set()


def test_a_waiting_volunteer_is_not_told_the_door_code_nor_the_street(
    app: Flask, county: County, secret: Volunteer, client_of: Enter
) -> None:
    user = factories.user()
    factories.signup(county.shift, factories.volunteer(user_id=user.id), standing=Standing.WAITING)
    soon = clock.now() + timedelta(hours=3)
    with transaction():
        db.session.execute(
            update(Shift)
            .where(Shift.id == county.shift.id)
            .values(starts_at=soon, ends_at=soon + timedelta(hours=2), times=Shift.times)
        )
    assert told(client_of(user), app, county) == set()


def test_a_profile_that_was_not_opened_shows_no_contact_points(
    app: Flask, county: County, secret: Volunteer, client_of: Enter
) -> None:
    group = factories.group()
    factories.save(
        GroupVolunteer(volunteer_id=secret.id, group_id=group.id, sees_profile=False, how="import")
    )
    client = client_of(factories.manager(group))
    for path in (
        f"/groups/{group.id}/volunteers/{secret.id}",
        f"/groups/{group.id}/volunteers",
        f"/groups/{group.id}/volunteers?skill=1",
    ):
        page = client.get(path).get_data(as_text=True)
        db.session.rollback()
        for what in ("phone", "raw phone", "email", "postcode", "emergency"):
            assert SECRETS[what] not in page, (path, what)


def test_anothers_rows_under_ones_own_group_are_left_alone(
    app: Flask, county: County, secret: Volunteer, client_of: Enter
) -> None:
    """One's own group in the address, another's sign-up, person or import in its end or form."""
    own = factories.group()
    own_shift = factories.shift(factories.opportunity(own))
    waiting = factories.signup(county.shift, factories.volunteer(), standing=Standing.WAITING)
    client = client_of(factories.manager(own))
    values = county.values
    for path, form in [
        (f"/groups/{own.id}/signups/{waiting.id}/confirm", {}),
        (f"/groups/{own.id}/signups/{waiting.id}/decline", {"reason": "x"}),
        (f"/groups/{own.id}/signups/{values['signup_id']}/mark", {"standing": "no-show"}),
        (f"/groups/{own.id}/shifts/{county.shift.id}/add", {"volunteer_id": str(secret.id)}),
        (f"/groups/{own.id}/shifts/{own_shift.id}/add", {"volunteer_id": str(secret.id)}),
        (f"/groups/{own.id}/shifts/{county.shift.id}/cancel", {"reason": "x"}),
        (f"/groups/{own.id}/shifts/{county.shift.id}/delete", {}),
        (f"/groups/{own.id}/opportunities/{county.opportunity.id}/close", {}),
        (f"/groups/{own.id}/opportunities/{county.opportunity.id}/cancel", {"reason": "x"}),
        (f"/groups/{own.id}/volunteers/{secret.id}/remove", {}),
        (f"/groups/{own.id}/volunteers/{secret.id}/checks", {"level": "basic"}),
        (f"/groups/{own.id}/volunteers/import/{values['import_id']}/apply", {}),
        (f"/groups/{own.id}/volunteers/import/{values['county_import_id']}/apply", {}),
        (f"/groups/{own.id}/invitations/{values['invitation_id']}/withdraw", {}),
        (f"/groups/{own.id}/managers/{values['membership_id']}/remove", {}),
    ]:
        db.session.rollback()
        assert client.post(path, data=form).status_code in (200, 302, 400, 404), path
    db.session.rollback()
    assert db.session.get_one(Signup, waiting.id).standing == Standing.WAITING
    assert db.session.get_one(Signup, county.signup.id).standing == Standing.CONFIRMED
    on_mine = select(Signup.id).where(Signup.shift_id == own_shift.id)
    assert db.session.scalar(on_mine) is None
    assert db.session.scalar(select(Volunteer.id).where(Volunteer.name == "Bo Example")) is None
    known = select(GroupVolunteer.id).where(
        GroupVolunteer.volunteer_id == secret.id, GroupVolunteer.group_id == county.group.id
    )
    assert db.session.scalar(known) is not None
    assert db.session.get_one(Invitation, values["invitation_id"]).withdrawn_at is None


def test_an_opportunity_cannot_be_moved_to_anothers_site(
    app: Flask, county: County, client_of: Enter
) -> None:
    own = factories.group()
    mine = factories.opportunity(own)
    client = client_of(factories.manager(own))
    client.post(
        f"/groups/{own.id}/opportunities/{mine.id}/edit",
        data={
            "title": "Mine",
            "summary": "Still mine.",
            "site_id": str(county.opportunity.site_id),
            "minimum_age": "18",
            "policy": "open",
            "dbs_level": "none",
        },
    )
    before = mine.site_id
    db.session.rollback()
    db.session.refresh(mine)
    assert mine.site_id == before


def test_ones_own_pages_change_only_ones_own(app: Flask, county: County, client_of: Enter) -> None:
    today = clock.now().date()
    profile.add_dates_away(county.volunteer.id, today, today + timedelta(days=3))
    away = db.session.scalar(select(DatesAway.id))
    user = factories.user()
    factories.volunteer(user_id=user.id)
    client = client_of(user)
    client.post(f"/my/profile/away/{away}/remove")
    client.post(f"/shifts/{county.shift.id}/withdraw", data={"reason": ""})
    client.post("/my/calendar/stop")
    client.post("/my/profile/name", data={"name": "Mallory", "id": county.volunteer.id})
    db.session.rollback()
    assert db.session.get(DatesAway, away) is not None
    assert db.session.get_one(Signup, county.signup.id).standing == Standing.CONFIRMED
    assert calendars.has_address(county.volunteer.id)
    assert db.session.get_one(Volunteer, county.volunteer.id).name == "Ann Example"


def test_a_county_role_cannot_be_given_by_a_form(
    app: Flask, county: County, client_of: Enter
) -> None:
    for user in (county.person, county.manager, county.coordinator):
        client = client_of(user)
        forged = {"role": "administrator", "county_role": "administrator", "name": "Eve"}
        for path in (f"/admin/people/{user.id}", "/account/name", "/my/profile/name"):
            db.session.rollback()
            client.post(path, data=forged)
        db.session.rollback()
        fresh = db.session.get_one(User, user.id, populate_existing=True)
        assert not fresh.is_administrator


@pytest.mark.parametrize("spoilt", [lambda t: t[:-1], lambda t: t + "a", lambda t: t.upper()])
def test_a_tampered_token_opens_nothing(
    app: Flask, county: County, client: FlaskClient, spoilt: Callable[[str], str]
) -> None:
    tap = links.token(county.broadcast.id, county.volunteer.id)
    unsubscribe = unsubscribe_url(county.volunteer.id, "ann@example.org").rpartition("/")[2]
    for path in (
        f"/r/{spoilt(tap)}",
        f"/unsubscribe/{spoilt(unsubscribe)}",
        f"/calendar/{spoilt(county.values['token'])}.ics",
        f"/invitations/{spoilt('x' * 43)}",
        f"/sign-in/link/{spoilt('x' * 43)}",
    ):
        assert client.get(path).status_code in (404, 410), path
    # One kind of token is not another kind.
    for path in (f"/r/{unsubscribe}", f"/unsubscribe/{tap}", f"/calendar/{tap}.ics"):
        assert client.get(path).status_code == 404, path


def test_a_calendar_stops_when_its_address_is_renewed_or_its_person_erased(
    app: Flask, county: County, client: FlaskClient
) -> None:
    old = county.values["token"]
    new = calendars.new_address(county.volunteer.id)
    assert client.get(f"/calendar/{old}.ics").status_code == 404
    assert client.get(f"/calendar/{new}.ics").status_code == 200
    volunteers.erase(county.volunteer.id)
    assert client.get(f"/calendar/{new}.ics").status_code == 404


def test_signing_out_everywhere_ends_every_session(
    app: Flask, county: County, client_of: Enter
) -> None:
    phone, laptop = client_of(county.person), client_of(county.person)
    assert phone.get("/account").status_code == 200
    assert laptop.post("/account/sign-out-everywhere").status_code == 302
    db.session.rollback()
    assert phone.get("/account").location.startswith("/sign-in")


def test_a_session_made_before_sign_in_is_empty_after_it(app: Flask, client_of: Enter) -> None:
    """Session fixation: nothing that was planted before a sign-in is there after it."""
    user = factories.user(email="fixed@example.org")
    signing_in.set_password(user.id, "three random words here")
    client = client_of(None)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    answer = client.post(
        "/sign-in",
        data={"address": "fixed@example.org", "password": "three random words here"},
    )
    assert answer.status_code == 302
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["_user_id"]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_a_disabled_account_is_out_at_once(
    app: Flask, county: County, client_of: Enter, channel: Channel
) -> None:
    client = client_of(county.person)
    assert client.get("/account").status_code == 200
    people.disable(county.person.id)
    assert client.get("/account").location.startswith("/sign-in")
