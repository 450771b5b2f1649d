"""Every page in every role: axe finds nothing, and nothing sticks out at 320 px."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app import create_app
from tests.browser.conftest import Running, sign_in

PEOPLE = {
    "anonymous": None,
    "volunteer": "volunteer@example.org",
    "manager": "foodbank@example.org",
    "coordinator": "coordinator@example.org",
    "administrator": "administrator@example.org",
}
# Pages that a person meets by a link of their own, not by walking; other tests open them.
NOT_A_PAGE = re.compile(r"^(static|health\.|.*webhooks|simulator_api\.|.*\.ics$)")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def endpoint_of(path: str, adapter: object) -> str | None:
    try:
        endpoint, _ = adapter.match(path, method="GET")  # type: ignore[attr-defined]
    except RequestRedirect as redirect:
        return endpoint_of(urlsplit(redirect.new_url).path, adapter)
    except HTTPException:
        return None
    return str(endpoint)


@pytest.fixture(scope="session")
def adapter() -> object:
    patch = pytest.MonkeyPatch()
    patch.setenv("APP_ENV", "development")
    app = create_app({"RATELIMIT_ENABLED": False})
    patch.undo()
    return app.url_map.bind("127.0.0.1")


@pytest.mark.parametrize("role", PEOPLE)
def test_each_page_is_accessible(
    role: str,
    site: Running,
    new_context: Callable[..., BrowserContext],
    adapter: object,
) -> None:
    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    if email := PEOPLE[role]:
        sign_in(page, email)
    seen: dict[str, str] = {}
    waiting = deque(["/", "/opportunities", "/accessibility", "/privacy", "/simulator"])
    faults: list[str] = []
    while waiting:
        path = waiting.popleft()
        endpoint = endpoint_of(urlsplit(path).path, adapter)
        if endpoint is None or endpoint in seen or NOT_A_PAGE.match(endpoint):
            continue
        if "sign_out" in endpoint:
            continue
        seen[endpoint] = path
        answer = page.goto(path)
        content_type = (answer.header_value("content-type") or "") if answer else ""
        if answer is None or not content_type.startswith("text/html"):
            continue
        if answer.status >= 400:
            faults.append(f"{path}: {answer.status}")
            continue
        faults += _faults(page, path)
        waiting.extend(_links(page, site.url))
    assert not errors
    assert not faults, "\n".join(faults)
    assert len(seen) >= 8, seen


def _links(page: Page, origin: str) -> list[str]:
    # The simulator shows letters to others: a manager's leads to rooms that stay shut to the rest.
    others = ".mh-letter a[href*='/groups/'], .mh-text__body a[href*='/groups/']"
    links = page.eval_on_selector_all(
        f"a[href]:not([download], {others})", "all => all.map(one => one.href)"
    )
    return [
        urlsplit(link)._replace(scheme="", netloc="", fragment="").geturl()
        for link in links
        if link.startswith(origin)
    ]


def _faults(page: Page, path: str) -> list[str]:
    found = []
    for violation in Axe().run(page, options=RULES).response["violations"]:
        where = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
        found.append(f"{path}: {violation['id']}: {violation['help']}: {where}")
    page.set_viewport_size({"width": 320, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wide > 0:
        found.append(f"{path}: sticks out by {wide} px at 320 px")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found
