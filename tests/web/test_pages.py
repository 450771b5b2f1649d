"""The page, its headers, its menu and its parts, as a browser receives them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import navigation
from app.web.assets import STATIC, asset_url

ALL_PARTS = """
{% extends "base.html" %}
{% from "components/back_link.html" import back_link %}
{% from "components/button.html" import post_button %}
{% from "components/data_table.html" import data_table %}
{% from "components/empty_state.html" import empty_state %}
{% from "components/facts.html" import facts %}
{% from "components/notice.html" import notice %}
{% from "components/pagination.html" import pagination %}
{% from "components/person_row.html" import people, person_row %}
{% from "components/shift_card.html" import shift_card %}
{% from "components/stat.html" import stat, stats %}
{% from "components/two_columns.html" import two_columns %}
{% block content %}
{% call shift_card(shift) %}{{ post_button("Take", "/send") }}{% endcall %}
{% call stats() %}{{ stat(3, "places") }}{% endcall %}
{% call people() %}{{ person_row("Asha") }}{% endcall %}
{{ empty_state("None", "Yet", ("Find", "/")) }}
{{ data_table("Shifts", ["When", ("Places", "numeric")], [["Mon", 3]]) }}
{{ pagination(3, 9, page_url) }}
{% call two_columns("side") %}main{% endcall %}
{{ facts([("Where", "Mill")]) }} {{ notice("Careful") }} {{ back_link("/") }}
{% endblock %}
{% block scripts %}{{ live_script() }}{{ map_script() }}{% endblock %}
"""
SHIFT = {
    "title": "Driver <b>",
    "href": "/s/1",
    "group": "Food bank",
    "place": "Loughborough",
    "start": datetime(2026, 12, 5, 10, tzinfo=UTC),
    "end": datetime(2026, 12, 5, 13, tzinfo=UTC),
    "zone": "Europe/London",
    "miles": 2.1,
    "confirmed": 1,
    "places": 4,
    "minimum": 2,
    "waiting": 0,
    "reasons": ["2.1 miles away"],
}


def test_a_page_has_no_inline_style_handler_or_unmarked_script(
    rendered: Callable[..., str],
) -> None:
    html = rendered(ALL_PARTS, shift=SHIFT)
    assert not re.search(r"\sstyle=|\son\w+=|<style", html)
    assert all("nonce=" in script for script in re.findall(r"<script[^>]*>", html))


def test_every_part_escapes_what_people_wrote(rendered: Callable[..., str]) -> None:
    assert "Driver &lt;b&gt;" in rendered(ALL_PARTS, shift=SHIFT)


def test_the_page_does_not_pass_for_a_government_service(visitor: FlaskClient) -> None:
    html = visitor.get("/page").text
    assert "GOV.UK" not in html
    assert "crown" not in html.lower()


def test_a_shift_below_its_minimum_says_so_in_words(rendered: Callable[..., str]) -> None:
    html = rendered(ALL_PARTS, shift=SHIFT)
    assert "1 of 4 places taken" in html
    assert "Needs 1 more person to be safe to run" in html


def test_another_page_of_a_list_keeps_the_search(rendered: Callable[..., str]) -> None:
    assert rendered("{{ page_url(4) }}") == "/page?q=books&amp;page=4"


def test_flashed_messages_are_banners_that_are_read_out(visitor: FlaskClient) -> None:
    html = visitor.get("/flashed").text
    assert html.count('role="alert"') == 2
    assert "Two people &lt;dropped&gt; out." in html


def test_the_policy_names_the_nonce_of_the_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/page")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert f'nonce="{nonce[1]}"' in answer.text
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_each_answer_has_its_own_nonce(visitor: FlaskClient) -> None:
    policies = {visitor.get("/page").headers["Content-Security-Policy"] for _ in range(2)}
    assert len(policies) == 2


def test_browsers_are_told_to_insist_on_https_only_where_it_is(page_app: Flask) -> None:
    visitor = page_app.test_client()
    assert "Strict-Transport-Security" not in visitor.get("/page").headers
    page_app.config["PUBLIC_URL"] = "https://hands.example.org"
    assert "Strict-Transport-Security" in visitor.get("/page").headers


def test_a_signed_in_page_stays_in_no_cache(visitor: FlaskClient) -> None:
    with visitor.session_transaction() as session:
        session["_user_id"] = "1.0"
    assert visitor.get("/page").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("who", "seen", "hidden"),
    [
        ("", ["Find a role", "Sign in"], ["Home", "Urgent requests"]),
        ("volunteer", ["Home", "Find a role"], ["Sign in", "Urgent requests"]),
        ("coordinator", ["Home", "Urgent requests"], ["Find a role", "Sign in"]),
    ],
)
def test_each_person_sees_their_own_menu(
    visitor: FlaskClient, who: str, seen: list[str], hidden: list[str]
) -> None:
    html = visitor.get("/page", headers={"As": who}).text
    menu = html[html.index("<header") : html.index("</header>")]
    assert all(f">{label}</a>" in menu for label in seen)
    assert not any(f">{label}</a>" in menu for label in hidden)


def test_an_entry_without_a_page_is_left_out(visitor: FlaskClient) -> None:
    assert "My shifts" not in visitor.get("/page", headers={"As": "volunteer"}).text


def test_the_entry_of_the_present_page_is_marked(visitor: FlaskClient) -> None:
    html = visitor.get("/opportunities.search").text
    assert 'href="/opportunities.search" aria-current="page"' in html


def test_a_feature_can_add_to_the_menu(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "_entries", [])
    navigation.register("Rehearse", "refused", "coordinator administrator")
    navigation.register("Rehearse", "refused", "coordinator administrator")
    assert visitor.get("/page", headers={"As": "coordinator"}).text.count(">Rehearse</a>") == 1


def test_a_feature_can_say_what_else_a_person_is(
    page_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "_recognisers", [])
    navigation.recognise(lambda user: {"manager"})
    monkeypatch.setattr(navigation, "_entries", [])
    navigation.register("Rota", "page", "manager")
    visitor = page_app.test_client()
    assert ">Rota</a>" in visitor.get("/page", headers={"As": "volunteer"}).text


def test_a_person_can_have_lines_of_their_own(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "_contributors", [])
    navigation.contribute(
        lambda user: [
            navigation.Link("Our shifts", "page", {"group": 4}),
            navigation.Link("Not built yet", "groups.nowhere", {}),
        ]
    )
    html = visitor.get("/page", headers={"As": "volunteer"}).text
    assert 'href="/page?group=4">Our shifts</a>' in html
    assert "Not built yet" not in html
    assert "Our shifts" not in visitor.get("/page").text


def test_an_entry_whose_address_needs_values_is_left_out(
    page_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_app.add_url_rule("/groups/<int:group_id>", "groups.show", lambda group_id: "group")
    monkeypatch.setattr(navigation, "_entries", [])
    navigation.register("A group", "groups.show", "anonymous")
    assert "A group" not in page_app.test_client().get("/page").text


@pytest.mark.parametrize("address", ["/accessibility", "/privacy"])
def test_the_statements_are_open_to_everybody(visitor: FlaskClient, address: str) -> None:
    assert visitor.get(address).status_code == 200


def test_a_stylesheet_may_be_kept_for_ever(visitor: FlaskClient) -> None:
    if not STATIC.is_dir():
        pytest.skip("the assets are not built")
    address = asset_url("many-hands.css")
    with visitor.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"


def test_a_first_visit_takes_less_than_100_kilobytes() -> None:
    if not STATIC.is_dir():
        pytest.skip("the assets are not built")
    size = 0
    for name in ("many-hands.css", "many-hands.js", "vendor/govuk-frontend.js", "mark.svg"):
        size += (STATIC / (asset_url(name).removeprefix("/static/") + ".gz")).stat().st_size
    for name in ("fonts/atkinson-400.woff2", "fonts/atkinson-700.woff2"):
        size += (STATIC / asset_url(name).removeprefix("/static/")).stat().st_size
    assert size < 80_000  # the rest is for the page itself and htmx


def test_the_style_leaves_out_what_no_page_uses_and_the_yellow_focus() -> None:
    if not STATIC.is_dir():
        pytest.skip("the assets are not built")
    css = (STATIC / asset_url("many-hands.css").removeprefix("/static/")).read_text("utf-8")
    assert ".govuk-radios__input:checked+.govuk-radios__label" in css
    assert not re.search(r"\.govuk-(service-navigation|tabs|accordion|cookie-banner)", css)
    assert not re.search(r":focus[^{]*\{[^}]*--govuk-focus-colour", css)
    # The link over the head of the page still shows itself to whoever tabs to it.
    assert ".govuk-skip-link:not(:active):not(:focus)" in css
