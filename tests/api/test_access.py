"""Who may read and write what: each route with every token that it must not open to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import AuditEvent, User
from app.accounts.service import people
from app.api import tokens
from app.api.description import doors
from app.api.models import ApiToken
from app.api.rules import Scope
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Membership
from app.opportunities.models import Policy, Shift, Stage
from app.signups.models import Signup, Standing
from app.volunteers.models import Channel, GroupVolunteer
from app.volunteers.service import opt_out
from tests import factories
from tests.api.conftest import Caller, Seeded, secret_for

BODIES: dict[str, dict[str, Any]] = {
    "create_shift": {
        "opportunity_id": 0,
        "starts_at": "2030-05-01T10:00:00Z",
        "ends_at": "2030-05-01T12:00:00Z",
        "places": 2,
    },
    "change_shift": {"places": 9},
    "cancel_shift": {"reason": "Flood"},
    "create_signup": {"volunteer_id": 0},
    "withdraw_signup": {"reason": "Ill"},
}


def calls(app: Flask, rows: dict[str, int]) -> list[tuple[str, str, str, Any]]:
    """(name, method, path, door) of every route that wants a token, with these rows' numbers."""
    address = app.url_map.bind("localhost")
    found = []
    for rule, method, described in doors(app):
        if not described.open:
            values = {name: rows[name] for name in rule.arguments}
            path = address.build(rule.endpoint, values, method=method)
            name = rule.endpoint.removeprefix("api.")
            found.append((name, method, path.removeprefix("/api/v1"), described))
    assert len(found) == 16
    return found


def ours(seeded: Seeded) -> dict[str, int]:
    return {
        "shift_id": seeded.shift.id,
        "signup_id": seeded.signup.id,
        "volunteer_id": seeded.volunteer.id,
        "opportunity_id": seeded.role.id,
    }


def theirs(seeded: Seeded) -> dict[str, int]:
    return {
        "shift_id": seeded.their_shift.id,
        "signup_id": seeded.their_signup.id,
        "volunteer_id": seeded.their_volunteer.id,
        "opportunity_id": seeded.their_shift.opportunity_id,
    }


def send(caller: Caller, name: str, method: str, path: str, rows: dict[str, int]) -> Any:
    db.session.rollback()
    body = {key: rows.get(key, value) for key, value in BODIES.get(name, {}).items()}
    return caller.open(method, path, json=body or None, headers={"If-Match": "*"})


def status_of(answer: Any) -> int:
    """The status, having seen that a refusal is a problem of RFC 9457 and tells nothing more."""
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == answer.status_code
        assert answer.json["type"].startswith("http://localhost/api#problem-")
    return int(answer.status_code)


def test_every_route_works_for_its_own_group(app: Flask, seeded: Seeded, caller: Caller) -> None:
    found = {
        name: status_of(send(caller, name, method, path, ours(seeded)))
        for name, method, path, _ in sorted(
            calls(app, ours(seeded)), key=lambda one: one[0] == "cancel_shift"
        )
    }
    assert {name: code for name, code in found.items() if code not in (200, 201)} == {}


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer mh_nonsense", "Basic bWg6eA==", "mh_x"])
def test_no_route_opens_without_a_token_that_works(app: Flask, seeded: Seeded, given: str) -> None:
    client = app.test_client()
    for name, method, path, _ in calls(app, ours(seeded)):
        headers = {"Authorization": given, "Idempotency-Key": "key-of-tests"} if given else {}
        answer = client.open(
            f"/api/v1{path}", method=method, json=BODIES.get(name), headers=headers
        )
        assert status_of(answer) == 401, path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_the_manager_opens_nothing(
    app: Flask, seeded: Seeded, sign_in: Callable[[User], FlaskClient]
) -> None:
    client = sign_in(seeded.manager)
    for _, method, path, _ in calls(app, ours(seeded)):
        assert client.open(f"/api/v1{path}", method=method).status_code == 401, path


