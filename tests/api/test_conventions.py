"""Pages, tags, keys and problems: what holds for every address."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import create_app
from app.api import service
from app.api.models import ApiCall, ApiToken
from app.api.rules import cursor_after, parse_moment, read_cursor
from app.foundation import clock
from app.foundation.extensions import db, limiter
from app.foundation.transaction import transaction
from app.hours.models import Attendance, HoursRequest, RequestState
from app.messaging.models import Message
from app.opportunities.models import Duty, Shift, Slot
from app.rota.changing import undoing
from app.rota.changing.models import RotaChange
from app.signups.models import Signup
from tests import factories
from tests.api.conftest import Caller, Seeded


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(model.id))) or 0


# --- pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/shifts", "/signups", "/volunteers", "/opportunities", "/sites"])
def test_the_pages_together_are_the_list(seeded: Seeded, caller: Caller, path: str) -> None:
    for _ in range(5):
        shift = factories.shift(
            factories.opportunity(seeded.group), starts_at=seeded.shift.starts_at
        )
        person = factories.volunteer()
        factories.known_to(person, seeded.group)
        factories.signup(shift, person)
    whole = [one["id"] for one in caller.get(f"{path}?limit=200").json["items"]]
    assert len(whole) > 5
    walked: list[int] = []
    address: str | None = f"{path}?limit=2"
    while address:
        answer = caller.get(address)
        walked += [one["id"] for one in answer.json["items"]]
        assert len(answer.json["items"]) <= 2
        link = answer.headers.get("Link", "")
        assert bool(link) is (answer.json["next_cursor"] is not None)
        address = link.partition(">")[0].removeprefix("<http://localhost/api/v1") or None
    assert walked == whole


def test_what_comes_meanwhile_moves_no_page(seeded: Seeded, caller: Caller) -> None:
    first = caller.get("/shifts?limit=2").json
    factories.shift(seeded.role, starts_at=clock.now() - timedelta(days=300))
    rest = caller.get(f"/shifts?limit=200&cursor={first['next_cursor']}").json
    ids = [one["id"] for one in first["items"] + rest["items"]]
    assert len(ids) == len(set(ids)) == 4


def test_shifts_are_found_by_time_site_role_and_standing(seeded: Seeded, caller: Caller) -> None:
    start = seeded.shift.starts_at
    later = (start + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    at = start.isoformat().replace("+00:00", "Z")

    def found(query: str) -> list[int]:
        return [one["id"] for one in caller.get(f"/shifts?{query}").json["items"]]

    assert found(f"from={at}&to={later}") == [seeded.shift.id]
    assert found(f"from={at}&to={at}") == []
    assert len(found(f"site_id={seeded.role.site_id}")) == 4
    assert found("status=cancelled") == []
    assert len(found(f"opportunity_id={seeded.role.id}&status=published")) == 4


def test_lists_take_few_statements(
    seeded: Seeded, caller: Caller, count_queries: Callable[[], Any]
) -> None:
    for _ in range(20):
        shift = factories.shift(seeded.role)
        person = factories.volunteer()
        factories.known_to(person, seeded.group)
        factories.signup(shift, person)
    caller.get("/token")  # notes that the token was used, once a minute
    most = {
        "/token": 1,
        "/sites": 2,
        "/opportunities": 2,
        "/shifts": 3,
        "/signups": 3,
        "/hours": 3,
        "/volunteers": 5,
        "/public/shifts": 1,
        "/public/opportunities": 1,
    }
    for path, at_most in most.items():
        db.session.rollback()
        with count_queries() as statements:
            assert caller.get(path).status_code == 200
        assert len(statements) <= at_most, (path, statements)


# --- tags -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/shifts", "/token", "/volunteers", "/public/shifts"])
def test_nothing_new_is_answered_with_304(seeded: Seeded, caller: Caller, path: str) -> None:
    first = caller.get(path)
    again = caller.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert caller.get(path, headers={"If-None-Match": '"old"'}).status_code == 200


def test_the_second_of_two_is_told_that_something_changed(seeded: Seeded, caller: Caller) -> None:
    path = f"/shifts/{seeded.shift.id}"
    read = caller.get(path).headers["ETag"]
    first = caller.open("PATCH", path, json={"places": 5}, headers={"If-Match": read})
    assert first.status_code == 200
    assert first.headers["ETag"] == caller.get(path).headers["ETag"]
    second = caller.open("PATCH", path, json={"places": 7}, headers={"If-Match": read})
    assert second.status_code == 412
    assert caller.get(path).json["places"] == 5
    stale = caller.post(f"{path}/cancel", {"reason": "Flood"}, headers={"If-Match": read})
    assert stale.status_code == 412


def test_a_change_without_a_tag_is_asked_for_it(seeded: Seeded, caller: Caller) -> None:
    path = f"/shifts/{seeded.shift.id}"
    assert caller.open("PATCH", path, json={"places": 5}).status_code == 428
    weak = "W/" + caller.get(path).headers["ETag"]
    answer = caller.open("PATCH", path, json={"places": 5}, headers={"If-Match": weak})
    assert answer.status_code == 412  # a weak tag proves nothing: RFC 9110, 13.1.1


# --- writing ----------------------------------------------------------------------------------


def test_a_new_time_is_told_to_those_who_are_on_it(seeded: Seeded, caller: Caller) -> None:
    path = f"/shifts/{seeded.shift.id}"
    read = caller.get(path)
    start = seeded.shift.starts_at + timedelta(hours=1)
    body = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=2)).isoformat()}
    answer = caller.open("PATCH", path, json=body, headers={"If-Match": read.headers["ETag"]})
    assert parse_moment(answer.json["starts_at"]) == start
    assert answer.json["version"] == read.json["version"] + 1
    told = " ".join(db.session.scalars(select(Message.body)))
    assert "the time has changed" in told


def test_a_change_by_the_api_can_be_undone_by_a_manager(seeded: Seeded, caller: Caller) -> None:
    path = f"/shifts/{seeded.shift.id}"
    read = caller.get(path)
    for _ in range(2):  # the second asks for what is, and is no change
        tag = {"If-Match": caller.get(path).headers["ETag"]}
        answer = caller.open("PATCH", path, json={"places": 9}, headers=tag)
        assert (answer.status_code, answer.json["places"]) == (200, 9)
        assert answer.json["version"] == read.json["version"] + 1
    change = db.session.scalars(select(RotaChange)).one()
    undoing.undo(change.group_id, change.id, None)
    assert caller.get(path).json["places"] == read.json["places"]


def test_the_places_of_a_team_are_not_changed_behind_it(seeded: Seeded, caller: Caller) -> None:
    path = f"/shifts/{seeded.shift.id}"
    with transaction():
        duty = Duty(opportunity_id=seeded.role.id, name="Driver")
        db.session.add(duty)
        db.session.flush()
        places = db.session.get_one(Shift, seeded.shift.id).places
        db.session.add(Slot(shift_id=seeded.shift.id, duty_id=duty.id, places=places, minimum=0))
    tag = {"If-Match": caller.get(path).headers["ETag"]}
    answer = caller.open("PATCH", path, json={"places": 9}, headers=tag)
    assert answer.status_code == 409, answer.text
    assert "This shift has a team" in answer.text
    assert caller.get(path).json["places"] == places


def test_a_number_in_quotation_marks_is_no_number(seeded: Seeded, caller: Caller) -> None:
    times = {"starts_at": "2027-07-01T10:00:00Z", "ends_at": "2027-07-01T11:30:00Z"}
    for said in ({"places": "2"}, {"opportunity_id": str(seeded.role.id)}):
        body = {"opportunity_id": seeded.role.id, "places": 2, **times, **said}
        answer = caller.post("/shifts", body)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == f"/{next(iter(said))}"


def test_a_shift_keeps_the_sites_clock_through_the_summer(seeded: Seeded, caller: Caller) -> None:
    body = {"opportunity_id": seeded.role.id, "places": 2, "minimum": 1}
    made = caller.post(
        "/shifts",
        {**body, "starts_at": "2027-07-01T10:00:00+01:00", "ends_at": "2027-07-01T11:30:00Z"},
    )
    assert made.status_code == 201
    assert (made.json["starts_at"], made.json["ends_at"]) == (
        "2027-07-01T09:00:00Z",
        "2027-07-01T11:30:00Z",
    )


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        ("2027-10-31T01:30:00Z", "2027-10-31T03:00:00Z"),  # the second 1:30 of that night
        ("2027-07-01T10:00:30Z", "2027-07-01T12:00:00Z"),
        ("2027-07-01T10:00:00Z", "2027-07-01T10:00:00Z"),
        ("2027-07-01T10:00:00Z", "2027-07-02T10:01:00Z"),
        ("2020-07-01T10:00:00Z", "2020-07-01T12:00:00Z"),
        ("9999-12-31T10:00:00Z", "9999-12-31T12:00:00Z"),
    ],
)
def test_a_time_that_no_form_could_say_is_refused(
    seeded: Seeded, caller: Caller, starts_at: str, ends_at: str
) -> None:
    before = count(Shift)
    body = {"opportunity_id": seeded.role.id, "starts_at": starts_at, "ends_at": ends_at}
    answer = caller.post("/shifts", {**body, "places": 2})
    assert answer.status_code == 409
    assert answer.json["errors"][0]["pointer"].endswith("_at") or "passed" in answer.json["detail"]
    assert count(Shift) == before


def test_the_rules_of_the_page_hold_here_too(seeded: Seeded, caller: Caller) -> None:
    busy = factories.shift(seeded.role, starts_at=seeded.shift.starts_at)
    answer = caller.post(f"/shifts/{busy.id}/signups", {"volunteer_id": seeded.volunteer.id})
    assert answer.status_code == 409
    assert "another shift at that time" in answer.json["detail"]


def test_a_place_is_given_told_and_left_again(seeded: Seeded, caller: Caller) -> None:
    person = factories.volunteer(name="Newly Known")
    factories.known_to(person, seeded.group)
    path = f"/shifts/{seeded.shift.id}/signups"
    made = caller.post(path, {"volunteer_id": person.id})
    assert (made.status_code, made.json["status"]) == (201, "confirmed")
    again = caller.post(path, {"volunteer_id": person.id})
    assert (again.status_code, again.json["id"]) == (200, made.json["id"])
    row = db.session.get_one(Signup, made.json["id"])
    assert (row.cause, row.by_user_id) == (
        f"api:{db.session.scalar(select(ApiToken.id))}",
        seeded.manager.id,
    )
    left = caller.post(f"/signups/{made.json['id']}/withdraw", {})
    assert left.json["status"] == "withdrawn"
    told = " ".join(db.session.scalars(select(Message.body)))
    assert "You have a place" in told
    assert "You are off" in told


def test_a_duty_is_chosen_by_its_slot(seeded: Seeded, caller: Caller) -> None:
    team = next(one for one in caller.get("/shifts").json["items"] if one["slots"])
    slot = team["slots"][0]
    assert (slot["duty"], slot["places"], slot["minimum"], slot["taken"]) == ("Driver", 2, 1, 0)
    body = {"volunteer_id": seeded.volunteer.id, "slot_id": slot["id"]}
    made = caller.post(f"/shifts/{team['id']}/signups", body)
    assert (made.status_code, made.json["slot_id"]) == (201, slot["id"])
    assert caller.get(f"/shifts/{team['id']}").json["slots"][0]["taken"] == 1


def test_hours_come_from_places_extras_and_what_was_added(seeded: Seeded, caller: Caller) -> None:
    past = factories.shift(seeded.role, starts_at=clock.now() - timedelta(days=5))
    extra = Attendance(
        shift_id=past.id,
        volunteer_id=seeded.volunteer.id,
        came_at=past.starts_at,
        left_at=past.ends_at,
        extra_minutes=90,
    )
    factories.save(extra)
    asks: dict[str, Any] = {"volunteer_id": seeded.volunteer.id, "group_id": seeded.group.id}
    day = clock.now().date() - timedelta(days=2)
    for state, minutes in ((RequestState.APPROVED, 45), (RequestState.WAITING, 999)):
        factories.save(HoursRequest(**asks, day=day, minutes=minutes, state=state))
    whole = caller.get("/hours").json["items"]
    assert [(one["given_as"], one["minutes"]) for one in whole] == [
        ("place", 115),
        ("extra", 90),
        ("added", 45),
    ]
    assert (whole[2]["day"], whole[2]["shift_id"]) == (day.isoformat(), None)
    walked, cursor = [], ""
    while cursor is not None:
        page = caller.get(f"/hours?limit=1{cursor and '&cursor='}{cursor}").json
        walked += page["items"]
        cursor = page["next_cursor"]
    assert walked == whole
    at_site = caller.get(f"/hours?site_id={seeded.role.site_id}").json["items"]
    assert [one["given_as"] for one in at_site] == ["place", "extra"]
    since = (clock.now() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [one["minutes"] for one in caller.get(f"/hours?from={since}").json["items"]] == [45]


# --- keys -------------------------------------------------------------------------------------


def new_shift(seeded: Seeded) -> dict[str, Any]:
    return {
        "opportunity_id": seeded.role.id,
        "starts_at": "2027-12-12T10:00:00Z",
        "ends_at": "2027-12-12T12:00:00Z",
        "places": 3,
    }


def test_a_post_sent_twice_is_done_once(seeded: Seeded, caller: Caller) -> None:
    before = count(Shift)
    key = {"Idempotency-Key": "the-same-key"}
    first, second = (caller.post("/shifts", new_shift(seeded), headers=key) for _ in "12")
    assert first.status_code == second.status_code == 201
    assert first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true"
    assert count(Shift) == before + 1


def test_a_key_stands_for_one_request_only(seeded: Seeded, caller: Caller) -> None:
    key = {"Idempotency-Key": "the-same-key"}
    caller.post("/shifts", new_shift(seeded), headers=key)
    other = caller.post("/shifts", {**new_shift(seeded), "places": 4}, headers=key)
    assert (other.status_code, other.json["type"]) == (
        422,
        "http://localhost/api#problem-key-reused",
    )


def test_a_request_that_failed_may_be_sent_again_with_its_key(
    seeded: Seeded, caller: Caller
) -> None:
    key = {"Idempotency-Key": "the-same-key"}
    path = f"/shifts/{seeded.shift.id}/signups"
    person = factories.volunteer()
    assert caller.post(path, {"volunteer_id": person.id}, headers=key).status_code == 409
    factories.known_to(person, seeded.group)
    assert caller.post(path, {"volunteer_id": person.id}, headers=key).status_code == 201


def test_a_post_needs_a_key(seeded: Seeded, caller: Caller) -> None:
    for key in ("", "short", "with space in it", "x" * 101):
        answer = caller.post("/shifts", new_shift(seeded), headers={"Idempotency-Key": key})
        assert answer.status_code == 400


def test_ten_of_one_key_at_the_same_moment_make_one_shift(
    app: Flask, seeded: Seeded, caller: Caller
) -> None:
    before, body = count(Shift), new_shift(seeded)
    barrier = threading.Barrier(10)
    answers: list[tuple[int, int]] = []

    def send() -> None:
        # Without a context of its own, a thread would share the test's session.
        own = Caller(app.test_client(), caller.secret)
        barrier.wait()
        answer = own.post("/shifts", body, headers={"Idempotency-Key": "the-same-key"})
        answers.append((answer.status_code, answer.json["id"]))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 10
    assert {status for status, _ in answers} == {201}
    assert len({number for _, number in answers}) == 1
    assert count(Shift) == before + 1


def test_old_keys_are_forgotten(seeded: Seeded, caller: Caller) -> None:
    caller.post("/shifts", new_shift(seeded))
    assert count(ApiCall) == 1
    with clock.stopped_at(clock.now() + timedelta(days=2)):
        service.forget_old_calls()
    assert count(ApiCall) == 0


# --- problems ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/shifts/x", {}, 404),
        ("GET", f"/shifts/{10**30}", {}, 404),
        ("DELETE", "/shifts", {}, 405),
        ("PUT", "/token", {}, 405),
        ("POST", "/shifts", {"data": "a=b", "content_type": "text/plain"}, 415),
        ("POST", "/shifts", {"data": "{", "content_type": "application/json"}, 400),
        ("POST", "/shifts", {"data": b"\xff", "content_type": "application/json"}, 400),
        ("POST", "/shifts", {"json": {"places": "3"}}, 422),
        ("POST", "/shifts", {"json": []}, 422),
        ("POST", "/shifts", {"json": {"x": "y" * 70_000}}, 413),
        ("GET", "/shifts?limit=0", {}, 422),
        ("GET", "/shifts?limit=1&limit=2", {}, 422),
        ("GET", "/shifts?from=yesterday", {}, 422),
        ("GET", "/shifts?cursor=abc", {}, 422),
        ("GET", "/token?token=mh_secret", {}, 422),
    ],
)
def test_every_failure_is_a_problem(
    seeded: Seeded, caller: Caller, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    answer = caller.open(method, path, **more)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    if status == 405:
        assert answer.headers["Allow"]


def test_a_problem_repeats_nothing_that_was_sent(seeded: Seeded, caller: Caller) -> None:
    secret = "ann@example.org"
    for answer in (
        caller.post("/shifts", {secret: secret, "places": secret}),
        caller.get(f"/shifts?{secret}={secret}"),
        caller.get(f"/shifts?from={secret}"),
        caller.get(f"/{secret}"),
    ):
        assert answer.status_code in (404, 422)
        assert secret not in answer.text


def test_a_fault_of_ours_is_a_problem_too(
    app: Flask, seeded: Seeded, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("secret +447700900123")

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "api.list_shifts", fail)
    answer = caller.get("/shifts")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "secret" not in answer.text


def test_pages_for_people_stay_pages(app: Flask) -> None:
    answer = app.test_client().get("/apiary")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_who_asks_too_often_is_told_how_long_to_wait(
    settings: dict[str, object], seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.rates.WITHOUT", "3 per minute")
    counting = create_app({**settings, "RATELIMIT_ENABLED": True})
    try:
        client = counting.test_client()
        answers = [client.get("/api/v1/public/shifts") for _ in range(4)]
    finally:
        limiter.enabled = False
        with counting.app_context():
            db.session.remove()
            db.engine.dispose()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"caller";q=3;w=60'
    assert answers[1].headers["RateLimit"].startswith('"caller";r=1;t=')
    assert answers[3].json["type"] == "http://localhost/api#problem-too-many"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60


# --- rules ------------------------------------------------------------------------------------


@given(st.integers(0, 10**16 - 1), st.integers(1, 10**15 - 1))
def test_a_cursor_is_read_as_it_was_written(micros: int, number: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    assert read_cursor(cursor_after(moment, number)) == (moment, number)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-01T18:30:00Z", "2026-12-01T18:30:00+00:00"),
        ("2026-12-01t18:30:00.25z", "2026-12-01T18:30:00.250000+00:00"),
        ("2026-06-01T18:30:00+01:00", "2026-06-01T17:30:00+00:00"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_moments_of_rfc_3339_are_understood(text: str, utc: str) -> None:
    assert parse_moment(text).isoformat() == utc


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01",
        "2026-12-01T18:30:00",
        "2026-12-01 18:30:00Z",
        "1796150000",
        "2026-13-01T00:00:00Z",
        "2026-12-01T18:30:00+24:00",
        "٢٠٢٦-12-01T18:30:00Z",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_other_moments_are_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_moment(text)
