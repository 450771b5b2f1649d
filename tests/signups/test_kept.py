"""The copy of one's own coming shifts that a phone keeps for when there is no signal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.signups.models import Standing
from app.volunteers.models import Volunteer
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
# A Tuesday at 17:32 in Leicester.
NOW = datetime(2026, 12, 1, 17, 32, tzinfo=UTC)


@pytest.fixture
def me(app: Flask, sign_in: SignIn) -> Volunteer:
    user = make.user()
    sign_in(user)
    return make.volunteer(user_id=user.id, name="Vera Vole")


def test_it_says_when_it_was_true_and_whole_dates(me: Volunteer, client: FlaskClient) -> None:
    with clock.stopped_at(NOW):
        make.signup(make.shift(starts_at=NOW + timedelta(hours=1)), me)
        page = client.get("/my/shifts/kept").text
    assert "This is as it was on Tuesday 1 December at 5:32pm." in page
    assert "Tuesday 1 December, 6:32pm to" in page
    # Tomorrow these words would lie.
    for word in ("Tonight", "Today", "Tomorrow"):
        assert word not in page


def test_there_is_nothing_to_press_and_no_key_in_it(me: Volunteer, client: FlaskClient) -> None:
    make.signup(make.shift(), me)
    page = client.get("/my/shifts/kept").text
    for part in ("<form", "csrf_token", "/swap", "/r/", "/offer/", "calendar"):
        assert part not in page


def test_only_own_places_stand_in_it(me: Volunteer, client: FlaskClient) -> None:
    mine, waits, theirs = (make.opportunity(title=name) for name in ("Mine", "Waits", "Theirs"))
    make.signup(make.shift(mine), me)
    make.signup(make.shift(waits), me, standing=Standing.WAITING)
    make.signup(make.shift(theirs), make.volunteer())
    page = client.get("/my/shifts/kept").text
    assert "Mine" in page
    assert "Waits" not in page
    assert "Theirs" not in page


def test_what_waits_to_be_said_is_said_on_a_page_that_is_seen(
    me: Volunteer, client: FlaskClient
) -> None:
    with client.session_transaction() as session:
        session["_flashes"] = [("success", "Saved at last")]
    assert "Saved at last" not in client.get("/my/shifts/kept").text
    assert "Saved at last" in client.get("/my/shifts").text


def test_it_brings_back_no_session_that_has_ended(me: Volunteer, client: FlaskClient) -> None:
    """The worker asks for it by itself, perhaps while its owner signs out."""
    assert "Set-Cookie" not in client.get("/my/shifts/kept").headers
    assert "Set-Cookie" in client.get("/my/shifts").headers


def test_who_is_no_volunteer_has_none(app: Flask, sign_in: SignIn) -> None:
    assert sign_in(make.user()).get("/my/shifts/kept").status_code == 404


def test_it_costs_as_much_for_one_as_for_twenty(
    me: Volunteer, client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    for days in range(1, 9):
        make.signup(make.shift(starts_at=clock.now() + timedelta(days=days)), me)
    db.session.remove()
    with count_queries() as statements:
        client.get("/my/shifts/kept")
    assert len(statements) == 4
