"""Hangs the feature on the app: pages, commands, and who a session belongs to."""

from __future__ import annotations

from flask import Flask

from app.accounts.access import ask_to_sign_in
from app.accounts.models import User
from app.foundation.extensions import db, login_manager


@login_manager.user_loader  # type: ignore[untyped-decorator] # Flask-Login has no types
def load_user(session_id: str) -> User | None:
    """The user of a session, unless it was signed out everywhere since."""
    number, _, epoch = session_id.partition(".")
    if not (number.isdigit() and epoch.isdigit()):
        return None
    user = db.session.get(User, int(number))
    if user is None or not user.is_enabled or user.session_epoch != int(epoch):
        return None
    return user


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    login_manager.unauthorized_handler(ask_to_sign_in)
