"""Hangs the feature on the app: pages, the menu's entry, and `flask users create`."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.accounts import trail
from app.groups import (
    cli,  # noqa: F401 - hangs `users create` on the accounts' commands
    queries,
)
from app.groups.routes import bp
from app.web import navigation


def _is_manager(user: Any) -> set[navigation.Audience]:
    return {"manager"} if queries.manages_any(user) else set()


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    navigation.recognise(_is_manager)
    navigation.register("My group", "groups.mine", "manager")
    trail.explain("group", queries.called)
