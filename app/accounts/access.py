"""Who may enter a route. Every route wears exactly one of these, or groups' `group_manager`.

Each decorator leaves a mark on the view, which a guard test looks for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, redirect, request, url_for
from flask_login import current_user

View = TypeVar("View", bound=Callable[..., Any])


def mark(view: View, audience: str) -> View:
    """Note on the view who may enter, for the guard test and the navigation."""
    view.access = audience  # type: ignore[attr-defined] # a function takes attributes
    return view


def public(view: View) -> View:
    """Anybody may enter, signed in or not."""
    return mark(view, "public")


def ask_to_sign_in() -> Any:
    """Send the visitor to sign in and then back here, where a GET shows a page and does nothing.

    A press that came too late is thus not done unseen: its form is there again.
    """
    if "HX-Request" in request.headers:
        # A live part of a page: the page itself is loaded anew, and leads to the door and back.
        return "", 401, {"HX-Refresh": "true"}
    methods = (request.url_rule and request.url_rule.methods) or ()
    back = request.full_path.rstrip("?") if "GET" in methods else None
    return redirect(url_for("accounts.sign_in", next=back))


def _guarded(view: View, audience: str, may_enter: Callable[[], bool]) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if not may_enter():
            abort(403)
        return view(*args, **kwargs)

    return mark(guarded, audience)  # type: ignore[return-value] # same signature as the view


def signed_in(view: View) -> View:
    """Any signed-in user may enter."""
    return _guarded(view, "signed in", lambda: True)


def coordinator(view: View) -> View:
    """Coordinators and administrators may enter."""
    return _guarded(view, "coordinator", lambda: bool(current_user.is_coordinator))


def administrator(view: View) -> View:
    """Only administrators may enter."""
    return _guarded(view, "administrator", lambda: bool(current_user.is_administrator))
