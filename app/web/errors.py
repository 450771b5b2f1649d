"""What a person reads when something cannot be done: what happened, what is kept, what next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import limiter
from app.web.filters import spoken_time


@dataclass(frozen=True)
class Words:
    """A failure in a person's words. Never anything that they sent."""

    title: str
    happened: str
    kept: str
    next: str


_ = lazy_gettext
_WORDS: dict[int, Words] = {
    400: Words(
        _("We could not read that"),
        _("Something in the address or the form was not as we expected."),
        _("Nothing was changed."),
        _("Go back and try again."),
    ),
    403: Words(
        _("This page is not open to you"),
        _("It is for other people than the account that you are signed in with."),
        _("Nothing was changed, and you are still signed in."),
        _("If you need it, ask the manager of your group or the county team."),
    ),
    404: Words(
        _("We cannot find that page"),
        _("There is nothing at this address. It may have been typed wrongly, or have ended."),
        _("Everything that you have signed up for is still there."),
        _("Start again from the home page, or find a role."),
    ),
    405: Words(
        _("That cannot be done this way"),
        _("This address only works from a button or a form."),
        _("Nothing was changed."),
        _("Go back to the page before and use the button there."),
    ),
    413: Words(
        _("That file is too big"),
        _("We take files of up to 8 MB."),
        _("Nothing was saved from it, and nothing else was changed."),
        _(
            "A photograph: choose a smaller one. "
            "A list: split it in two, or leave out columns you do not need."
        ),
    ),
    429: Words(
        _("Too many tries"),
        _("To keep people's accounts safe we only allow so many tries in a while."),
        _("Nothing was changed."),
        _("Wait a few minutes, then try again."),
    ),
    500: Words(
        _("Sorry, something went wrong"),
        _("This is our fault, not yours. It has been noted, and we look into it."),
        _("What you had already saved is safe. The last step may not have been done."),
        _("Wait a minute, look whether the last step was done, and try again if it was not."),
    ),
}
_CSRF = Words(
    _("This form has been open too long"),
    _("To keep you safe, a form only works in the visit that it was opened in."),
    _("Nothing was saved from it."),
    _("Go back, reload the page, and send the form again. You may need to sign in first."),
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


def answer(words: Words, status: int) -> tuple[str, int]:
    """A page with these words; only the words where a live part of a page had asked."""
    live = "HX-Request" in request.headers
    template = "errors/fragment.html" if live else "errors/page.html"
    return render_template(template, words=words, status=status), status


def on_http(error: HTTPException) -> ResponseReturnValue:
    """The page for a status."""
    if (told := _elsewhere(error)) is not None:
        return told
    status = error.code or 500
    if isinstance(error, CSRFError):
        return answer(_CSRF, 400)
    if status >= 500:
        _need_no_database()
    words = _WORDS.get(status) or _WORDS[400 if status < 500 else 500]
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if status == 429 and (seconds := _seconds_to_wait(kept.get("Retry-After", ""))):
        kept["Retry-After"] = str(seconds)
        words = Words(words.title, words.happened, words.kept, _try_again_in(seconds))
    return *answer(words, status), kept


def on_refusal(refusal: Refusal) -> ResponseReturnValue:
    """A refusal that no form caught."""
    if (told := _elsewhere(refusal)) is not None:
        return told
    return answer(
        Words(
            gettext("That could not be done"),
            refusal.sentence,
            gettext("Nothing was changed."),
            gettext("Go back to the page before, or start again from the home page."),
        ),
        400,
    )


def _need_no_database() -> None:
    """The database may be what failed, so the menu must not ask it who this is."""
    g.bare_page = True
    # Where Flask-Login keeps the user; each template that is rendered would load them anew.
    g._login_user = AnonymousUserMixin()


def _seconds_to_wait(said: str) -> int:
    """Until another try is let in; 0 where nobody knows."""
    if said.isdigit():
        return int(said)
    waits = [
        min(max(1, round(limit.reset_at - time.time())), limit.limit.get_expiry())
        for limit in limiter.current_limits
        if limit.breached
    ]
    return max(waits, default=0)


def _try_again_in(seconds: int) -> str:
    minutes = -(-seconds // 60)
    at = spoken_time(clock.now() + timedelta(minutes=minutes), current_app.config["TIMEZONE"])
    return str(
        ngettext(
            "Try again in %(num)s minute, at %(at)s.",
            "Try again in %(num)s minutes, at %(at)s.",
            minutes,
            at=at,
        )
    )


def init_app(app: Flask) -> None:
    """Answer every failure with a page of our own."""
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(InternalServerError, on_http)
    app.register_error_handler(Refusal, on_refusal)
