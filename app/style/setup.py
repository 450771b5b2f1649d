"""Hangs the feature on the app: one page."""

from __future__ import annotations

from flask import Flask

from app.style.routes import bp


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
