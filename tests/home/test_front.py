"""The front page: everybody's way in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from app.foundation import clock
from app.groups.models import GroupKind
from app.home.queries import front
from app.opportunities.models import Stage
from tests import factories


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
    assert "Places that need someone" not in text(client)


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
    assert front.needy_shifts() == []


def test_the_public_is_not_told_who_would_be_alone(client: FlaskClient) -> None:
    factories.shift(minimum=2)
    assert "to be safe to run" not in text(client)


def test_the_numbers_are_true(app) -> None:
    shift = factories.shift(places=5)
    factories.signup(shift, factories.volunteer())
    factories.volunteer(erased_at=clock.now())
    factories.group(kind=GroupKind.LIBRARY)
    factories.group(is_closed=True)
    numbers = front.numbers()
    assert numbers.groups == {GroupKind.LIBRARY: 1, GroupKind.FOOD_BANK: 1}
    assert (numbers.all_groups, numbers.open_places, numbers.volunteers) == (2, 4, 1)


def test_kinds_of_group_lead_to_their_roles(client: FlaskClient) -> None:
    factories.group(kind=GroupKind.LIBRARY)
    assert "kind=library" in text(client)


def test_it_asks_the_database_three_things(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    for _ in range(3):
        factories.shift()
    with count_queries() as statements:
        client.get("/")
    assert len(statements) == 3
