"""The languages that people can choose, and which of them this page or letter speaks.

English is what the sentences in the code say; the other languages stand in
app/translations as gettext catalogues, which Flask-Babel reads. A sentence
that has no translation yet is shown in English.

A page speaks the language of whoever looks at it (`choose_by`), a letter that
of whoever it is for, whoever caused it: it is written inside `speaking`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Final, ParamSpec, TypeVar

import flask_babel
from flask import Flask, g, has_app_context, has_request_context
from flask_babel import Babel

from app.foundation import sentences

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

Args = ParamSpec("Args")
Result = TypeVar("Result")

babel = Babel()
_choosers: list[Callable[[], str | None]] = []


def choose_by(chooser: Callable[[], str | None]) -> None:
    """Let a feature say which language this visitor wants; the first that knows one is heard."""
    if chooser not in _choosers:
        _choosers.append(chooser)


def known(code: str | None) -> str:
    """The code itself where it is one of ours, else English's."""
    return code if code in LANGUAGES else ENGLISH


def present() -> str:
    """The code of the language in which this page or letter is written."""
    if not has_app_context():
        return ENGLISH
    locale = flask_babel.get_locale()
    return ENGLISH if locale is None else str(locale.language)


def _of_the_visitor() -> str:
    if not has_request_context():
        return ENGLISH
    if "speaks" in g:
        return str(g.speaks)
    wanted = (chooser() for chooser in _choosers)
    return next((code for code in wanted if code in LANGUAGES), ENGLISH)


@contextmanager
def speaking(code: str | None) -> Iterator[None]:
    """Write what is written inside in this language; outside of an app it stays English.

    What is no language of ours counts as English.
    """
    if not has_app_context():
        yield
        return
    with flask_babel.force_locale(known(code)):
        yield


def in_english(function: Callable[Args, Result]) -> Callable[Args, Result]:
    """Have a function write in English, whoever looks: managers' letters and pages are."""

    @wraps(function)
    def spoken(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        with speaking(ENGLISH):
            return function(*args, **kwargs)

    return spoken


def in_language_of(
    whose: Callable[..., str | None],
) -> Callable[[Callable[Args, Result]], Callable[Args, Result]]:
    """Have a function write in the language of its reader, which `whose` finds in what it gets."""

    def decorate(function: Callable[Args, Result]) -> Callable[Args, Result]:
        @wraps(function)
        def spoken(*args: Args.args, **kwargs: Args.kwargs) -> Result:
            with speaking(whose(*args, **kwargs)):
                return function(*args, **kwargs)

        return spoken

    return decorate


def speak_on(code: str) -> None:
    """Go on in this language for the rest of this request."""
    g.speaks = known(code)
    flask_babel.refresh()


def direction(code: str) -> str:
    """ "rtl" for a language that is read from right to left, else "ltr"."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def init_app(app: Flask) -> None:
    """Make `_`, `gettext` and `ngettext` speak the language of the page or letter."""
    babel.init_app(app, default_locale=ENGLISH, locale_selector=_of_the_visitor)
    sentences.speak_through(
        lambda sentence: flask_babel.get_translations().ugettext(sentence),
        lambda one, many, count: flask_babel.get_translations().ungettext(one, many, count),
    )
    app.add_template_global(present, "language")
    app.add_template_global(direction, "language_direction")
    app.add_template_global(lambda: LANGUAGES, "languages")
