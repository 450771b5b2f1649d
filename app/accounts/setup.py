"""Hangs the feature on the app: pages, commands, and who a session belongs to."""

from __future__ import annotations

from flask import Flask

from app.accounts import cli, session
from app.accounts.access import ask_to_sign_in
from app.accounts.routes import bp
from app.foundation import schedule
from app.foundation.extensions import login_manager

# "2.7": the user and the epoch in which the session was made.
login_manager.user_loader(session.user_of)


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    login_manager.unauthorized_handler(ask_to_sign_in)
    app.before_request(session.keep_watch)
    app.register_blueprint(bp)
    app.cli.add_command(cli.users)
    schedule.every(15, "app.accounts.jobs.send_waiting", app)
    schedule.every(3600, "app.accounts.jobs.forget_old_proofs", app)
