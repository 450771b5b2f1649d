"""Who may enter a tablet's pages: the tablets themselves, by the secret in their cookie.

No user is signed in on a tablet. Whoever is signed in in the same browser is
not looked at: what a tablet may do, the tablet may do, and no more.
"""

from __future__ import annotations

from functools import wraps
from typing import Any, Final

from flask import Response, current_app, flash, g, redirect, request, url_for

from app.accounts.access import View, mark
from app.today import service
from app.today.models import Device
from app.web.language import english

COOKIE: Final = "tablet"
PATH: Final = "/tablet"
# As long as browsers keep a cookie; each visit begins it anew.
COOKIE_SECONDS: Final = 400 * 86400


def tablet(view: View) -> View:
    """A site's tablet may enter; any other browser is asked for a code."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        device = _device()
        if device is None:
            return redirect(url_for("tablet.start"))
        g.device = device
        return view(*args, **kwargs)

    return mark(guarded, "tablet")  # type: ignore[return-value] # same signature


def tablet_staff(view: View) -> View:
    """A site's tablet may enter while it is open to the people in charge, by the PIN."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        device = _device()
        if device is None:
            return redirect(url_for("tablet.start"))
        g.staff_until = service.stay_open(device.id, longer=wants_more_time())
        if g.staff_until is None:
            flash("Enter the PIN first.", "info")
            return redirect(url_for("tablet.pin"))
        g.device = _device()
        return view(*args, **kwargs)

    # What the person in charge notes is for the group's own, as its managers' pages are.
    return english(mark(guarded, "tablet"))  # type: ignore[return-value] # same signature


def wants_more_time() -> bool:
    """Whether somebody pressed "I need more time" on this page."""
    return request.args.get("time") == "more"


def _device() -> Device | None:
    token = request.cookies.get(COOKIE, "")
    return service.device_of(token) if token else None


def remember(response: Response, token: str) -> None:
    """Put the tablet's secret into its cookie, which no script can read."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_SECONDS,
        path=PATH,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Strict",
    )
