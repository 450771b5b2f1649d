"""A group's open places in a frame on its own website."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation import clock
from app.groups.models import Group
from app.opportunities.models import Policy, Stage
from tests import factories as make


@pytest.fixture
def group(app: Any) -> Group:
    return make.group(name="Gorse Covert Food Bank", slug="gorse-covert")


def frame(client: FlaskClient) -> str:
    answer = client.get("/g/gorse-covert/embed")
    assert answer.status_code == 200
    return str(answer.text)


def test_it_lists_what_is_open_and_nothing_else(client: FlaskClient, group: Group) -> None:
    role = make.opportunity(group, title="Food parcel driver")
    shift = make.shift(role, places=3)
    make.signup(shift, make.volunteer(name="Vera Vole"))
    full = make.shift(make.opportunity(group, title="Full role"), places=1)
    make.signup(full, make.volunteer())
    make.shift(make.opportunity(group, title="Draft role", stage=Stage.DRAFT))
    make.shift(make.opportunity(group, title="Secret role", policy=Policy.INVITATION))
    make.shift(make.opportunity(title="Role of others"))
    page = frame(client)
    assert "Food parcel driver" in page
    assert "2 places free" in page
    for hidden in ("Full role", "Draft role", "Secret role", "Role of others", "Vera"):
        assert hidden not in page


def test_it_tells_no_street_and_no_way_in(client: FlaskClient, group: Group) -> None:
    at = make.site(group, address="14 Meadow Lane", access_notes="Door code 4711")
    make.shift(make.opportunity(at=at))
    page = frame(client)
    assert "Meadow Lane" not in page
    assert "4711" not in page


def test_its_links_leave_the_frame_for_whole_addresses(client: FlaskClient, group: Group) -> None:
    make.shift(make.opportunity(group))
    links = re.findall(r"<a [^>]*>", frame(client))
    assert len(links) == 2
    for link in links:
        assert 'href="http://localhost/' in link
        assert 'target="_blank"' in link
        assert 'rel="noopener"' in link


def test_any_site_may_frame_it_and_it_leaves_nothing_behind(
    client: FlaskClient, group: Group
) -> None:
    make.shift(make.opportunity(group))
    headers = client.get("/g/gorse-covert/embed").headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers
    assert headers["Cache-Control"] == "public, max-age=120"
    assert headers["X-Robots-Tag"] == "noindex"


def test_no_other_page_may_be_framed(client: FlaskClient, group: Group) -> None:
    client.get("/g/gorse-covert/embed")
    for path in ("/g/gorse-covert", "/", "/opportunities", "/g/no-such-group/embed"):
        headers = client.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_it_is_small_and_runs_no_script(client: FlaskClient, group: Group) -> None:
    for days in range(1, 12):
        role = make.opportunity(group, title="W" * 60)
        make.shift(role, starts_at=clock.now() + timedelta(days=days))
    page = frame(client)
    assert page.count("<li>") == 6
    assert len(page) < 8_000
    assert "<script" not in page
    assert "many-hands.css" not in page


def test_nothing_open_and_a_closed_group_say_so(client: FlaskClient, group: Group) -> None:
    assert "Every place is taken just now" in frame(client)
    closed = make.group(slug="closed", is_closed=True)
    make.shift(make.opportunity(closed, title="Old role"))
    page = client.get("/g/closed/embed").text
    assert "This group has closed" in page
    assert "Old role" not in page
    assert client.get("/g/nobody/embed").status_code == 404


def test_it_takes_two_statements(
    client: FlaskClient, group: Group, count_queries: Callable[[], Any]
) -> None:
    for _ in range(3):
        make.shift(make.opportunity(group))
    with count_queries() as statements:
        client.get("/g/gorse-covert/embed")
    assert len(statements) == 2


def test_a_manager_copies_the_line_that_shows_it(
    sign_in: Callable[[User], FlaskClient],
) -> None:
    group = make.group(name='The "Mill" & Friends', slug="mill")
    client = sign_in(make.manager(group))
    page = client.get(f"/groups/{group.id}/website").text
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)
    assert found
    line = html.unescape(found[1])
    assert 'src="http://localhost/g/mill/embed"' in line
    assert 'title="Open places at The &#34;Mill&#34; &amp; Friends"' in line
    assert 'value="http://localhost/g/mill"' in page
    assert "On your own website" in client.get(f"/groups/{group.id}").text
