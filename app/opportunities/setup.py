"""Hangs the feature on the app: pages, and the daily task that lets patterns go on."""

from __future__ import annotations

from flask import Flask, render_template
from markupsafe import Markup

from app.foundation import schedule
from app.groups import links
from app.groups.models import Group
from app.opportunities import cards, duty_routes, manager_routes, new_shift_routes, routes

DAY_SECONDS = 86400
# Importing them hangs the views on the blueprint.
ROOMS = (routes, manager_routes, new_shift_routes, duty_routes)


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    schedule.every(DAY_SECONDS, "app.opportunities.jobs.extend_patterns", app)
    if _shifts_of not in links.on_public_page:
        links.on_public_page.append(_shifts_of)


def _shifts_of(group: Group) -> Markup:
    """The group's next shifts with a place free, for its public page."""
    listed = cards.upcoming_cards(group.id)
    return Markup(render_template("opportunities/_of_group.html", listed=listed))
