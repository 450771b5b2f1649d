"""The living page of the front end: nothing that a page may use is missing there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import style, web
from app.accounts.models import User
from app.web.palette import contrast
from tests import factories

COMPONENTS = Path(web.__file__).parent / "templates" / "components"
PAGE = Path(style.__file__).parent / "templates" / "style"
# What stands around other parts and has no look of its own, each with where it is seen.
SEEN_ELSEWHERE = {
    "navigation_bar": "at the head of the page itself",
    "form_frame": "each form that is sent; the samples are not",
    "photograph": "a story's page: its picture is a row of somebody's story",
    "post_button": "it looks as button_link does, and would change something",
    "foreseen_part": "a change that is looked at first",
}


def _sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in PAGE.glob("*.html"))


@pytest.mark.parametrize("part", sorted(COMPONENTS.glob("*.html")), ids=lambda path: path.stem)
def test_every_part_is_shown(part: Path) -> None:
    shown = re.sub(r"\{% from .*? %\}", "", _sources()).replace("steps_of(", "steps(")
    macros = re.findall(r"\{% macro (\w+)\(", part.read_text(encoding="utf-8"))
    assert macros
    missing = [
        name
        for name in macros
        if name not in SEEN_ELSEWHERE and not re.search(rf"\b{name}\(", shown)
    ]
    assert missing == []


def test_every_drawing_is_shown() -> None:
    css = (Path(web.__file__).parent / "assets" / "components" / "icon.css").read_text("utf-8")
    drawn = set(re.findall(r"\.mh-icon--(\w+) \{ --i:", css))
    shown = set(re.findall(r'"(\w+)"', (PAGE / "_type.html").read_text(encoding="utf-8")))
    assert len(drawn) > 20
    assert drawn - shown == set()


def test_an_administrator_sees_it_with_nothing_inline(
    sign_in: Callable[[User], FlaskClient],
) -> None:
    answer = sign_in(factories.administrator()).get("/style")
    assert answer.status_code == 200
    html = answer.text
    assert "Needs 2 more people to be safe to run" in html
    assert "Give an email address like name@example.org." in html
    assert f"{contrast('#2b2033', '#fcf6ec'):.1f}" in html
    assert not re.search(r"\sstyle=|\son\w+=|<style", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
