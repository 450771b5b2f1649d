"""Many Hands: volunteers, the groups that need them, and urgent requests by text."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from app.foundation import clock, health, logs, transaction
from app.foundation.extensions import csrf, db, limiter, login_manager, migrate
from app.foundation.machines import Application


def create_app(settings: Mapping[str, object] | None = None) -> Flask:
    """Build the application; `settings` override what the environment says.

    Raises `config.ConfigurationError` when the environment is not safe to run.
    """
    app = Application(__name__)
    app.config.from_mapping(config.from_environment())
    app.config.from_mapping(settings)
    logs.init_app(app)
    clock.set_ahead(app.config["CLOCK_AHEAD"])
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign] # Flask documents this

    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["REDIS_URL"])
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", _engine_options(app))
    db.init_app(app)
    with app.app_context():
        transaction.prepare_engine(db.engine)
    migrate.init_app(app, db)
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    health.init_app(app)

    from app.features import FEATURES

    for feature in FEATURES:
        feature.init_app(app)
    return app


def _engine_options(app: Flask) -> dict[str, object]:
    # A failed statement must not carry people's names and numbers into the logs.
    quiet: dict[str, object] = {"hide_parameters": True}
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        return quiet | {"connect_args": {"check_same_thread": False}}
    # Whether a connection still lives is asked by `foundation.transaction`.
    return quiet | {"pool_size": 10, "max_overflow": 20}
