"""The front page: everybody's way in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.foundation import clock
from app.groups.models import GroupKind
from app.home.queries import front
from app.opportunities.models import Policy, Stage
from app.signups.models import Standing
from app.volunteers.vocabulary import DbsLevel, Training
from tests import factories


@pytest.fixture(autouse=True)
def _counted_anew(app: Flask) -> None:
    app.extensions.pop("front numbers", None)


def text(client: FlaskClient, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def in_days(days: float) -> Any:
    return clock.now() + timedelta(days=days)


def test_the_search_box_leads_to_the_search(client: FlaskClient) -> None:
    page = text(client)
    assert 'action="/opportunities"' in page
    assert "Where are you?" in page
    assert client.get("/opportunities?near=Loughborough").status_code == 200


def test_an_empty_county_still_has_a_front_page(client: FlaskClient) -> None:
    page = text(client)
    assert "Every place of this week is taken" in page
    assert "See all that is open" in page
    assert "last 30 days" not in page


def test_a_stranger_can_go_straight_to_a_place(client: FlaskClient) -> None:
    shift = factories.shift(starts_at=in_days(1))
    assert f'href="/shifts/{shift.id}/join"' in text(client)
    assert "Take this place" in text(client, f"/shifts/{shift.id}/join")


def test_it_can_be_shared(client: FlaskClient) -> None:
    page = text(client)
    assert '<meta property="og:url" content="http://localhost/">' in page
    assert '<meta property="og:description"' in page


def test_a_shift_that_cannot_run_comes_before_one_that_can(app) -> None:
    fine = factories.shift(starts_at=in_days(1), minimum=0)
    thin = factories.shift(starts_at=in_days(2), minimum=2)
    assert [shift.id for shift in front.needy_shifts(1)] == [thin.id]
    assert [shift.id for shift in front.needy_shifts(2)] == [fine.id, thin.id]


def test_each_group_shows_one_shift(app) -> None:
    role = factories.opportunity()
    first = factories.shift(role, starts_at=in_days(1))
    factories.shift(role, starts_at=in_days(2))
    assert [shift.id for shift in front.needy_shifts()] == [first.id]


def test_kinds_of_group_take_turns(app) -> None:
    banks = [factories.shift(starts_at=in_days(1)) for _ in range(3)]
    library = factories.group(kind=GroupKind.LIBRARY)
    late = factories.shift(factories.opportunity(library), starts_at=in_days(5))
    assert [shift.id for shift in front.needy_shifts(2)] == [banks[0].id, late.id]


def test_what_cannot_be_taken_this_week_is_not_shown(app) -> None:
    factories.shift(starts_at=in_days(8))
    factories.shift(starts_at=in_days(-1))
    factories.shift(stage=Stage.DRAFT)
    factories.shift(factories.opportunity(stage=Stage.CLOSED))
    factories.shift(factories.opportunity(factories.group(is_closed=True)))
    factories.signup(factories.shift(places=1), factories.volunteer())
    factories.shift(factories.opportunity(policy=Policy.INVITATION))
    factories.shift(factories.opportunity(policy=Policy.MEMBERS))
    factories.shift(factories.opportunity(needs_training=Training.FOOD_HYGIENE))
    factories.shift(factories.opportunity(needs_induction=True))
    factories.shift(factories.opportunity(dbs_level=DbsLevel.BASIC))
    assert front.needy_shifts() == []


def test_the_public_is_not_told_who_would_be_alone(client: FlaskClient) -> None:
    factories.shift(minimum=2)
    assert "to be safe to run" not in text(client)


def test_the_numbers_are_true(app) -> None:
    role = factories.opportunity()
    factories.signup(factories.shift(role, places=5), factories.volunteer())
    factories.shift(factories.opportunity(role.group, policy=Policy.MEMBERS))
    ann, ben = factories.volunteer(), factories.volunteer()
    for who, days, minutes in ((ann, 2, 150), (ann, 9, 90), (ben, 29, 59), (ben, 31, 600)):
        shift = factories.shift(role, starts_at=in_days(-days), places=9)
        factories.signup(shift, who, standing=Standing.ATTENDED, attended_minutes=minutes)
    factories.signup(
        factories.shift(role, starts_at=in_days(-1)),
        factories.volunteer(),
        standing=Standing.NO_SHOW,
    )
    factories.group(kind=GroupKind.LIBRARY)
    factories.group(is_closed=True)
    numbers = front.numbers()
    assert numbers.groups == {GroupKind.LIBRARY: 1, GroupKind.FOOD_BANK: 1}
    assert (numbers.all_groups, numbers.open_places) == (2, 4)
    assert (numbers.people, numbers.hours) == (2, 4)


def test_the_numbers_are_counted_anew_after_a_few_minutes_and_say_when(
    client: FlaskClient,
) -> None:
    noon = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)
    with clock.stopped_at(noon):
        assert "today at noon" in text(client)
        factories.group()
        assert front.numbers().all_groups == 0
    with clock.stopped_at(noon + timedelta(minutes=3)):
        assert front.numbers().all_groups == 1
        assert "today at 12:03pm" in text(client)


def test_kinds_of_group_lead_to_their_roles(client: FlaskClient) -> None:
    factories.group(kind=GroupKind.LIBRARY)
    assert "kind=library" in text(client)


def test_it_asks_the_database_three_things_and_then_one(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    for _ in range(3):
        factories.shift()
    with count_queries() as statements:
        client.get("/")
    assert len(statements) == 3
    with count_queries() as statements:
        client.get("/")
    assert len(statements) == 1
