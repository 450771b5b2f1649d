"""Hangs the feature on the app: pages, the waves' clock, the ear for places."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, url_for

from app.accounts import trail
from app.broadcasts import routes, service
from app.broadcasts.queries.drafts import titles
from app.foundation import schedule
from app.signups.signals import places_changed


def _on_places_changed(shift_id: int, *, has_room_still: bool = False, **_more: object) -> None:
    # As long as a shift that was open has room, no request about it is filled by this.
    if not has_room_still:
        service.places_changed(shift_id)


def _called(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    return {
        one: (words, url_for("broadcasts.show", broadcast_id=one))
        for one, words in titles(ids).items()
    }


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(routes.bp)
    schedule.every(5, "app.broadcasts.jobs.advance_all", app)
    places_changed.connect(_on_places_changed)
    trail.explain("broadcast", _called)
