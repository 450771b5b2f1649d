"""What every answer tells the browser to refuse."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, make_response, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin


def csp_nonce() -> str:
    """This request's password for the scripts that we put into the page ourselves."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _policy() -> str:
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{csp_nonce()}'",
            "style-src 'self'",
            "img-src 'self' data: https://tile.openstreetmap.org",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def may_be_framed(response: Response) -> Response:
    """Let the site of anybody show this answer in a frame.

    Only for what is the same for every visitor and where nothing can be pressed
    that changes something: no script runs there, no form is sent from there.
    """
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors *",
        )
    )
    g.may_be_framed = True
    return response


def secret(page: str) -> Response:
    """A page whose address is the key to acting in somebody's name.

    No search engine lists it and no cache keeps it. Nobody but us hears the address from
    the browser (`protect`); we must, for over TLS the guard of the forms asks which page a
    press came from.
    """
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def protect(response: Response) -> Response:
    """Add the headers; a view that set one of them itself keeps its own."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if not g.pop("may_be_framed", False):
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault(
        "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    )
    if current_app.config["PUBLIC_URL"].startswith("https://"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in headers:
        # A signed-in page must not stay behind on a shared computer.
        signed_in = "_user_id" in session
        headers["Cache-Control"] = "no-store" if signed_in else "no-cache"
    return response


class _Sessions(SecureCookieSessionInterface):
    """Flask's own, but for answers that leave the cookie as it is."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return not g.get("leaves_session_alone") and super().should_set_cookie(app, session)


def leave_session_alone() -> None:
    """Send no session cookie with this answer.

    For what a browser fetches by itself: an answer that comes late would else bring back
    the session of somebody who has signed out meanwhile.
    """
    g.leaves_session_alone = True


def init_app(app: Flask) -> None:
    """Protect every answer of the app."""
    app.session_interface = _Sessions()
    app.add_template_global(csp_nonce)
    app.after_request(protect)
