"""Who goes on a journey: in each of the four ways, signed in once for all of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, NewContext, Running, sign_in
from tests.browser.person import WAYS, Person, Way, somebody

SignedIn = Callable[[str], Any]


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """How the people of this journey use their pages."""
    assert isinstance(request.param, Way)
    return request.param


@pytest.fixture
def alone(way: Way) -> str:
    """A word that no other run of any journey uses, for names and addresses."""
    return f"{way.by[0]}{'j' if way.scripts else 'n'}{secrets.token_hex(3)}"


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, site: Running) -> SignedIn:
    """What a browser keeps of somebody of the demo who has signed in; each does so once."""
    kept: dict[str, Any] = {}

    def of(email: str) -> Any:
        if email not in kept:
            context = chromium.new_context(base_url=site.url, locale="en-GB")
            sign_in(context.new_page(), email)
            kept[email] = context.storage_state()
            context.close()
        return kept[email]

    return of


@pytest.fixture
def person(new_context: NewContext, way: Way, signed_in: SignedIn) -> Callable[..., Person]:
    """Somebody in this way: by their address, by what their browser kept, or a stranger."""

    def one(who: str | dict[str, Any] = "") -> Person:
        return somebody(
            new_context, way, signed_in(who) if isinstance(who, str) and who else who or None
        )

    return one


@pytest.fixture
def desk(new_context: NewContext, signed_in: SignedIn) -> Callable[[str], Page]:
    """A plain page, for what must be there before a journey begins."""

    def page(email: str = "") -> Page:
        state = signed_in(email) if email else None
        return new_context(viewport=DESKTOP, storage_state=state).new_page()

    return page