def test_each_route_wants_its_own_scope(
    app: Flask, seeded: Seeded, caller_with: Callable[..., Caller]
) -> None:
    for name, method, path, described in calls(app, ours(seeded)):
        if described.scope is None:
            continue
        # With VOLUNTEERS_CONTACT comes VOLUNTEERS_READ, which is wanted itself.
        others = [
            scope for scope in Scope if scope not in (described.scope, Scope.VOLUNTEERS_CONTACT)
        ]
        answer = send(caller_with(*others), name, method, path, ours(seeded))
        assert status_of(answer) == 403, path
        assert described.scope.value in answer.json["detail"]
        assert f'scope="{described.scope.value}"' in answer.headers["WWW-Authenticate"]


def test_another_groups_rows_are_not_there(app: Flask, seeded: Seeded, caller: Caller) -> None:
    for name, method, path, _ in calls(app, theirs(seeded)):
        if "/" not in path.strip("/"):
            continue  # a list, or a new shift: looked at below
        assert status_of(send(caller, name, method, path, theirs(seeded))) == 404, path
    answer = send(caller, "create_shift", "POST", "/shifts", theirs(seeded))
    assert status_of(answer) == 409
    db.session.rollback()
    assert db.session.get_one(Signup, seeded.their_signup.id).standing == Standing.CONFIRMED
    assert db.session.get_one(Shift, seeded.their_shift.id).stage == Stage.PUBLISHED


def test_no_list_tells_of_another_group(seeded: Seeded, caller: Caller) -> None:
    filters = {
        "/shifts": f"opportunity_id={seeded.their_shift.opportunity_id}",
        "/signups": f"volunteer_id={seeded.their_volunteer.id}",
        "/hours": f"volunteer_id={seeded.their_volunteer.id}",
        "/opportunities": f"site_id={seeded.their_shift.site_id}",
    }
    for path, query in filters.items():
        assert caller.get(path).json["items"], path
        assert caller.get(f"{path}?{query}").json["items"] == [], path
    for path in ("/shifts", "/opportunities", "/sites"):
        assert {one["group_id"] for one in caller.get(path).json["items"]} == {seeded.group.id}
    names = {one["name"] for one in caller.get("/volunteers").json["items"]}
    assert "Ours Volunteer" in names
    assert "Theirs Volunteer" not in names


def test_somebody_elses_volunteer_cannot_be_put_on_a_shift(seeded: Seeded, caller: Caller) -> None:
    path = f"/shifts/{seeded.shift.id}/signups"
    known = caller.post(path, {"volunteer_id": seeded.their_volunteer.id})
    unknown = caller.post(path, {"volunteer_id": 999_999})
    assert status_of(known) == 409
    # Whether there is such a person at all is not told.
    assert known.json["detail"] == unknown.json["detail"]


def test_a_countys_token_sees_each_group(app: Flask, seeded: Seeded) -> None:
    caller = Caller(app.test_client(), secret_for(None, factories.administrator()))
    groups = {one["group_id"] for one in caller.get("/shifts").json["items"]}
    assert groups == {seeded.group.id, seeded.others.id}
    answer = send(caller, "cancel_shift", "POST", f"/shifts/{seeded.their_shift.id}/cancel", {})
    assert status_of(answer) == 200


def end(row: str, seeded: Seeded) -> None:
    with transaction():
        token = db.session.scalars(select(ApiToken)).one()
        if row == "stopped":
            tokens.revoke(seeded.group.id, token.id, seeded.manager.id)
        elif row == "over":
            db.session.execute(
                update(ApiToken).values(expires_at=clock.now() - timedelta(seconds=1))
            )
        elif row == "no manager":
            db.session.delete(db.session.scalars(select(Membership)).one())
        elif row == "disabled":
            people.disable(seeded.manager.id)
        elif row == "made by nobody":
            token.made_by_id = None


@pytest.mark.parametrize("row", ["stopped", "over", "no manager", "disabled", "made by nobody"])
def test_a_token_ends_with_what_it_rests_on(seeded: Seeded, caller: Caller, row: str) -> None:
    assert status_of(caller.get("/token")) == 200
    end(row, seeded)
    assert status_of(caller.get("/token")) == 401


