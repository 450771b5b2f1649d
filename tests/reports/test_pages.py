"""The pages of charts and their files: who may look, what is chosen, what is hidden."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation import clock
from app.groups.models import Group, GroupKind
from app.reports import counting
from app.reports.figures import PAGES
from app.signups.models import Standing
from tests import factories

pytestmark = pytest.mark.usefixtures("now")
SignIn = Callable[[User], FlaskClient]
# The statements of a page's charts; each page also asks for the groups to choose from and for
# when it was counted, and like every page who looks and what is on the menu.
STATEMENTS = {"coverage": 1, "filling": 3, "hours": 4, "people": 1, "asks": 2}
AROUND = 2


def a_month_of_help(people: int = 6, kind: GroupKind = GroupKind.FOOD_BANK, **said: Any) -> Group:
    """A group with a shift in November that so many people came to, of two hours each."""
    group = factories.group(kind=kind, **said)
    role = factories.opportunity(group)
    shift = factories.shift(
        role, starts_at=datetime(2026, 11, 8, 10, tzinfo=UTC), places=people + 2
    )
    for _ in range(people):
        factories.signup(
            shift, factories.volunteer(), standing=Standing.ATTENDED, attended_minutes=120
        )
    return group


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("page", ["", *(f"/{name}" for name in PAGES)])
def test_coordinators_see_the_county_and_managers_their_group(
    app: Flask, sign_in: SignIn, page: str
) -> None:
    group, other = a_month_of_help(), a_month_of_help()
    counting.recount()
    sign_in(factories.coordinator())
    client = sign_in(factories.coordinator())
    assert client.get(f"/reports{page}").status_code == 200
    client = sign_in(factories.manager(group))
    answer = client.get(f"/groups/{group.id}/reports{page}")
    assert answer.status_code == 200
    assert group.name in answer.text
    assert other.name not in answer.text
    assert client.get(f"/groups/{other.id}/reports{page}").status_code == 404
    assert client.get(f"/reports{page}").status_code == 403


def test_a_manager_counts_only_the_own_group_whatever_the_address_says(
    app: Flask, sign_in: SignIn
) -> None:
    group, other = a_month_of_help(6), a_month_of_help(9)
    counting.recount()
    client = sign_in(factories.manager(group))
    answer = client.get(f"/groups/{group.id}/reports/hours?group={other.id}&district=Melton")
    assert "6 people gave 12 hours." in answer.text


def test_the_finding_the_picture_the_table_and_the_file_agree(app: Flask, sign_in: SignIn) -> None:
    a_month_of_help()
    counting.recount()
    client = sign_in(factories.coordinator())
    page = client.get("/reports/coverage").text
    assert "Fewest places are filled on Sunday mornings: 75%." in page
    assert page.count('role="img"') == 2  # for a phone and for a wide screen
    assert 'aria-label="Chart: Places filled, by day and hour"' in page
    assert page.count(">75%</text>") == 2 * 2
    href = re.search(r'href="([^"]+\.csv[^"]*)"', page)
    assert href
    answer = client.get(href[1])
    assert answer.mimetype == "text/csv"
    assert "coverage-2025-12-01-to-2026-11-26.csv" in answer.headers["Content-Disposition"]
    assert read(answer.text) == [
        ["Day", "Hour", "Places asked for", "Places filled", "Filled (percent)"],
        ["Sunday", "10am", "8", "6", "75"],
        ["Sunday", "11am", "8", "6", "75"],
    ]


def test_the_choices_stay_in_every_address(app: Flask, sign_in: SignIn) -> None:
    group = a_month_of_help(name="The Mill")
    counting.recount()
    client = sign_in(factories.coordinator())
    page = client.get(
        f"/reports/hours?from=1+nov+2026&until=2026-11-20&district=Charnwood&group={group.id}"
    ).text
    assert "1 November 2026 to 20 November 2026, Charnwood, The Mill" in page
    chosen = f"from=2026-11-01&amp;until=2026-11-20&amp;district=Charnwood&amp;group={group.id}"
    for address in (
        "/reports?",
        "/reports/coverage?",
        "/reports/hours/hours-by-month.csv?",
    ):
        assert f'href="{address}{chosen}"' in page
    file = client.get(f"/reports/hours/hours-by-month.csv?{chosen.replace('&amp;', '&')}").text
    assert read(file) == [["Month", "People", "Hours (hours)"], ["Nov 2026", "6", "12.00"]]


def test_a_district_or_a_group_narrows(app: Flask, sign_in: SignIn) -> None:
    group = a_month_of_help(5, district="Blaby")
    a_month_of_help(7, kind=GroupKind.LIBRARY, district="Melton")
    counting.recount()
    client = sign_in(factories.coordinator())

    def said(query: str) -> str:
        found = re.search(r"(\d+) people gave", client.get(f"/reports/hours{query}").text)
        return found[1] if found else ""

    assert said("") == "12"
    assert said("?district=Melton") == "7"
    assert said(f"?group={group.id}") == "5"
    assert said(f"?group={group.id}&district=Melton") == ""
    assert said("?from=2026-11-09") == ""
    assert said("?until=2026-11-08") == "12"


@pytest.mark.parametrize(
    ("query", "sentence", "typed"),
    [
        ("from=2026-11-20&until=2026-11-01", "The last day must be on or after the first.", ""),
        ("from=soon", "soon", 'value="soon"'),
        ("until=2025-11-30", "The last day must be on or after the first.", ""),
        ("group=999999", "Choose one of the answers.", ""),
        ("district=Atlantis", "Choose one of the answers.", ""),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    app: Flask, sign_in: SignIn, query: str, sentence: str, typed: str
) -> None:
    client = sign_in(factories.coordinator())
    for page in ("/reports", "/reports/hours"):
        answer = client.get(f"{page}?{query}")
        assert answer.status_code == 200
        assert "There is a problem" in answer.text
        assert "<title>\n    Error: " in answer.text or "<title>Error: " in answer.text
        assert sentence in answer.text
        assert typed in answer.text
        assert "<figure" not in answer.text
        assert '<details class="mh-narrowing" open>' in answer.text
    file = client.get(f"/reports/hours/hours-by-month.csv?{query}")
    assert file.status_code == 302
    assert file.headers["Location"].startswith("/reports/hours?")


@pytest.mark.parametrize("address", ["/reports/none", "/reports/hours/none.csv"])
def test_there_are_no_other_charts(app: Flask, sign_in: SignIn, address: str) -> None:
    assert sign_in(factories.coordinator()).get(address).status_code == 404


@pytest.mark.parametrize("page", [*PAGES])
def test_nothing_to_show_says_so_and_what_to_do(app: Flask, sign_in: SignIn, page: str) -> None:
    client = sign_in(factories.coordinator())
    text = client.get(f"/reports/{page}?from=2026-01-01&until=2026-01-31").text
    assert "in these dates" in text
    assert f'href="/reports/{page}"' in text
    assert "The last 12 months" in text
    for figure in PAGES[page].figures(_whole_year()):
        assert read(client.get(f"/reports/{page}/{figure.name}.csv").text)[1:] == []
    assert "Nothing to count in these dates" in client.get("/reports").text


def _whole_year() -> Any:
    from app.reports.rules.periods import Scope, usual  # noqa: PLC0415 - beside its only use

    return Scope(*usual(clock.now().date()))


def test_few_people_are_told_nowhere(app: Flask, sign_in: SignIn) -> None:
    a_month_of_help(30, district="Blaby")
    a_month_of_help(3, kind=GroupKind.LIBRARY, district="Melton")
    a_month_of_help(9, kind=GroupKind.RESPONSE, district="Rutland")
    counting.recount()
    client = sign_in(factories.coordinator())
    file = read(client.get("/reports/hours/hours-by-kind.csv").text)
    assert file[1:] == [
        ["Food banks", "30", "60.00"],
        ["Response groups", "not shown", "not shown"],
        ["Community libraries", "fewer than 5", "not shown"],
    ]
    page = client.get("/reports/hours").text
    assert "42 people gave 84 hours." in page
    assert "Most hours went to" not in page  # it would tell what the table does not
    assert "would let such a number be worked out" in page
    for small in (">6<", ">3<", ">18<", ">9<"):
        assert small not in page


def test_a_group_of_few_people_is_not_told_about_them(app: Flask, sign_in: SignIn) -> None:
    group = a_month_of_help(3)
    counting.recount()
    client = sign_in(factories.manager(group))
    page = client.get(f"/groups/{group.id}/reports/hours").text
    assert "Few people gave time in these dates" in page
    assert "fewer than 5" in client.get(f"/groups/{group.id}/reports").text
    # Places are no people: how full the shifts are is told.
    assert "60%" in client.get(f"/groups/{group.id}/reports/coverage").text


def test_names_are_written_and_never_run(app: Flask, sign_in: SignIn) -> None:
    a_month_of_help(5, district="<b>&\"'")
    a_month_of_help(6, district="=1+1", kind=GroupKind.LIBRARY)
    counting.recount()
    client = sign_in(factories.coordinator())
    page = client.get("/reports/hours").text
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;" in page
    file = client.get("/reports/hours/hours-by-district.csv").text
    assert "=1+1" in file
    assert not any(cell.startswith("=") for row in read(file) for cell in row)


def test_pictures_hold_nothing_that_the_policy_refuses(app: Flask, sign_in: SignIn) -> None:
    a_month_of_help()
    counting.recount()
    client = sign_in(factories.coordinator())
    for name in PAGES:
        for picture in re.findall(r"<svg.*?</svg>", client.get(f"/reports/{name}").text, re.S):
            assert not re.search(r"style|<script|\son\w+=", picture)


@pytest.mark.parametrize("name", [*PAGES])
def test_a_page_needs_few_statements_however_much_there_is(
    app: Flask, sign_in: SignIn, count_queries: Callable[[], Any], name: str
) -> None:
    for kind in GroupKind:
        a_month_of_help(kind=kind)
    counting.recount()
    client = sign_in(factories.coordinator())
    with count_queries() as statements:
        assert client.get(f"/reports/{name}").status_code == 200
    of_charts = [one for one in statements if re.search("counted_|given_time|ORDER BY org", one)]
    assert len(of_charts) == STATEMENTS[name] + AROUND, "\n".join(of_charts)
    assert len(statements) <= 12


def test_the_first_page_says_the_year_in_four_numbers(app: Flask, sign_in: SignIn) -> None:
    a_month_of_help()
    counting.recount()
    page = sign_in(factories.coordinator()).get("/reports").text
    for number, what in (("12", "hours given"), ("6", "people gave time"), ("75%", "places")):
        assert re.search(rf'__number">{number}</span> .*{what}', page)
    assert "Counted just now" in page


def test_people_who_joined_by_what_became_of_them(app: Flask, sign_in: SignIn) -> None:
    joined = datetime(2026, 3, 10, tzinfo=UTC)
    role = factories.opportunity()
    lately = factories.shift(role, starts_at=clock.now() - timedelta(days=10), places=20)
    long_ago = factories.shift(role, starts_at=clock.now() - timedelta(days=100), places=20)
    for number in range(21):
        person = factories.volunteer(created_at=joined)
        if number < 14:
            factories.signup(
                lately if number < 8 else long_ago,
                person,
                standing=Standing.ATTENDED,
                attended_minutes=60,
            )
    factories.volunteer(created_at=joined, erased_at=clock.now())
    counting.recount()
    client = sign_in(factories.coordinator())
    rows = read(client.get("/reports/people/joined.csv").text)
    assert rows[0] == ["Joined in", "Active", "Lapsing", "Not begun yet", "All"]
    assert ["Mar 2026", "8", "6", "7", "21"] in rows
    assert "Of 21 people who joined, 8 gave time" in client.get("/reports/people").text
    # Of a group: by when they came on its list, and what they gave there.
    group = role.group
    for person_id in range(1, 4):
        factories.known_to(factories.volunteer(), group)
        assert person_id
    manager = sign_in(factories.manager(group))
    rows = read(manager.get(f"/groups/{group.id}/reports/people/joined.csv").text)
    # No month can be told by itself, so there is one line of all.
    assert rows[1:] == [["Dec 2025 to Nov 2026", "0", "0", "fewer than 5", "fewer than 5"]]
