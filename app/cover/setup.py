"""Hangs the feature on the app: pages, the ear for places that are left, the sweep."""

from __future__ import annotations

from flask import Flask, render_template
from markupsafe import Markup

from app.cover import routes, service
from app.foundation import schedule
from app.groups import links
from app.opportunities.models import Shift
from app.signups import screens
from app.signups.models import Notice
from app.signups.signals import Word, place_left

LOOK_SECONDS = 15


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    schedule.every(LOOK_SECONDS, "app.cover.jobs.look_at_all", app)
    place_left.connect(_on_place_left)
    links.register(
        "Cover",
        "cover.settings",
        "What happens when somebody drops out late.",
        under=links.Under.SETTINGS,
    )
    if _beside_roster not in screens.beside_roster:
        screens.beside_roster.append(_beside_roster)


def _on_place_left(
    _signup_id: int, *, shift_id: int, notice: Notice, **_more: object
) -> Word | None:
    return service.somebody_left_late(shift_id) if notice == Notice.LATE else None


def _beside_roster(shift: Shift) -> Markup:
    return Markup(render_template("cover/_beside_roster.html", shift=shift))
