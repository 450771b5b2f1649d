from __future__ import annotations

import pytest

from app.foundation.errors import Refusal
from app.groups import rules


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("St Mary's Hall", "st-marys-hall"),
        ("Food & Friends", "food-and-friends"),
        ("  Café Zoë (Kibworth)  ", "cafe-zoe-kibworth"),
        ("图书馆", "group"),
        ("x" * 200, "x" * 120),
    ],
)
def test_a_name_becomes_an_address(name: str, slug: str) -> None:
    assert rules.slug(name) == slug


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" www.example.org ", "https://www.example.org"),
        ("http://example.org/a?b=1", "http://example.org/a?b=1"),
    ],
)
def test_a_website_gets_its_scheme(typed: str, kept: str) -> None:
    assert rules.website(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "example",
        "a b.org",
        "http://[",
    ],
)
def test_what_is_no_website_is_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        rules.website(typed)
