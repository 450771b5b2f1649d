"""Hangs the feature on the app: pages, sweeps, and the ear for places that are left."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.foundation.sentences import N_
from app.groups import links
from app.safeguarding import foresight, privacy, service
from app.safeguarding.queries import roles
from app.safeguarding.routes import alarms, bp, children, decisions, induction, overview, papers
from app.signups.models import Notice
from app.signups.signals import Word, place_left, places_changed
from app.volunteers import sight
from app.volunteers.service import erasers, exporters
from app.web import consequences, navigation

DAY = 86400

# Importing them hangs the views on the blueprint.
ROOMS = (alarms, children, decisions, induction, overview, papers)


def _on_places_changed(
    shift_id: int, *, has_room_still: bool | None = None, notice: Notice | None = None
) -> None:
    # A claim says whether room is left; it endangers nobody, and the sweep ends an alarm.
    # Who leaves late is looked at when `place_left` follows, for the one letter about it.
    if has_room_still is None and notice != Notice.LATE:
        service.look_at(shift_id)


def _on_place_left(
    _signup_id: int, *, shift_id: int, notice: Notice, **_more: object
) -> Word | None:
    return service.somebody_left_late(shift_id) if notice == Notice.LATE else None


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    places_changed.connect(_on_places_changed)
    place_left.connect(_on_place_left)
    schedule.every(120, "app.safeguarding.jobs.watch_shifts", app)
    schedule.every(DAY, "app.safeguarding.jobs.warn_of_dues", app)
    schedule.every(DAY, "app.safeguarding.jobs.warn_of_regulated", app)
    schedule.every(DAY, "app.safeguarding.jobs.send_digests", app)
    schedule.every(DAY / 4, "app.safeguarding.jobs.look_at_people", app)
    consequences.register(foresight.see, foresight.follow)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
    if roles.told not in sight.tellers:
        sight.tellers.append(roles.told)
        sight.askers.append(roles.asked_for)
    links.register(
        "Safety",
        "safeguarding.overview",
        "Alarms, checks and training, first steps, and who needs your decision.",
        under=links.Under.SAFETY,
    )
    navigation.register(N_("Getting started"), "safeguarding.own", "volunteer")
