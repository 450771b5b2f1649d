"""Hangs the feature on the app: pages, commands, the stand-in carrier's API."""

from __future__ import annotations

from flask import Flask

from app.simulator import api, routes
from app.simulator.cli import cli
from app.web.navigation import register

EVERYBODY = "anonymous volunteer manager coordinator administrator"


def init_app(app: Flask) -> None:
    """Register what this feature offers: nothing, unless the simulator is the carrier.

    `config` refuses the simulator in production; so does this, whoever made
    the configuration.
    """
    if app.config["SMS_PROVIDER"] != "simulator" or app.config["APP_ENV"] == "production":
        return
    app.register_blueprint(api.bp)
    app.register_blueprint(routes.bp)
    app.cli.add_command(cli)
    open_to_all = app.config["APP_ENV"] == "development"
    register(
        "Handsets", "simulator.index", EVERYBODY if open_to_all else "coordinator administrator"
    )
