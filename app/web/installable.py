"""The site as an app on a phone: its manifest, its icons, and what it shows with no signal.

What is kept on the device, and what never is: docs/decisions/0012.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, current_app, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.foundation import languages, typesetting
from app.web.assets import asset_url
from app.web.routes import bp

# The grounds of the icon and of the page while it opens, as tokens.css has them.
PAPER: Final = "#fcf6ec"
TEAL: Final = "#0b5f62"
NOBODY: Final = "nobody"
# What every page needs to look like itself.
FILES: Final = (
    "many-hands.css",
    "many-hands.js",
    "mark.svg",
    "fonts/atkinson-400.woff2",
    "fonts/atkinson-700.woff2",
    "vendor/govuk-frontend.js",
)
# How wide each icon is, in pixels, and how much of it the mark takes, in per cent: a
# maskable one is cut to any shape, of which a circle of four fifths surely stays.
ICONS: Final = {"180": (180, 78), "192": (192, 86), "512": (512, 86), "maskable-512": (512, 54)}
_HERE: Final = Path(__file__).parent


@bp.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """What a phone needs to put the site among its apps."""
    icons = [
        {"src": asset_url("mark.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(
            {
                "src": url_for("web.icon", size=size),
                "sizes": f"{pixels}x{pixels}",
                "type": "image/png",
                "purpose": "maskable" if size.startswith("maskable") else "any",
            }
            for size, (pixels, _share) in ICONS.items()
            if size != "180"
        ),
    ]
    said = {
        "id": "/",
        "name": "Many Hands",
        "short_name": "Many Hands",
        "description": gettext("Find a way to help near you, and see your shifts."),
        "lang": languages.present(),
        "dir": languages.direction(languages.present()),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": TEAL,
        "icons": icons,
        "shortcuts": [
            {"name": gettext("My shifts"), "url": "/my/shifts"},
            {"name": gettext("Find a role"), "url": "/opportunities"},
        ],
    }
    return Response(
        json.dumps(said, ensure_ascii=False),
        mimetype="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )


@bp.get("/icon-<any('180', '192', '512', 'maskable-512'):size>.png")
def icon(size: str) -> ResponseReturnValue:
    """The mark as a PNG, for phones that take no drawing."""
    return Response(
        _icon(size), mimetype="image/png", headers={"Cache-Control": "public, max-age=86400"}
    )


@cache
def _icon(size: str) -> bytes:
    pixels, share = ICONS[size]
    mark = (_HERE / "assets" / "mark.svg").read_text(encoding="utf-8")
    data = {"mark": mark, "share": share, "ground": PAPER}
    return typesetting.png(_HERE / "icon.typ", data, 72 * pixels / 512)


@bp.get("/sw.js")
def service_worker() -> ResponseReturnValue:
    """The script that stands between the pages and the network; it is asked for anew each time."""
    files = [asset_url(name) for name in FILES]
    version = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:8]
    return Response(
        render_template("sw.js", files=files, version=version),
        mimetype="text/javascript",
        headers={"Cache-Control": "no-cache"},
    )


@bp.get("/no-signal")
def no_signal() -> ResponseReturnValue:
    """What any other page shows without a signal; it says nothing of anybody."""
    return render_template("statements/no_signal.html")


def whose() -> str:
    """A mark of whoever is signed in, by which the device knows a copy that is not theirs.

    It is made with our secret and tells nothing of the person. Signed out everywhere, they
    have another one afterwards.
    """
    user = session.get("_user_id")
    if user is None:
        return NOBODY
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"pages kept for {user}".encode(), "sha256").hexdigest()[:16]


def say_whose(response: Response) -> Response:
    """Tell the service worker with each page who is signed in now."""
    if response.mimetype == "text/html":
        response.headers["X-Whose"] = whose()
    return response


def init_app(app: Flask) -> None:
    """Mark every page of the app."""
    app.after_request(say_whose)


for view in (manifest, icon, service_worker, no_signal):
    view.access = "public"  # type: ignore[union-attr] # as in routes.py
