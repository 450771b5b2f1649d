"""Hangs the feature on the app: the API, its page, and the pages of its tokens."""

from __future__ import annotations

from flask import Flask

from app.api import cli, pages, problems, rates, resources, token_pages
from app.api.resources import people, public, roles, shifts
from app.foundation import schedule
from app.foundation.extensions import csrf
from app.groups import links
from app.web import errors

ROOMS = (roles, shifts, people, public)  # importing them hangs the views on the blueprint
HOUR_SECONDS = 3600
_is_limited = False


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    global _is_limited  # a blueprint is one for all apps, and so are its limits
    if not _is_limited:
        rates.init_app()
        _is_limited = True
    # No session opens anything here, only a token that no browser sends by itself.
    csrf.exempt(resources.bp)
    app.register_blueprint(resources.bp)
    app.register_blueprint(pages.bp)
    app.register_blueprint(token_pages.bp)
    app.cli.add_command(cli.api)
    errors.speak_for("/api/v1/", problems.of)
    schedule.every(HOUR_SECONDS, "app.api.jobs.forget_old_calls", app)
    links.register(
        "Connect another program",
        "api_tokens.index",
        "Let your website or your own software read the rota, or write to it.",
        under=links.Under.SETTINGS,
    )
