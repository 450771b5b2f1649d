"""Hangs the `places` commands on the app."""

from __future__ import annotations

from flask import Flask

from app.foundation.places.cli import cli


def init_app(app: Flask) -> None:
    app.cli.add_command(cli)
