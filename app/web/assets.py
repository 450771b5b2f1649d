"""The built style, type and scripts: their addresses, and how they are served."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise  # type: ignore[import-untyped] # it ships no types

from app.foundation import languages
from app.foundation.sentences import gettext
from app.web.security import csp_nonce

STATIC = Path(__file__).parent.parent / "static"
_HASHED = re.compile(r"\.[0-9a-f]{8}\.\w+$")


@cache
def _manifest() -> dict[str, str]:
    """Plain name to hashed name; empty while the assets are not built."""
    try:
        names: dict[str, str] = json.loads((STATIC / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return names


def asset_url(name: str) -> str:
    """The address of an asset, which changes whenever its content does.

    A page that is read from right to left gets a sheet's mirrored twin.
    """
    if name.endswith(".css") and languages.direction(languages.present()) == "rtl":
        twin = f"{name.removesuffix('.css')}-rtl.css"
        name = twin if twin in _manifest() else name
    return f"/static/{_manifest().get(name, name)}"


def _script(name: str) -> Markup:
    return Markup('<script src="{}" defer nonce="{}"></script>').format(
        asset_url(name), csp_nonce()
    )


def live_script() -> Markup:
    """htmx, for the pages with parts that renew themselves, and what tells when they last did."""
    return _script("vendor/htmx.js") + _script("live.js")


def keep_script() -> Markup:
    """Own shifts with no signal, for the pages of volunteers: installs /sw.js."""
    return _script("keep.js")


def map_script() -> Markup:
    """Our map; it fetches Leaflet and its style itself, once the map comes into view."""
    return Markup(
        '<script src="{}" data-leaflet="{}" data-style="{}"'
        ' data-nearer="{}" data-further="{}" data-close="{}" defer nonce="{}"></script>'
    ).format(
        asset_url("map.js"),
        asset_url("vendor/leaflet.js"),
        asset_url("vendor/leaflet.css"),
        gettext("Zoom in"),
        gettext("Zoom out"),
        gettext("Close"),
        csp_nonce(),
    )


def init_app(app: Flask) -> None:
    """Serve the built files before Flask is asked; hashed ones may be kept for ever."""
    for function in (asset_url, keep_script, live_script, map_script):
        app.add_template_global(function)
    if STATIC.is_dir():
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign] # Flask documents this
            app.wsgi_app,
            root=str(STATIC),
            prefix="static/",
            max_age=60,
            immutable_file_test=lambda path, url: bool(_HASHED.search(url)),
        )