def test_a_county_token_ends_when_its_maker_is_no_administrator_any_more(
    app: Flask, seeded: Seeded
) -> None:
    boss = factories.administrator()
    caller = Caller(app.test_client(), secret_for(None, boss))
    with transaction():
        db.session.merge(boss).county_role = "none"  # type: ignore[assignment] # as a form says it
    assert status_of(caller.get("/token")) == 401


def test_only_a_hash_of_a_token_is_kept(seeded: Seeded, caller: Caller) -> None:
    caller.get("/token")
    row = db.session.scalars(select(ApiToken)).one()
    kept = " ".join(str(value) for value in vars(row).values())
    assert caller.secret not in kept
    assert caller.secret.startswith(row.begins)
    assert row.last_used_at is not None


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_a_token_must_end_within_a_year(seeded: Seeded, days: int) -> None:
    ends = clock.now() + timedelta(days=days)
    with pytest.raises(Refusal):
        tokens.make(seeded.group.id, "Odd", [Scope.SHIFTS_READ], ends, seeded.manager.id)


def test_contact_points_are_told_only_with_the_scope(
    seeded: Seeded, caller: Caller, caller_with: Callable[..., Caller]
) -> None:
    path = f"/volunteers/{seeded.volunteer.id}"
    assert caller.get(path).json["contact"]["phone"] == seeded.volunteer.phone
    reader = caller_with(Scope.VOLUNTEERS_READ, Scope.SIGNUPS_READ, Scope.HOURS_READ)
    assert reader.get(path).json["contact"] is None
    for each in (path, "/volunteers", "/signups", "/hours"):
        page = reader.get(each).text
        assert str(seeded.volunteer.phone) not in page
        assert str(seeded.volunteer.email) not in page


def test_a_profile_that_is_not_open_tells_a_name_only(seeded: Seeded, caller: Caller) -> None:
    person = factories.volunteer(skills=1)
    factories.save(
        GroupVolunteer(volunteer_id=person.id, group_id=seeded.group.id, sees_profile=False)
    )
    told = caller.get(f"/volunteers/{person.id}").json
    assert (told["name"], told["skills"], told["contact"]) == (person.name, [], None)


def test_who_asked_us_to_stop_may_not_be_texted(seeded: Seeded, caller: Caller) -> None:
    opt_out(Channel.SMS, seeded.volunteer.phone or "", how="text STOP")
    contact = caller.get(f"/volunteers/{seeded.volunteer.id}").json["contact"]
    assert (contact["may_text"], contact["may_email"]) == (False, True)


def test_what_is_read_and_written_of_people_is_in_the_trail(seeded: Seeded, caller: Caller) -> None:
    caller.get("/volunteers")
    caller.post(f"/signups/{seeded.signup.id}/withdraw", {"reason": "Ill"})
    events = {one.action: one for one in db.session.scalars(select(AuditEvent))}
    read = events["read volunteers by the API"]
    assert read.actor_id == seeded.manager.id
    assert read.group_id == seeded.group.id
    assert (read.detail["rows"], read.detail["contact"]) == (2, True)
    assert "withdrew volunteer by the API" in events
    assert "made API token" in events


def test_the_public_part_tells_only_what_is_published(app: Flask, seeded: Seeded) -> None:
    client = app.test_client()
    for change in ({"is_closed": True}, {"is_closed": False}):
        with transaction():
            group = db.session.merge(seeded.others)
            group.is_closed = change["is_closed"]
        told = client.get("/api/v1/public/shifts").json["items"]
        seen = {one["group_id"] for one in told}
        assert (seeded.others.id in seen) is not change["is_closed"]
    factories.shift(factories.opportunity(seeded.group, stage=Stage.DRAFT, title="Secret plan"))
    factories.shift(seeded.role, stage=Stage.CANCELLED)
    factories.shift(
        factories.opportunity(seeded.group, policy=Policy.INVITATION, title="Secret plan")
    )
    pages = [client.get(f"/api/v1/public/{what}") for what in ("shifts", "opportunities")]
    assert "Secret plan" not in pages[1].text
    assert len(pages[0].json["items"]) == 6  # three to come of each group
    for page in pages:
        assert 'minimum"' not in page.text
        assert "taken" not in page.text
        assert page.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in page.headers
