"""A browser that comes over TLS, as everybody does in production.

There the guard of the forms asks not only for the token: it asks which page of ours the
press came from, and takes nothing from a page that keeps the browser from saying so.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

# With these a browser names the page before to the site that the page is of.
TELLS_OUR_OWN = {"same-origin", "strict-origin-when-cross-origin", "origin-when-cross-origin"}


def press(app: Flask, path: str, data: dict[str, Any]) -> TestResponse:
    """Open a page with a form, press a button of it; what the press brought."""
    browser = app.test_client()
    origin = "https://localhost"
    before = app.config["WTF_CSRF_ENABLED"]
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = browser.get(path, base_url=origin)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token, "the page has no form"
        tells = page.headers["Referrer-Policy"] in TELLS_OUR_OWN
        return browser.post(
            path,
            base_url=origin,
            data={**data, "csrf_token": token[1]},
            headers={"Referer": origin + path} if tells else {},
        )
    finally:
        app.config["WTF_CSRF_ENABLED"] = before
