"""The operations page: at one glance whether all is well, or what is wrong and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock, health, queue
from app.foundation.extensions import db
from app.messaging import holding, service
from app.messaging import ledger as ledger_of
from app.messaging.carrier_health.resting import look_again
from app.messaging.models import Message, Run, RunState, State
from tests import factories
from tests.operations import ledger

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def administrator(sign_in: SignIn, app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setitem(app.config, "QUIET_HOURS", (time(0), time(0)))
    return sign_in(factories.administrator(name="Ada Admin"))


def page(client: FlaskClient) -> str:
    answer = client.get("/operations")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_all_is_well_at_one_glance(administrator: FlaskClient) -> None:
    ledger.all_is_well()
    assert "All is well." in page(administrator)
    assert "Nothing is stuck" in page(administrator)


def test_without_a_worker_the_page_says_so_in_plain_words(administrator: FlaskClient) -> None:
    said = page(administrator)
    assert "All is well" not in said
    assert "No worker is running" in said
    assert "No worker has been heard from within an hour" in said


def test_a_worker_that_fell_silent_is_named(administrator: FlaskClient) -> None:
    with clock.stopped_at(clock.now() - timedelta(minutes=3)):
        health.beat("host.1.killed", queue.QUEUES)
    health.beat("host.2.alive", ["answers", "email"])
    said = page(administrator)
    assert "host.1.killed" in said
    assert "Silent" in said
    assert "No worker serves the lane “Urgent requests”" in said


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"state": State.LEASED, "lease_until": -60}, "Their worker stopped before it sent them."),
        ({"state": State.SENDING, "sending_at": -300}, "Their worker stopped while it sent them."),
        (
            {"not_before": 30, "attempts": 2, "reason": "The carrier asked us to slow down."},
            "The carrier asked us to slow down. We try again by ourselves.",
        ),
        ({"state": State.UNCERTAIN, "reason": "The answer was lost."}, "The answer was lost."),
        ({}, "We do not know."),
    ],
)
def test_what_is_stuck_has_its_reason(
    administrator: FlaskClient, said: dict[str, Any], why: str
) -> None:
    ledger.all_is_well()
    now = clock.now()
    moments = {
        key: now + timedelta(seconds=value)
        for key, value in said.items()
        if key in ("lease_until", "sending_at", "not_before")
    }
    ledger.message(**(said | moments))
    assert why in page(administrator)


def test_a_paused_request_and_the_night_are_told_apart(
    administrator: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.all_is_well()
    paused = factories.save(Run(state=RunState.PAUSED))
    running = factories.save(Run(state=RunState.RUNNING))
    ledger.message(run_id=paused.id)
    ledger.message(run_id=running.id)
    assert "Their request is paused." in page(administrator)
    assert "It is night" not in page(administrator)
    now = clock.now()
    around_now = tuple((now + timedelta(hours=hours)).time() for hours in (-1, 1))
    monkeypatch.setitem(app.config, "TIMEZONE", "UTC")
    monkeypatch.setitem(app.config, "QUIET_HOURS", around_now)
    said = page(administrator)
    assert "It is night: they leave when the quiet hours end." in said
    assert "Their request is paused." in said


def test_a_sender_that_is_busy_is_the_reason(administrator: FlaskClient, app: Flask) -> None:
    ledger.all_is_well()
    ledger.message()
    redis: Redis = queue.connection()
    redis.hset("rate:sms", "busy", redis.time()[0] + 120)
    said = page(administrator)
    assert "Our sender may only send so many a second; it is busy for 2 minutes." in said


def test_a_carriers_last_hour_is_told_in_words(administrator: FlaskClient) -> None:
    ledger.all_is_well()
    now = clock.now()
    ledger.message(
        state=State.DELIVERED,
        carrier="twilio",
        sending_at=now - timedelta(seconds=5),
        accepted_at=now - timedelta(seconds=4),
    )
    ledger.message(
        state=State.FAILED,
        carrier="twilio",
        sending_at=now - timedelta(minutes=4),
        reason="The number is not a mobile.",
    )
    ledger.message(state=State.FAILED, carrier="twilio", sending_at=now - timedelta(hours=3))
    said = page(administrator)
    assert "1.00 s" in said
    assert "The number is not a mobile. (<time" in said
    assert "Twilio" in said


@pytest.fixture
def two_carriers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "notify")
    look_again()


def test_with_two_carriers_the_page_says_which_is_in_use(
    administrator: FlaskClient, two_carriers: None
) -> None:
    ledger.all_is_well()
    said = page(administrator)
    assert "In reserve" in said
    assert "Let it rest<" in said
    assert "Use it again" not in said


def test_a_carrier_is_let_rest_and_used_again_by_a_button(
    administrator: FlaskClient, two_carriers: None
) -> None:
    ledger.all_is_well()
    address = "/operations/carriers/twilio"
    assert "Let this carrier rest?" in administrator.get(f"{address}/rest").text
    administrator.post(f"{address}/rest")
    said = page(administrator)
    assert "The carrier Twilio is resting: An administrator said so." in said
    assert 'many_hands_carrier_resting{carrier="twilio"} 1.0' in administrator.get("/metrics").text
    # The other one is the last that is left.
    refused = administrator.post("/operations/carriers/notify/rest", follow_redirects=True)
    assert "No other carrier could take the texts." in refused.text
    for _ in range(2):
        administrator.post(f"{address}/use-again")
    assert "is resting" not in page(administrator)
    assert 'many_hands_carrier_resting{carrier="twilio"} 0.0' in administrator.get("/metrics").text
    assert actions() == ["rested carrier", "put carrier back"]


def test_a_carrier_that_nobody_set_up_is_not_there(administrator: FlaskClient) -> None:
    assert administrator.post("/operations/carriers/pigeon/rest").status_code == 404


def test_nobody_but_an_administrator_opens_it(sign_in: SignIn) -> None:
    assert sign_in(factories.coordinator()).get("/operations").status_code == 403


def test_the_menu_leads_there(administrator: FlaskClient) -> None:
    assert 'href="/operations"' in administrator.get("/admin/people").text


def test_the_page_needs_few_statements_whatever_the_trouble(
    administrator: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    health.beat("one", queue.QUEUES)
    for _ in range(5):
        ledger.uncertain()
        ledger.message()
        ledger.message(state=State.FAILED, carrier="smtp", sending_at=clock.now())
    page(administrator)
    db.session.remove()
    with count_queries() as few:
        page(administrator)
    for _ in range(20):
        ledger.uncertain()
        ledger.message()
    db.session.remove()
    with count_queries() as many:
        page(administrator)
    assert len(many) == len(few) == 20


def test_redis_away_is_told_and_the_page_still_opens(
    administrator: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.all_is_well()
    kept = app.extensions.pop("redis", None)
    monkeypatch.setitem(app.config, "REDIS_URL", "redis://127.0.0.1:1/0")
    try:
        said = page(administrator)
    finally:
        app.extensions.pop("redis", None)
        if kept is not None:
            app.extensions["redis"] = kept
    assert "Redis does not answer." in said


# Safe buttons


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


@pytest.mark.parametrize("name", ["sweep", "reconcile", "pause", "go-on"])
def test_each_button_asks_once_more_and_may_be_pressed_twice(
    administrator: FlaskClient, name: str
) -> None:
    assert administrator.get(f"/operations/{name}").status_code == 200
    assert actions() == []  # looking changes nothing
    for _ in range(2):
        assert administrator.post(f"/operations/{name}").location == "/operations"


@pytest.mark.parametrize("name", ["sweep", "reconcile", "pause", "go-on"])
def test_a_button_needs_its_token(
    administrator: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert administrator.post(f"/operations/{name}").status_code == 400
    assert holding.current() is None
    assert actions() == []


def test_a_sweep_by_hand_needs_no_worker(administrator: FlaskClient) -> None:
    stuck = ledger.message(state=State.LEASED, lease_until=clock.now() - timedelta(minutes=5))
    administrator.post("/operations/sweep")
    db.session.rollback()
    assert db.session.get_one(Message, stuck.id).state == State.QUEUED
    assert actions() == ["swept by hand"]


def test_reconciling_by_hand_leaves_a_job(administrator: FlaskClient) -> None:
    administrator.post("/operations/reconcile")
    waiting = Queue(queue.ORDINARY, connection=queue.connection()).jobs
    assert [job.func_name for job in waiting] == ["app.messaging.jobs.reconcile"]
    assert actions() == ["reconciled by hand"]


def test_a_pause_is_shown_with_who_and_why_and_is_noted_once(administrator: FlaskClient) -> None:
    ledger.all_is_well()
    ledger.message()
    for _ in range(2):
        administrator.post("/operations/pause", data={"reason": "Wrong words in request 27"})
    said = page(administrator)
    assert "All sending is paused</strong> by Ada Admin" in said
    assert "Wrong words in request 27" in said
    assert "<span>All sending is paused.</span></td>" in said
    assert actions() == ["paused all sending"]
    for _ in range(2):
        administrator.post("/operations/go-on")
    assert actions() == ["paused all sending", "let sending go on"]
    assert "All sending is paused" not in page(administrator)


def test_a_reason_that_is_too_long_is_said_beside_its_field(administrator: FlaskClient) -> None:
    answer = administrator.post("/operations/pause", data={"reason": "x" * 201})
    assert "Shorten this to 200 characters." in answer.text
    assert holding.current() is None


def test_nothing_is_leased_while_sending_is_paused_but_what_people_wait_for(app: Flask) -> None:
    held = ledger.message(lane=queue.ANSWERS)
    code = ledger.message(lane=queue.ANSWERS, is_service=True)
    who = factories.administrator().id
    assert holding.pause(who, "a trial")
    assert not holding.pause(who, "again")
    leased = [one[0] for one in ledger_of.lease(queue.ANSWERS, "me")]
    assert leased == [code.id]
    assert holding.go_on(who)
    assert not holding.go_on(who)
    assert [one[0] for one in ledger_of.lease(queue.ANSWERS, "me")] == [held.id]


def test_what_was_leased_before_the_pause_does_not_leave_either(app: Flask) -> None:
    held, code = ledger.message(), ledger.message(is_service=True)
    ids = [one.id for one in ledger_of.lease(queue.URGENT, "me")]
    holding.pause(factories.administrator().id)
    parcels = ledger_of.begin_sending(ids, "me", "twilio")
    assert [parcel.message_id for parcel in parcels] == [code.id]
    db.session.rollback()
    assert db.session.get_one(Message, held.id).state == State.QUEUED


def test_a_second_pause_is_another_row(app: Flask) -> None:
    who = factories.administrator().id
    for _ in range(2):
        holding.pause(who)
        holding.go_on(who)
    assert len(db.session.scalars(select(holding.SendingHold)).all()) == 2


# Failed jobs


def failed_job() -> str:
    jobs = Queue(queue.URGENT, connection=queue.connection())
    job = jobs.enqueue_call("app.messaging.jobs.deliver", args=("urgent",), failure_ttl=600)
    jobs.remove(job.id)
    job._handle_failure(
        "Traceback (most recent call last):\n  File x\nValueError: +447700900123 said “sorry”\n",
        pipeline := queue.connection().pipeline(),
        "one",
    )
    pipeline.execute()
    return str(job.id)


def test_a_failed_job_is_named_without_what_its_error_says(administrator: FlaskClient) -> None:
    ledger.all_is_well()
    failed_job()
    said = page(administrator)
    assert "app.messaging.jobs.deliver" in said
    assert "ValueError" in said
    assert "900123" not in said
    assert "sorry" not in said
    assert 'many_hands_failed_jobs{queue="urgent"} 1.0' in administrator.get("/metrics").text


@pytest.mark.parametrize(("name", "waiting"), [("again", 1), ("forget", 0)])
def test_a_failed_job_goes_again_or_is_forgotten_once(
    administrator: FlaskClient, name: str, waiting: int
) -> None:
    ledger.all_is_well()
    job_id = failed_job()
    assert administrator.get(f"/operations/jobs/{job_id}/{name}").status_code == 200
    for _ in range(2):
        administrator.post(f"/operations/jobs/{job_id}/{name}")
    assert len(Queue(queue.URGENT, connection=queue.connection())) == waiting
    assert len(actions()) == 1
    assert '<p class="govuk-body">None.</p>' in page(administrator)


def test_a_job_that_is_not_among_the_failed_ones_is_left_alone(administrator: FlaskClient) -> None:
    queue.enqueue("app.foundation.clock.now", queue=queue.EMAIL)
    job_id = Queue(queue.EMAIL, connection=queue.connection()).job_ids[0]
    answer = administrator.post(f"/operations/jobs/{job_id}/forget", follow_redirects=True)
    assert "It is not on the list any more." in answer.text
    assert len(Queue(queue.EMAIL, connection=queue.connection())) == 1


def test_a_message_of_a_test_is_what_the_service_writes(app: Flask) -> None:
    """The rows of these tests stand for real ones: the same columns are filled."""
    from app.foundation.outbox import Letter  # noqa: PLC0415 - for this comparison alone

    real_id = service.write(
        Letter(
            channel="sms",
            to=factories.drama_phone(1),
            body="x",
            cause="real",
            recipient="phone:1",
            purpose="ask",
            lane=queue.URGENT,
        )
    )
    real, made = db.session.get_one(Message, real_id), ledger.message()
    empty = {
        name
        for name in (column.name for column in Message.__table__.columns)
        if (getattr(real, name) is None) != (getattr(made, name) is None)
    }
    assert empty == set()
