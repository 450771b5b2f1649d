"""The pages about the API: its guide, whose examples work, and the tokens."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.api.examples import examples
from app.api.models import ApiToken
from app.api.problems import KINDS
from app.foundation import clock
from app.foundation.extensions import db
from tests import factories
from tests.api.conftest import Caller, Seeded

SignIn = Callable[[User], FlaskClient]


def commands(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.S)]


def run(client: FlaskClient, command: str) -> Any:
    """What `curl` would do with this command, sent to the app."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words.pop(0) == "curl"
    method, headers, body, address = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0)
        else:
            address = word
    parts = urlsplit(address)
    assert parts.netloc == "localhost"
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return client.open(path, method=method, headers=headers, data=body)


def test_each_example_on_the_page_works_as_it_stands(
    app: Flask, seeded: Seeded, caller: Caller
) -> None:
    page = app.test_client().get("/api").text
    shown = commands(page)
    assert len(shown) == len(examples("")) >= 6
    person = factories.volunteer()
    factories.known_to(person, seeded.group)
    for command, example in zip(shown, examples("http://localhost"), strict=True):
        assert command == example.command
        etag = caller.get(f"/shifts/{seeded.shift.id}").headers["ETag"]
        ours = (
            command.replace("$TOKEN", caller.secret)
            .replace("$ETAG", etag.replace('"', '\\"'))
            .replace('"opportunity_id": 12', f'"opportunity_id": {seeded.role.id}')
            .replace('"volunteer_id": 56', f'"volunteer_id": {person.id}')
            .replace("/shifts/34", f"/shifts/{seeded.shift.id}")
        )
        answer = run(caller.client, ours)
        assert answer.status_code == example.status, (example.title, answer.text)


def test_each_problem_leads_to_its_line_on_the_page(app: Flask) -> None:
    page = app.test_client().get("/api").text
    for kind in KINDS:
        assert f'id="problem-{kind.slug}"' in page


def tick(**said: Any) -> dict[str, Any]:
    ends = clock.now().date() + timedelta(days=30)
    return {"name": "Our website", "scopes": ["shifts:read"], "ends_on": ends.isoformat()} | said


def test_a_token_is_shown_once_and_works(seeded: Seeded, sign_in: SignIn, app: Flask) -> None:
    client = sign_in(seeded.manager)
    path = f"/groups/{seeded.group.id}/tokens"
    made = client.post(f"{path}/new", data=tick())
    secret = re.search(r"<code>(mh_[\w-]+)</code>", made.text)
    assert secret
    assert made.headers["Cache-Control"] == "no-store"
    listed = client.get(path).text
    assert "Our website" in listed
    assert secret[1] not in listed
    caller = Caller(app.test_client(), secret[1])
    assert caller.get("/token").json["scopes"] == ["shifts:read"]
    number = db.session.scalar(select(ApiToken.id))
    stopped = client.post(f"{path}/{number}/stop")
    assert stopped.status_code == 302
    assert caller.get("/token").status_code == 401
    assert client.post(f"{path}/{number}/stop").status_code == 404
    assert "stopped" in client.get(path).text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": ""}, "Say what it is for"),
        ({"scopes": []}, "Choose at least one thing"),
        ({"scopes": ["everything"]}, "There is a problem"),
        ({"scopes": ["volunteers:contact"]}, "tick both"),
        ({"ends_on": "2020-01-01"}, "at most a year"),
        ({"ends_on": "2999-01-01"}, "There is a problem"),
        ({"ends_on": "soon"}, "Error"),
    ],
)
def test_a_form_that_cannot_be_taken_says_why_and_loses_nothing(
    seeded: Seeded, sign_in: SignIn, said: dict[str, Any], sentence: str
) -> None:
    page = sign_in(seeded.manager).post(
        f"/groups/{seeded.group.id}/tokens/new", data=tick(**({"name": "Our own site"} | said))
    )
    assert sentence in page.text
    assert "There is a problem" in page.text
    if "name" not in said:
        assert "Our own site" in page.text
    assert db.session.scalar(select(ApiToken.id)) is None


def test_a_year_from_today_is_a_year(seeded: Seeded, sign_in: SignIn) -> None:
    today = clock.today("Europe/London")
    ends = (today + timedelta(days=365)).isoformat()
    page = sign_in(seeded.manager).post(
        f"/groups/{seeded.group.id}/tokens/new", data=tick(ends_on=ends)
    )
    assert "mh_" in page.text


def test_the_county_has_its_own_tokens(seeded: Seeded, sign_in: SignIn, app: Flask) -> None:
    client = sign_in(factories.administrator())
    made = client.post("/admin/tokens/new", data=tick())
    secret = re.search(r"<code>(mh_[\w-]+)</code>", made.text)
    assert secret
    assert Caller(app.test_client(), secret[1]).get("/token").json["group_id"] is None
    number = db.session.scalar(select(ApiToken.id))
    # Under a group's address the county's token is not there.
    assert client.post(f"/groups/{seeded.group.id}/tokens/{number}/stop").status_code == 404
    assert client.post(f"/admin/tokens/{number}/stop").status_code == 302


def test_the_list_of_tokens_takes_few_statements(
    seeded: Seeded, sign_in: SignIn, caller: Caller, count_queries: Callable[[], Any]
) -> None:
    client = sign_in(seeded.manager)
    client.get(f"/groups/{seeded.group.id}/tokens")
    db.session.rollback()
    with count_queries() as statements:
        client.get(f"/groups/{seeded.group.id}/tokens")
    assert len(statements) <= 6, statements
