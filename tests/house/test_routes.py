"""Every route says who may enter, and keeps to it; every address in the code leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import StrictUndefined, meta, nodes
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from app.accounts.models import User
from app.foundation.logs import redacted
from tests import factories

APP = Path(__file__).resolve().parents[2] / "app"
# One click in a mail program ends the emails (RFC 8058): no session, the link is the proof.
WITHOUT_A_TOKEN = {"volunteers/templates/volunteers/unsubscribe.html"}
AUDIENCES = {
    "public",
    "signed in",
    "group manager",
    "coordinator",
    "administrator",
    "simulator",
    "tablet",  # no user: a device that a manager has set up
    "token",  # a program with a token, no person: app/api/door.py
}
# Asked by machines, which sign in nowhere.
WITHOUT_A_MARK = {"static", "health.healthz", "health.readyz", "health.metrics"}
# The parts of the site that are never public, with who may be let in there.
PRIVATE = {
    "/admin/": {"administrator"},
    "/groups/<int:group_id>": {"group manager"},
    "/account": {"signed in"},
    "/my/": {"signed in"},
    "/broadcasts": {"coordinator", "administrator"},
    "/inbox": {"coordinator", "administrator"},
    "/messages": {"coordinator", "administrator"},
    "/operations": {"administrator"},
    "/style": {"administrator"},
    "/tablet/staff": {"tablet"},
    "/api/v1/s": {"token"},
    "/api/v1/volunteers": {"token"},
    "/api/v1/hours": {"token"},
    "/api/v1/opportunities": {"token"},
}


def rules(app: Flask, audience: str | None = None) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if audience is None or getattr(app.view_functions[rule.endpoint], "access", "") == audience
    ]


def visits(app: Flask, rule: Rule, **said: Any) -> Iterator[tuple[str, str]]:
    """(method, path) for each way into a route, its blanks filled in."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if isinstance(converter, AnyConverter):
            values[name] = sorted(converter.items)[0]
        else:
            values[name] = 1 if isinstance(converter, IntegerConverter) else "x"
    address = app.url_map.bind("localhost")
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        yield method, address.build(rule.endpoint, values | said, method=method)


def test_no_log_tells_a_link_that_is_a_key(app: Flask) -> None:
    links = [rule for rule in rules(app) if "token" in rule.arguments]
    assert len(links) > 5
    for rule in links:
        for _, path in visits(app, rule, token="AbC123_-xyz.sig"):
            assert "AbC123" not in redacted(f"Exception on {path} [GET]")


def test_every_route_says_who_may_enter(app: Flask) -> None:
    unmarked = {
        rule.endpoint
        for rule in rules(app)
        if getattr(app.view_functions[rule.endpoint], "access", None) not in AUDIENCES
    }
    assert unmarked <= WITHOUT_A_MARK


def test_the_private_parts_have_no_open_door(app: Flask) -> None:
    wrong = [
        (str(rule), access)
        for rule in rules(app)
        for start, allowed in PRIVATE.items()
        if str(rule).startswith(start)
        and (access := getattr(app.view_functions[rule.endpoint], "access", None)) not in allowed
    ]
    assert wrong == []


def test_a_route_for_a_groups_managers_names_the_group(app: Flask) -> None:
    assert [rule for rule in rules(app, "group manager") if "group_id" not in rule.arguments] == []


def test_whoever_is_not_signed_in_is_asked_to(app: Flask, client: FlaskClient) -> None:
    wrong = [
        (method, path, answer.status_code)
        for audience in ("signed in", "group manager", "coordinator", "administrator")
        for rule in rules(app, audience)
        for method, path in visits(app, rule)
        if not (answer := client.open(path, method=method)).location
        or not answer.location.startswith("/sign-in")
    ]
    assert wrong == []


def test_one_groups_manager_finds_nothing_of_anothers(
    app: Flask, sign_in: Callable[[User], FlaskClient]
) -> None:
    theirs = factories.shift(minimum=1).opportunity.group_id
    client = sign_in(factories.manager(factories.group()))
    wrong = [
        (method, path, answer.status_code)
        for rule in rules(app, "group manager")
        for method, path in visits(app, rule, group_id=theirs)
        if (answer := client.open(path, method=method)).status_code != 404
    ]
    assert wrong == []


