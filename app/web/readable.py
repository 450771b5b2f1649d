"""What cannot be kept is refused at the door, before a page or a database trips over it."""

from __future__ import annotations

from typing import Final

from flask import Flask, abort, request
from werkzeug.datastructures import ImmutableMultiDict

# Rows are numbered in 64 bits on both databases; a larger number is nobody's.
LARGEST: Final = 2**63 - 1
_NUL: Final = "\0"
# What is asked for by number: a page of a list, and whom or what a page is about.
_NUMBERED: Final = ("page", "about", "actor", "shift", "shifts", "site", "slot", "instead")
_MOST_DIGITS: Final = 15


def refuse_unreadable() -> None:
    """404 for a row number that no row can have; 400 for the one character that SQL cannot keep.

    Nobody types a NUL. A search bears any address: there it is left out, and
    a page number without end is cut. The carrier's calls are let through as
    they are: they are signed, and whoever reads them leaves the character out.
    """
    said = request.view_args or {}
    if any(isinstance(value, int) and value > LARGEST for value in said.values()):
        abort(404)
    if any(isinstance(value, str) and _NUL in value for value in said.values()):
        abort(404)
    if request.path.startswith("/webhooks/"):
        return
    request.args = ImmutableMultiDict(
        (name.replace(_NUL, ""), _bearable(name, value))
        for name, value in request.args.items(multi=True)
    )
    for name, values in request.form.lists():
        if _NUL in name or any(_NUL in value for value in values):
            abort(400)
    if any(_NUL in (upload.filename or "") for upload in request.files.values()):
        abort(400)


def _bearable(name: str, value: str) -> str:
    value = value.replace(_NUL, "")
    return value[:_MOST_DIGITS] if name in _NUMBERED else value


def init_app(app: Flask) -> None:
    """Look at each request before any view does."""
    app.before_request(refuse_unreadable)
