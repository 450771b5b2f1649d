"""Hangs the feature on the app: pages, commands, periodic work."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
