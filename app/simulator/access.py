"""Who may hold the handsets: anybody where people are invented, else coordinators."""

from __future__ import annotations

from functools import wraps
from typing import Any

from flask import current_app

from app.accounts.access import View, coordinator, mark


def rehearsal(view: View) -> View:
    """In development anybody may enter: whoever tries it out needs the codes to sign in.

    Elsewhere coordinators and administrators only, because the texts and
    emails there open accounts. In production the route does not exist.
    """
    guarded = coordinator(view)

    @wraps(view)
    def opened(*args: Any, **kwargs: Any) -> Any:
        if current_app.config["APP_ENV"] == "development":
            return view(*args, **kwargs)
        return guarded(*args, **kwargs)

    return mark(opened, "simulator")  # type: ignore[return-value] # same signature as the view
