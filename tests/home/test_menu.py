"""Every line of the menu works for whoever sees it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.groups.models import Membership
from tests import factories


def manager_of_two() -> User:
    person = factories.manager(factories.group())
    factories.save(Membership(user_id=person.id, group_id=factories.group().id))
    return person


def volunteer() -> User:
    person = factories.user()
    factories.volunteer(user_id=person.id)
    return person


PEOPLE: dict[str, Callable[[], User]] = {
    "newcomer": factories.user,
    "volunteer": volunteer,
    "manager": lambda: factories.manager(factories.group()),
    "manager of two": manager_of_two,
    "coordinator": factories.coordinator,
    "administrator": factories.administrator,
}


def lines(client: FlaskClient) -> list[str]:
    page = client.get("/").get_data(as_text=True)
    menu = page[page.index("<header") : page.index("</header>")]
    return list(dict.fromkeys(re.findall(r'<a[^>]*href="(/[^"]*)"', menu)))


@pytest.mark.parametrize("who", PEOPLE)
def test_every_line_leads_to_a_page(who: str, sign_in: Callable[[User], FlaskClient]) -> None:
    client = sign_in(PEOPLE[who]())
    found = lines(client)
    wrong = [path for path in found if client.get(path, follow_redirects=True).status_code != 200]
    assert len(found) >= 3
    assert wrong == []


def test_every_line_leads_a_visitor_to_a_page(client: FlaskClient) -> None:
    assert [path for path in lines(client) if client.get(path).status_code != 200] == []


def test_nobody_sees_a_line_twice(sign_in: Callable[[User], FlaskClient]) -> None:
    client = sign_in(PEOPLE["administrator"]())
    page = client.get("/").get_data(as_text=True)
    menu = page[page.index("<header") : page.index("</header>")]
    found = re.findall(r'<a[^>]*class="[^"]*link[^"]*"[^>]*href="(/[^"]*)"', menu)
    assert len(found) == len(set(found))
