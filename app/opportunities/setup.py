"""Hangs the feature on the app: pages, and the daily task that lets patterns go on."""

from __future__ import annotations

from flask import Flask, render_template
from markupsafe import Markup

from app.foundation import schedule
from app.groups import links
from app.groups.models import Group
from app.opportunities import (
    cards,
    duty_routes,
    manager_routes,
    new_shift_routes,
    routes,
    search,
    website_routes,
)
from app.opportunities.rules.crew import coming_and_needed

DAY_SECONDS = 86400
# Importing them hangs the views on the blueprint.
ROOMS = (routes, manager_routes, new_shift_routes, duty_routes, website_routes)


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    app.add_template_filter(coming_and_needed, "coming_and_needed")
    schedule.every(DAY_SECONDS, "app.opportunities.jobs.extend_patterns", app)
    links.register(
        "On your own website",
        "opportunities.website",
        "Show your open places there, always up to date.",
        under=links.Under.SETTINGS,
    )
    if _shifts_of not in links.on_public_page:
        links.on_public_page.append(_shifts_of)


def _shifts_of(group: Group) -> Markup:
    """The group's next shifts with a place free, and all its roles, for its public page."""
    return Markup(
        render_template(
            "opportunities/_of_group.html",
            group=group,
            listed=cards.upcoming_cards(group.id, limit=4),
            roles=[cards.found_card(found) for found in search.roles_of(group.id)],
        )
    )
