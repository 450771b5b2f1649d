"""Who may take a place: anybody, who is approved, who is invited, who is on the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.matching.queries import roles_for
from app.messaging.models import Message
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.signups import inviting, keys, service
from app.signups.keys import Key
from app.signups.models import RoleInvitation, Signup, Standing, Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import Skill
from tests import factories as make
from tests import over_tls

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def role(app: Flask) -> Opportunity:
    """A role that is by invitation."""
    return make.opportunity(policy=Policy.INVITATION, title="Minibus driver")


@pytest.fixture
def boss(role: Opportunity, sign_in: SignIn) -> FlaskClient:
    return sign_in(make.manager(role.group))


def invited(person: Volunteer, role: Opportunity) -> str:
    """Invite a person; the path of their link."""
    make.known_to(person, role.group)
    inviting.invite(role.group_id, role.id, person.id, make.manager(role.group).id)
    return f"/invited/{inviting.token(role.id, person.id)}"


def claim(shift: Shift, person: Volunteer, way: Way = Way.WEB) -> Signup:
    return service.claim(shift.id, person.id, way=way)


def test_only_who_is_invited_takes_a_place_by_invitation(role: Opportunity) -> None:
    shift, guest, stranger = make.shift(role), make.volunteer(), make.volunteer()
    invited(guest, role)
    assert claim(shift, guest).standing == Standing.CONFIRMED
    with pytest.raises(Refusal, match="by invitation"):
        claim(shift, stranger)


def test_being_on_the_list_is_not_an_invitation(role: Opportunity) -> None:
    member = make.volunteer()
    make.known_to(member, role.group)
    with pytest.raises(Refusal, match="by invitation"):
        claim(make.shift(role), member)


def test_an_invitation_to_one_role_opens_no_other(role: Opportunity) -> None:
    other = make.opportunity(role.group, policy=Policy.INVITATION)
    guest = make.volunteer()
    invited(guest, role)
    with pytest.raises(Refusal, match="by invitation"):
        claim(make.shift(other), guest)


def test_what_was_taken_back_opens_nothing_more_and_takes_no_place(role: Opportunity) -> None:
    guest, first, second = make.volunteer(), make.shift(role), make.shift(role)
    invited(guest, role)
    had = claim(first, guest).id
    inviting.take_back(role.group_id, role.id, guest.id)
    with pytest.raises(Refusal, match="by invitation"):
        claim(second, guest)
    assert db.session.get_one(Signup, had).standing == Standing.CONFIRMED


def test_a_role_for_members_is_for_who_is_on_the_list(app: Flask) -> None:
    role = make.opportunity(policy=Policy.MEMBERS)
    member, stranger = make.volunteer(), make.volunteer()
    make.known_to(member, role.group)
    make.known_to(stranger, make.group())
    assert claim(make.shift(role), member).standing == Standing.CONFIRMED
    with pytest.raises(Refusal, match="knows already"):
        claim(make.shift(role), stranger)


@pytest.mark.parametrize("policy", [Policy.INVITATION, Policy.MEMBERS])
def test_whom_a_manager_puts_on_a_shift_needs_no_invitation(app: Flask, policy: Policy) -> None:
    shift = make.shift(make.opportunity(policy=policy))
    assert claim(shift, make.volunteer(), Way.MANAGER).standing == Standing.CONFIRMED


def test_who_was_invited_must_fit_all_the_same(role: Opportunity) -> None:
    sawing = make.opportunity(role.group, policy=Policy.INVITATION, needs_skills=Skill.CHAINSAW)
    guest = make.volunteer()
    invited(guest, sawing)
    with pytest.raises(Refusal, match="chainsaw"):
        claim(make.shift(sawing), guest)


def test_who_waits_is_passed_over_once_the_invitation_is_taken_back(role: Opportunity) -> None:
    shift = make.shift(role, places=1)
    people = [make.volunteer() for _ in range(3)]
    for person in people:
        invited(person, role)
        claim(shift, person)
    inviting.take_back(role.group_id, role.id, people[1].id)
    service.withdraw(shift.id, people[0].id, way=Way.WEB)
    held = db.session.scalars(select(Signup.standing).order_by(Signup.id)).all()
    assert held[1:] == [Standing.WAITING, Standing.CONFIRMED]


def test_an_invitation_is_told_with_a_link_once(role: Opportunity) -> None:
    guest = make.volunteer(prefers=Channel.SMS)
    path = invited(guest, role)
    make_again = make.manager(role.group)
    inviting.invite(role.group_id, role.id, guest.id, make_again.id)
    told = db.session.scalars(select(Message).where(Message.purpose == "role-invitation")).all()
    assert {one.channel for one in told} == {Channel.SMS, Channel.EMAIL}
    assert len(told) == 2
    assert all(path in one.body for one in told)
    assert all("fine to say no" in one.body for one in told)


def test_who_may_not_be_written_to_is_told_by_the_manager(
    role: Opportunity, boss: FlaskClient
) -> None:
    quiet = make.volunteer(name="Quinn Quiet", sms_consent_at=None, email_consent_at=None)
    make.known_to(quiet, role.group)
    page = boss.post(pages(role), data={"volunteer_id": quiet.id}, follow_redirects=True).text
    assert "tell them yourself" in page
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def pages(role: Opportunity) -> str:
    return f"/groups/{role.group_id}/opportunities/{role.id}/invitations"


def test_a_manager_invites_from_the_list_and_takes_back(
    role: Opportunity, boss: FlaskClient
) -> None:
    known, stranger = make.volunteer(name="Kim Known"), make.volunteer(name="Sue Stranger")
    make.known_to(known, role.group)
    page = boss.get(pages(role)).text
    assert "Kim Known" in page
    assert "Sue Stranger" not in page
    refused = boss.post(pages(role), data={"volunteer_id": stranger.id}).text
    assert "Choose somebody from the list" in refused
    page = boss.post(pages(role), data={"volunteer_id": known.id}, follow_redirects=True).text
    assert "Kim Known is invited, and has been told" in page
    boss.post(f"{pages(role)}/{known.id}/take-back")
    assert db.session.scalars(select(RoleInvitation.withdrawn_at)).one() is not None
    actions = set(db.session.scalars(select(AuditEvent.action)))
    assert {"invited to role", "took back invitation to role"} <= actions


def test_the_roles_page_leads_its_manager_to_who_is_invited(
    role: Opportunity, boss: FlaskClient
) -> None:
    overview = boss.get(f"/groups/{role.group_id}/opportunities/{role.id}").text
    assert pages(role) in overview


def test_a_draft_invites_nobody(role: Opportunity) -> None:
    draft = make.opportunity(role.group, policy=Policy.INVITATION, stage=Stage.DRAFT)
    with pytest.raises(Refusal, match="Publish the role first"):
        invited(make.volunteer(), draft)


def test_the_link_shows_the_times_and_looking_takes_nothing(
    role: Opportunity, client: FlaskClient
) -> None:
    shift = make.shift(role)
    path = invited(make.volunteer(), role)
    answer = client.get(path)
    assert "Minibus driver" in answer.text
    assert f'value="{shift.id}"' in answer.text
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert db.session.scalar(select(func.count()).select_from(Signup)) == 0


def test_a_place_is_taken_and_given_back_by_the_link(
    role: Opportunity, client: FlaskClient
) -> None:
    shift = make.shift(role)
    path = invited(make.volunteer(), role)
    assert "You have a place" in client.post(path, data={"take": shift.id}).text
    signup = db.session.scalars(select(Signup)).one()
    assert (signup.standing, signup.way) == (Standing.CONFIRMED, Way.LINK)
    client.post(path, data={"leave": shift.id})
    assert db.session.scalars(select(Signup.standing)).all() == [Standing.WITHDRAWN]


def test_a_place_is_taken_over_tls_with_the_guard_of_the_forms(
    role: Opportunity, app: Flask
) -> None:
    shift = make.shift(role)
    answer = over_tls.press(app, invited(make.volunteer(), role), {"take": shift.id})
    assert answer.status_code == 200
    assert db.session.scalars(select(Signup.standing)).all() == [Standing.CONFIRMED]


def test_the_link_takes_no_place_on_another_role(role: Opportunity, client: FlaskClient) -> None:
    elsewhere = make.shift()
    path = invited(make.volunteer(), role)
    assert client.post(path, data={"take": elsewhere.id}).status_code == 400
    assert client.post(path, data={"take": "x"}).status_code == 400


def test_a_link_that_was_taken_back_says_so(role: Opportunity, client: FlaskClient) -> None:
    shift, guest = make.shift(role), make.volunteer()
    path = invited(guest, role)
    inviting.take_back(role.group_id, role.id, guest.id)
    page = client.get(path).text
    assert "This invitation has ended" in page
    assert f'value="{shift.id}"' not in page
    client.post(path, data={"take": shift.id})
    assert db.session.scalar(select(func.count()).select_from(Signup)) == 0


@pytest.mark.parametrize("token", ["x", "WzEsMV0.forged-signature"])
def test_a_forged_link_opens_nothing(app: Flask, client: FlaskClient, token: str) -> None:
    assert client.get(f"/invited/{token}").status_code == 404


def test_a_key_opens_only_what_it_is_for(app: Flask) -> None:
    token = keys.make(Key.INVITED, 1, 2)
    assert keys.read(Key.INVITED, token, 2) == [1, 2]
    assert keys.read(Key.INVITED, token, 3) is None


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy.OPEN, "At once, if the role fits you"),
        (Policy.APPROVAL, "the group says yes or no"),
        (Policy.INVITATION, "By invitation"),
        (Policy.MEMBERS, "whom the group knows already"),
    ],
)
def test_the_public_page_says_how_one_gets_a_place(
    app: Flask, client: FlaskClient, policy: Policy, words: str
) -> None:
    role = make.opportunity(policy=policy)
    page = client.get(f"/opportunities/{role.id}-food-parcel-driver").text
    assert "Getting a place" in page
    assert words in page


def test_who_looks_around_finds_no_role_that_is_by_invitation(
    role: Opportunity, client: FlaskClient
) -> None:
    make.shift(role, starts_at=clock.now() + timedelta(hours=30))
    make.shift(make.opportunity(title="Tin sorter"))
    for path in ("/opportunities", "/", f"/find/{role.group.slug}"):
        page = client.get(path).text
        assert "Minibus driver" not in page
    assert "Tin sorter" in client.get("/opportunities").text


def test_a_volunteer_is_offered_what_they_may_take(role: Opportunity) -> None:
    guest, stranger = make.volunteer(), make.volunteer()
    members = make.opportunity(role.group, policy=Policy.MEMBERS, title="Key holder")
    make.shift(role)
    make.shift(members)
    invited(guest, role)
    assert {one.shift.opportunity.title for one in roles_for(guest)} == {
        "Minibus driver",
        "Key holder",
    }
    assert roles_for(stranger) == []


def test_the_claims_page_says_why_one_cannot_join(
    role: Opportunity, client: FlaskClient, sign_in: SignIn
) -> None:
    user = make.user()
    make.volunteer(user_id=user.id)
    sign_in(user)
    page = client.get(f"/shifts/{make.shift(role).id}/claim").text
    assert "This role is by invitation" in page
    assert not re.search(r"<button[^>]*>\s*(Yes|I can)", page)


def test_a_manager_chooses_the_policy_on_the_form(app: Flask, sign_in: SignIn) -> None:
    role = make.opportunity()
    boss = sign_in(make.manager(role.group))
    data = {
        "title": role.title,
        "summary": role.summary,
        "site_id": role.site_id,
        "minimum_age": 18,
        "policy": "members",
        "dbs_level": "none",
        "dbs_ground": "",
        "dbs_workforce": "",
    }
    boss.post(f"/groups/{role.group_id}/opportunities/{role.id}/edit", data=data)
    db.session.rollback()
    assert db.session.get_one(Opportunity, role.id).policy == Policy.MEMBERS


def test_invitations_are_told_and_forgotten_with_the_person(role: Opportunity) -> None:
    guest = make.volunteer()
    invited(guest, role)
    told = volunteers.everything_held(guest.id)
    assert "Minibus driver" in str(told["invitations_to_roles"])
    volunteers.erase(guest.id)
    assert db.session.scalar(select(func.count()).select_from(RoleInvitation)) == 0
