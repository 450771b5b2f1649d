"""The codes that people scan at a site: one on the tablet that changes, one on the wall.

The tablet's code is good for some minutes, so whoever has it stands before
the tablet. The poster's never changes, so it can be photographed and used
from home: it asks for a sign-in, and what it notes is marked as one's own
word. Both name the site, and nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno
from markupsafe import Markup

from app.accounts import secrets
from app.foundation import clock
from app.today.rules import code_step, is_fresh
from app.web.pages import public_url


@dataclass(frozen=True)
class Code:
    """What a scanned code says."""

    site_id: int
    is_poster: bool


def on_the_tablet(site_id: int) -> str:
    """The token that the tablet shows this minute."""
    return _token(site_id, str(code_step(clock.now())))


def on_the_wall(site_id: int) -> str:
    """The token on the poster, always the same."""
    return _token(site_id, "wall")


def read(token: str) -> Code | None:
    """What a token says; None for one that is not ours or has run out."""
    number, _, rest = token.partition(".")
    step, _, seal = rest.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 16 and seal.isascii()):
        return None
    if not secrets.same(seal, _seal(int(number), step)):
        return None
    if step == "wall":
        return Code(int(number), is_poster=True)
    return Code(int(number), is_poster=False) if is_fresh(int(step), clock.now()) else None


def picture(token: str) -> Markup:
    """The token's address as a QR code, drawn in the page itself."""
    drawn = segno.make(public_url("here.scan", token=token), error="m").svg_inline(
        omitsize=True, border=3, dark="#000", light="#fff", svgclass="mh-qr", lineclass=None
    )
    return Markup(drawn)


def _token(site_id: int, step: str) -> str:
    return f"{site_id}.{step}.{_seal(site_id, step)}"


def _seal(site_id: int, step: str) -> str:
    return secrets.keyed_hash("site-code", f"{site_id}.{step}")[:24]
