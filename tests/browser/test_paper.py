"""What comes out of the printer: a page for each day, and nothing that is not for the wall."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext

from tests.browser.conftest import sign_in

_A4 = {(595, 842), (594, 841)}


def paper(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page, in points."""
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(int(float(width)), int(float(height))) for width, height in boxes]


def test_the_rota_prints_a_landscape_page_for_each_day_and_none_before(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context().new_page()
    sign_in(page, "foodbank@example.org")
    page.get_by_role("link", name="My group").first.click()
    page.get_by_role("link", name="Print", exact=True).click()
    page.get_by_role("button", name="See the rota").click()
    page.locator(".mh-paper__day").first.wait_for()
    days = page.locator(".mh-paper__day").count()
    assert days > 0
    sizes = paper(page.pdf(prefer_css_page_size=True))
    assert len(sizes) >= days
    assert {(height, width) for width, height in sizes} <= _A4
    page.emulate_media(media="print")
    for hidden in (".mh-header", ".mh-footer", ".mh-paper__tools"):
        assert not page.locator(hidden).first.is_visible()
    size = page.locator(".mh-paper__head").first.evaluate("it => getComputedStyle(it).fontSize")
    assert float(size.removesuffix("px")) >= 36


def test_the_phone_list_prints_upright(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    sign_in(page, "foodbank@example.org")
    page.get_by_role("link", name="My group").first.click()
    page.get_by_role("link", name="Print", exact=True).click()
    page.get_by_role("link", name="Phone list of").first.click()
    assert "shred it" in page.locator("main").inner_text()
    assert set(paper(page.pdf(prefer_css_page_size=True))) <= _A4


def test_the_poster_is_one_sheet(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    sign_in(page, "foodbank@example.org")
    page.get_by_role("link", name="My group").first.click()
    page.get_by_role("link", name="Today", exact=True).click()
    page.get_by_role("link", name="poster to check in by phone").click()
    assert len(paper(page.pdf(prefer_css_page_size=True))) == 1


def test_a_year_prints_as_weeks_of_seven_columns(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context().new_page()
    sign_in(page, "foodbank@example.org")
    page.get_by_role("link", name="Rota", exact=True).first.click()
    page.get_by_role("link", name="Year", exact=True).click()
    page.locator(".mh-long").first.wait_for(state="attached")
    sizes = paper(page.pdf(prefer_css_page_size=True))
    assert {(height, width) for width, height in sizes} <= _A4
    assert len(sizes) <= 16  # day below day they were 28
