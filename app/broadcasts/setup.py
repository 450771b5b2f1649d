"""Hangs the feature on the app: pages, the waves' clock, the ear for places."""

from __future__ import annotations

from flask import Flask

from app.broadcasts import routes, service
from app.foundation import schedule
from app.signups.signals import places_changed


def _on_places_changed(shift_id: int, *, has_room_still: bool = False, **_more: object) -> None:
    # As long as a shift that was open has room, no request about it is filled by this.
    if not has_room_still:
        service.places_changed(shift_id)


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    schedule.every(5, "app.broadcasts.jobs.advance_all", app)
    places_changed.connect(_on_places_changed)
