"""Pages leave compressed, but never where their length could tell a secret.

Who sees the length of an answer, and can make a signed-in person's browser
ask for it with words of their own again and again, can guess what else is in
it: the BREACH attack. Another site's requests are therefore answered as they
are, as soon as a cookie of ours came along (see docs/decisions).
"""

from __future__ import annotations

import gzip
from typing import Final

import brotli  # type: ignore[import-untyped] # it ships no types
from flask import Flask, Response, current_app, request

SMALLEST: Final = 1_000  # bytes; less fits one packet as it is
MIMETYPES: Final = frozenset(
    {
        "application/json",
        "image/svg+xml",
        "text/calendar",
        "text/csv",
        "text/html",
        "text/plain",
        "text/xml",
    }
)
# Fast, and a tenth larger than the best that a built file is given.
_BROTLI_QUALITY: Final = 5
_GZIP_LEVEL: Final = 6


def asked_for_here() -> bool:
    """Whether no other site can have caused this request in somebody's name.

    `Sec-Fetch-Site` is written by the browser, not by the page. A browser too
    old to send it counts as another site, unless it sent no session either.
    """
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return True
    return request.headers.get("Sec-Fetch-Site") in {"same-origin", "none"}


def compress(response: Response) -> Response:
    """Shorten the body as the browser can read it; anything else leaves as it came."""
    if (
        response.mimetype not in MIMETYPES
        or response.direct_passthrough
        or response.is_streamed
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    response.vary.add("Sec-Fetch-Site")
    body = response.get_data()
    way = request.accept_encodings.best_match(("br", "gzip"))
    if way is None or len(body) < SMALLEST or not asked_for_here():
        return response
    if way == "br":
        response.set_data(brotli.compress(body, quality=_BROTLI_QUALITY))
    else:
        response.set_data(gzip.compress(body, _GZIP_LEVEL, mtime=0))
    response.headers["Content-Encoding"] = way
    return response


def init_app(app: Flask) -> None:
    """Compress every answer of the app; call it before what changes answers is registered."""
    app.after_request(compress)
