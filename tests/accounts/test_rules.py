from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import rules
from app.foundation.errors import Refusal


@pytest.mark.parametrize("path", ["/", "/account", "/my/shifts?week=2", "/g/kibworth#sites"])
def test_a_path_of_this_site_is_a_way_back(path: str) -> None:
    assert rules.own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "account",
        "https://example.org/",
        "//example.org/",
        "///example.org",
        "/\\example.org",
        "/\n/example.org",
        "javascript:alert(1)",
        "/sign-in?next=/sign-in",
        "/sign-out",
        "/" + "x" * 300,
    ],
)
def test_anything_else_is_not(path: str | None) -> None:
    assert rules.own_path(path) is None


@given(st.text())
def test_no_text_upsets_the_way_back(text: str) -> None:
    found = rules.own_path(text)
    assert found is None or (found.startswith("/") and not found.startswith("//"))


@pytest.mark.parametrize(
    "password", ["pears on a wall", "correct horse", "ĝis revido amiko", "!Aa1!Aa1!Aa1x"]
)
def test_a_long_password_needs_no_symbols(password: str) -> None:
    assert rules.acceptable_password(password) == password


@pytest.mark.parametrize(
    "password",
    ["short", "password123", "PASSWORD123", "aaaaaaaaaaaa", "asha.patel@example.org", "asha.patel"],
)
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(Refusal) as caught:
        rules.acceptable_password(password, "Asha Patel", "asha.patel@example.org")
    assert caught.value.field == "password"


def test_a_very_long_password_is_refused() -> None:
    with pytest.raises(Refusal):
        rules.acceptable_password("ab cd " * 40)


@pytest.mark.parametrize(
    ("typed", "kept"), [(" Asha@Example.ORG ", "asha@example.org"), ("a+b@example.org",) * 2]
)
def test_an_email_address_is_kept_in_small_letters(typed: str, kept: str) -> None:
    assert rules.email_address(typed) == kept


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_refusal(text: str) -> None:
    with suppress(Refusal):
        assert "@" in rules.email_address(text)


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "Code: 123456"])
def test_a_code_is_read_however_it_is_spaced(typed: str) -> None:
    assert rules.typed_code(typed) == "123456"


@pytest.mark.parametrize("zero", ["\N{ARABIC-INDIC DIGIT ZERO}", "\N{GUJARATI DIGIT ZERO}"])
def test_a_code_is_read_in_the_digits_of_ones_own_keyboard(zero: str) -> None:
    assert rules.typed_code("".join(chr(ord(zero) + n) for n in (1, 2, 3, 4, 5, 6))) == "123456"
