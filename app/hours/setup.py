"""Hangs the feature on the app: pages, what is forgotten and told of a person, the sweep."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
