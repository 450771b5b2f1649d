"""What a person reads when something cannot be done: what happened, what is kept, what next."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.foundation.errors import Refusal

# Status: title, then paragraphs. Never anything that the person sent.
_WORDS: dict[int, tuple[str, ...]] = {
    400: (
        "We could not read that",
        "Something in the address or the form was not as we expected. Nothing was changed.",
        "Go back and try again.",
    ),
    403: (
        "This page is not open to you",
        "Your account does not have access to this. Nothing was changed.",
        "If you think that it should, ask the manager of your group or the county team.",
    ),
    404: (
        "Page not found",
        "There is nothing at this address. It may have been typed wrongly, or have ended.",
        "Start again from the home page, or find a role.",
    ),
    405: (
        "That cannot be done this way",
        "This address only works from a button or a form. Nothing was changed.",
        "Go back to the page before and use the button there.",
    ),
    413: (
        "That file is too big",
        "We take files of up to 8 MB. Nothing was saved from it.",
        "Split the file in two, or leave out columns you do not need, and try again.",
    ),
    429: (
        "Too many tries",
        "To keep people's accounts safe we only allow so many tries in a while. "
        "Nothing was changed.",
        "Wait a few minutes, then try again.",
    ),
    500: (
        "Sorry, something went wrong",
        "This is our fault. What you had already saved is safe; the last step may not have been.",
        "Wait a minute, check whether the last step was done, and try again if it was not.",
    ),
}
_CSRF = (
    "This form has been open too long",
    "To keep you safe, a form only works in the visit it was opened in. Nothing was saved from it.",
    "Go back, reload the page, and send the form again. You may need to sign in first.",
)

# Parts of the site that programs read: where their addresses begin, and who answers there.
OnFailure = Callable[[HTTPException | Refusal], ResponseReturnValue]
_spoken_for: dict[str, OnFailure] = {}


def speak_for(
    start: str, on_failure: Callable[[HTTPException | Refusal], ResponseReturnValue]
) -> None:
    """Let a feature answer each failure below an address in a form of its own."""
    _spoken_for[start] = on_failure


def _elsewhere(error: HTTPException | Refusal) -> ResponseReturnValue | None:
    for start, on_failure in _spoken_for.items():
        if request.path.startswith(start):
            return on_failure(error)
    return None


def answer(title: str, paragraphs: tuple[str, ...], status: int) -> tuple[str, int]:
    """A page with these words; only the words where a live part of a page had asked."""
    live = "HX-Request" in request.headers
    template = "errors/fragment.html" if live else "errors/page.html"
    return render_template(template, title=title, paragraphs=paragraphs), status


def on_http(error: HTTPException) -> ResponseReturnValue:
    """The page for a status."""
    if (told := _elsewhere(error)) is not None:
        return told
    status = error.code or 500
    if isinstance(error, CSRFError):
        return answer(_CSRF[0], _CSRF[1:], 400)
    if status >= 500:
        # The database may be what failed, so the menu must not ask it who this is.
        g.bare_page = True
    words = _WORDS.get(status) or _WORDS[400 if status < 500 else 500]
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return *answer(words[0], words[1:], status), kept


def on_refusal(refusal: Refusal) -> ResponseReturnValue:
    """A refusal that no form caught."""
    if (told := _elsewhere(refusal)) is not None:
        return told
    return answer("That could not be done", (refusal.sentence, "Nothing was changed."), 400)


def init_app(app: Flask) -> None:
    """Answer every failure with a page of our own."""
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(InternalServerError, on_http)
    app.register_error_handler(Refusal, on_refusal)
