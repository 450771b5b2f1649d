"""In which language a page is shown: what the visitor chose, else what their browser prefers.

Pages of managers, coordinators and administrators are English for everybody: nobody
has asked for them in more languages, and half a page in one is of no use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup, escape

from app.foundation import languages

View = TypeVar("View", bound=Callable[..., Any])
COOKIE: Final = "language"
YEAR: Final = 365 * 24 * 60 * 60
# Who may enter a page that is English alone (accounts.access, groups.access).
ENGLISH_ONLY: Final = frozenset({"group manager", "coordinator", "administrator"})


def english(view: View) -> View:
    """Mark a page that is there in English alone, though anybody may enter: it is for those
    who run a group, or who write programs."""
    view.is_english = True  # type: ignore[attr-defined] # a function takes attributes
    return view


# Told when somebody who is signed in has chosen: features above note it on the person.
on_chosen: list[Callable[[int, str], None]] = []


def is_english_only() -> bool:
    """Whether the page that was asked for is there in English alone."""
    if g.get("speaks") == languages.ENGLISH:
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "is_english", False) or getattr(view, "access", None) in ENGLISH_ONLY


def wanted() -> str | None:
    """The language that this visitor wants; None where they have not said."""
    if is_english_only():
        return languages.ENGLISH
    chosen = request.cookies.get(COOKIE)
    if chosen in languages.LANGUAGES:
        return chosen
    return request.accept_languages.best_match(languages.LANGUAGES)


def remember(code: str) -> None:
    """Show the next pages in this language on this device, for a year."""
    g.language_to_remember = languages.known(code)


def forget() -> None:
    """Leave the next pages to what the browser prefers."""
    g.language_to_remember = ""


def choose(code: str) -> ResponseReturnValue:
    """Remember a visitor's choice and go back to the page that it was made on."""
    remember(code)
    if request.method == "POST" and current_user.is_authenticated:
        for hear in on_chosen:
            hear(int(current_user.id), languages.known(code))
    return redirect(_page_before())


def _page_before() -> str:
    """The page of ours that led here, as a path; the first page where none did, or where
    only a button makes it."""
    before = urlsplit(request.referrer or "")
    if before.netloc != request.host or not before.path or before.path.startswith(("//", "/\\")):
        return "/"
    if not current_app.url_map.bind(request.host).test(before.path, "GET"):
        return "/"
    return f"{before.path}?{before.query}" if before.query else before.path


def _say(response: Response) -> Response:
    """Name the page's language to whoever keeps it, and keep the visitor's choice."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", languages.present())
        response.vary.add("Accept-Language")
    code = g.get("language_to_remember")
    if code is not None:
        secure = current_app.config["PUBLIC_URL"].startswith("https://")
        if code:
            response.set_cookie(
                COOKIE, code, max_age=YEAR, secure=secure, httponly=True, samesite="Lax"
            )
        else:
            response.delete_cookie(COOKIE, secure=secure, httponly=True, samesite="Lax")
    return response


def in_english() -> Markup:
    """The attribute of an element whose words stay English on a page in another language.

    Groups write in English; a screen reader then says it with the right voice (WCAG 3.1.2).
    Nothing on an English page.
    """
    if languages.present() == languages.ENGLISH:
        return Markup("")
    if languages.direction(languages.present()) == "rtl":
        return Markup(' lang="en" dir="ltr"')
    return Markup(' lang="en"')


def english_words(words: object) -> Markup:
    """A group's own words inside something else, marked as English on other pages."""
    attribute = in_english()
    if not attribute or not words:
        return escape(words or "")
    return Markup("<span{}>{}</span>").format(attribute, words)


def init_app(app: Flask) -> None:
    """Let every page know its language."""
    languages.choose_by(wanted)
    app.after_request(_say)
    app.add_template_global(is_english_only)
    app.add_template_global(in_english)
    app.add_template_filter(english_words, "in_english")
