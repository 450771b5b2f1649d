"""Hangs the feature on the app: `flask demo …`."""

from __future__ import annotations

from flask import Flask

from app.demo.cli import cli


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.cli.add_command(cli)
