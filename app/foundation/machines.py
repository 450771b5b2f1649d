"""A short way in for machines: no session, no user, no limits by address, no browser's headers.

A carrier's call is signed, brings no cookie and shows nobody a page, but it
comes by the hundred a second, and what is looked at before and after each
page would take longer than keeping what it says. So a view that wears
`for_machines` is called past all of that; its calls are still logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from app.foundation import logs

View = TypeVar("View", bound=Callable[..., Any])


def for_machines(view: View) -> View:
    """Mark a view that only machines call, and that proves by itself who they are.

    Nothing that a session or a browser protects may be behind it.
    """
    view.is_for_machines = True  # type: ignore[attr-defined] # a function takes attributes
    return view


class Application(Flask):
    """Flask, with the short way in."""

    def preprocess_request(self) -> ResponseReturnValue | None:
        if self._is_for_machines():
            logs.note_start()
            return None
        return super().preprocess_request()

    def process_response(self, response: Response) -> Response:
        # A refusal is a page, in case that a person reads it after all.
        if response.status_code >= 400 or not self._is_for_machines():
            return super().process_response(response)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return logs.note_end(response)

    def _is_for_machines(self) -> bool:
        view = self.view_functions.get(request.endpoint or "")
        return getattr(view, "is_for_machines", False)
