"""Hangs the feature on the app: pages, commands, periodic work."""

from __future__ import annotations

from flask import Flask

from app.accounts.service import on_dropped, on_verified
from app.foundation import schedule
from app.groups import links
from app.volunteers import cli, service
from app.volunteers.routes import bp
from app.web import navigation


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    app.cli.add_command(cli.volunteers)
    if service.adopt_contact_point not in on_verified:
        on_verified.append(service.adopt_contact_point)
    if service.release_contact_point not in on_dropped:
        on_dropped.append(service.release_contact_point)
    schedule.every(3600, "app.volunteers.jobs.forget_old_files", app)
    schedule.every(86400, "app.volunteers.jobs.forget_unfinished", app)
    navigation.register("Sign up", "volunteers.sign_up", "anonymous", at_end=True)
    links.register(
        "Volunteers",
        "volunteers.people",
        "The people on your list, and their checks.",
        under=links.Under.PEOPLE,
    )
    links.register(
        "Bring in a spreadsheet",
        "volunteers.import_for_group",
        "Add many people at once.",
        under=links.Under.PEOPLE,
    )