def test_ones_own_address_does_not_open_anothers_rows(
    app: Flask, sign_in: Callable[[User], FlaskClient]
) -> None:
    """Under one's own group's address, the number of another group's row finds nothing."""
    shift = factories.shift()
    signup = factories.signup(shift, factories.volunteer())
    standing = factories.standing_place(factories.pattern(shift.opportunity), signup.volunteer)
    rows: dict[str, int] = {
        "shift_id": shift.id,
        "opportunity_id": shift.opportunity_id,
        "site_id": shift.site_id,
        "signup_id": signup.id,
        "volunteer_id": signup.volunteer_id,
        "pattern_id": standing.pattern_id,
        "standing_id": standing.id,
    }
    own = factories.group()
    client = sign_in(factories.manager(own))
    wrong = []
    for rule in rules(app, "group manager"):
        named = {name: number for name, number in rows.items() if name in rule.arguments}
        if not named:
            continue
        for method, path in visits(app, rule, group_id=own.id, **named):
            answer = client.open(path, method=method)
            if answer.status_code != 404:
                wrong.append((method, path, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("audience", ["coordinator", "administrator"])
def test_a_manager_is_kept_out_of_the_countys_pages(
    app: Flask, sign_in: Callable[[User], FlaskClient], audience: str
) -> None:
    client = sign_in(factories.manager(factories.group()))
    wrong = [
        (method, path, answer.status_code)
        for rule in rules(app, audience)
        for method, path in visits(app, rule)
        if (answer := client.open(path, method=method)).status_code != 403
    ]
    assert wrong == []


def templates(app: Flask) -> list[str]:
    """The names of our own templates, each once."""
    ours = {
        str(path.relative_to(folder))
        for folder in APP.glob("*/templates")
        for path in folder.rglob("*")
        if path.is_file()
    }
    return sorted(ours & set(app.jinja_env.list_templates()))


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(APP.rglob("*")):
        if path.suffix in (".py", ".html", ".txt", ".xml") and "static" not in path.parts:
            yield str(path.relative_to(APP)), path.read_text(encoding="utf-8")


def test_every_address_that_is_named_leads_to_a_page(app: Flask) -> None:
    dead = [
        (name, endpoint)
        for name, text in sources()
        for endpoint in re.findall(r"""\burl_for\(\s*["']([\w.]+)["']""", text)
        # The simulator is there only where it is the carrier; its own tests look there.
        if endpoint not in app.view_functions and not endpoint.startswith("simulator.")
    ]
    assert dead == []


def test_every_form_that_posts_carries_a_token(app: Flask) -> None:
    bare = [
        name
        for name, text in sources()
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.S | re.I)
        if "csrf_token" not in form and "hidden_tag()" not in form
    ]
    assert set(bare) <= WITHOUT_A_TOKEN


def test_no_template_holds_what_the_security_policy_refuses(app: Flask) -> None:
    refused = [
        (name, found.group())
        for name, text in sources()
        if name.endswith(".html") and "mail" not in name
        for found in re.finditer(
            r"""\sstyle=|\son[a-z]+=["']|<style\b|<script(?![^>]*(src=|nonce=))""", text
        )
    ]
    assert refused == []


def test_no_page_loses_the_frame(app: Flask) -> None:
    """GOV.UK's block `main` holds the <main> element; a page fills `content` instead."""
    lost = [name for name, text in sources() if re.search(r"{%-? block main\b", text)]
    assert lost == []


def test_every_template_compiles_and_finds_what_it_names(app: Flask) -> None:
    env = app.jinja_env.overlay(undefined=StrictUndefined)
    missing = []
    for name in templates(app):
        source, _path, _current = env.loader.get_source(env, name)  # type: ignore[union-attr] # it has one
        env.compile(source, name)
        tree = env.parse(source)
        for other in meta.find_referenced_templates(tree):
            if other is not None:
                env.get_template(other)
        for taken in tree.find_all(nodes.FromImport):
            if isinstance(taken.template, nodes.Const):
                offered = env.get_template(taken.template.value).module
                for one in taken.names:
                    wanted = one[0] if isinstance(one, tuple) else one
                    if not hasattr(offered, wanted):
                        missing.append((name, taken.template.value, wanted))
    assert missing == []
