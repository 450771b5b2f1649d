"""The site as an app: what a phone reads before it installs, and whose a page is."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.web import assets
from app.web.installable import ICONS, NOBODY, PAPER, TEAL
from tests import factories

SignIn = Callable[[User], FlaskClient]


def test_every_page_names_the_manifest_and_its_icons_are_there(client: FlaskClient) -> None:
    page = client.get("/privacy").text
    (address,) = re.findall(r'rel="manifest" href="([^"]+)"', page)
    answer = client.get(address)
    assert answer.mimetype == "application/manifest+json"
    said = json.loads(answer.text)
    assert (said["name"], said["start_url"], said["display"]) == ("Many Hands", "/", "standalone")
    made = {one["sizes"]: one for one in said["icons"] if one["type"] == "image/png"}
    assert {"192x192", "512x512"} <= set(made)
    for one in said["icons"]:
        if one["type"] == "image/png":
            assert client.get(one["src"]).mimetype == "image/png"
    assert {one.get("purpose", "any") for one in said["icons"]} == {"any", "maskable"}


@pytest.mark.parametrize("size", ICONS)
def test_an_icon_is_a_picture_of_the_size_it_says(client: FlaskClient, size: str) -> None:
    made = client.get(f"/icon-{size}.png").data
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", made[16:24]) == (ICONS[size][0], ICONS[size][0])
    assert len(made) < 60_000


def test_there_are_no_icons_of_other_sizes(client: FlaskClient) -> None:
    assert client.get("/icon-99999.png").status_code == 404


def test_the_worker_may_stand_before_the_whole_site(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    (files,) = re.findall(r"const FILES = (\[.*?\]);", answer.text)
    assert any("many-hands" in path and path.endswith(".css") for path in json.loads(files))


def test_the_page_without_a_signal_is_everybodys(client: FlaskClient, sign_in: SignIn) -> None:
    before = client.get("/no-signal").text
    assert "You have no signal" in before
    sign_in(factories.user(name="Asha Patel"))
    after = client.get("/no-signal").text
    assert re.sub(r'nonce="[^"]*"', "", before) == re.sub(r'nonce="[^"]*"', "", after)


def test_a_page_says_whose_it_is_and_tells_nothing_of_them(app: Flask, sign_in: SignIn) -> None:
    assert app.test_client().get("/privacy").headers["X-Whose"] == NOBODY
    marks = []
    for _ in range(2):
        client = sign_in(factories.user())
        mark = client.get("/privacy").headers["X-Whose"]
        assert mark == client.get("/accessibility").headers["X-Whose"]
        marks.append(mark)
        client.post("/sign-out")
        assert client.get("/privacy").headers["X-Whose"] == NOBODY
    assert len({NOBODY, *marks}) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", mark) for mark in marks)


def test_what_is_no_page_is_nobodys_business(client: FlaskClient) -> None:
    assert "X-Whose" not in client.get("/healthz").headers


def test_the_app_opens_on_the_colours_of_the_site() -> None:
    tokens = (Path(assets.__file__).parent / "assets" / "tokens.css").read_text("utf-8")
    for name, colour in (("paper", PAPER), ("teal", TEAL)):
        # The first is the light one; a phone has one colour for both.
        assert re.findall(f"--mh-{name}: (#[0-9a-f]+);", tokens)[0] == colour
