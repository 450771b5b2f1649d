"""The languages that people can choose, and which of them this page or text speaks.

English is what the sentences in the code say; the other languages stand in
app/translations as gettext catalogues, which Flask-Babel reads. A sentence
that has no translation yet is shown in English.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import Flask, g, has_request_context
from flask_babel import Babel

ENGLISH: Final = "en"
# By its code (ISO 639-1): what its readers call it.
LANGUAGES: Final = {
    ENGLISH: "English",
    "pl": "Polski",
    "gu": "ગુજરાતી",
    "pa": "ਪੰਜਾਬੀ",
    "ur": "اردو",
}
RIGHT_TO_LEFT: Final = frozenset({"ur"})

babel = Babel()
_choosers: list[Callable[[], str | None]] = []


def choose_by(chooser: Callable[[], str | None]) -> None:
    """Let a feature say which language this visitor wants; the first that knows one is heard."""
    if chooser not in _choosers:
        _choosers.append(chooser)


def present() -> str:
    """The code of the language in which this page is written; English outside of a request."""
    if not has_request_context():
        return ENGLISH
    if "language" not in g:
        wanted = (chooser() for chooser in _choosers)
        g.language = next((code for code in wanted if code in LANGUAGES), ENGLISH)
    return str(g.language)


def direction(code: str) -> str:
    """ "rtl" for a language that is read from right to left, else "ltr"."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def init_app(app: Flask) -> None:
    """Make `_`, `gettext` and `ngettext` speak the visitor's language."""
    babel.init_app(app, default_locale=ENGLISH, locale_selector=present)
    app.add_template_global(present, "language")
    app.add_template_global(direction, "language_direction")
