"""The map is an extra: it costs nothing until somebody comes to it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import PHONE, Running


def test_the_map_is_fetched_only_when_it_comes_into_view(
    site: Running, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(viewport=PHONE).new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{site.url}/opportunities")
    page.locator(".mh-cards a").first.click()
    page.locator("h1").wait_for()
    page.wait_for_load_state("load")
    assert not any("leaflet" in url for url in fetched)
    page.locator("#map").scroll_into_view_if_needed()
    expect(page.locator(".mh-pin").first).to_be_visible()
    assert any("leaflet" in url for url in fetched)


def test_the_map_speaks_the_language_of_its_page(
    site: Running, new_context: Callable[..., BrowserContext]
) -> None:
    context = new_context(viewport=PHONE)
    context.add_cookies([{"name": "language", "value": "pl", "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/opportunities")
    page.locator(".mh-cards a").first.click()
    page.locator("#map").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Przybliż")).to_be_visible()
    expect(page.get_by_role("button", name="Oddal")).to_be_visible()
    page.locator(".mh-pin").first.click()
    expect(page.get_by_role("button", name="Zamknij")).to_be_visible()
