"""Hangs standing places on what they follow: shifts made, patterns changed, people away."""

from __future__ import annotations

from flask import Flask

from app.foundation import schedule
from app.groups import links
from app.opportunities.signals import pattern_passed_on, shifts_made
from app.signups.standing import making, manager_routes, privacy, routes, service
from app.volunteers import away
from app.volunteers.service import erasers, exporters

SWEEP_SECONDS = 900
ROOMS = (routes, manager_routes)  # importing them hangs the views on the blueprint


def init_app(app: Flask) -> None:
    """Register what this part offers."""
    schedule.every(SWEEP_SECONDS, "app.signups.standing.jobs.sweep", app)
    shifts_made.connect(_on_shifts_made)
    pattern_passed_on.connect(_on_passed_on)
    links.register(
        "Standing volunteers",
        "signups.standing_volunteers",
        "Who comes every week, until they say.",
        under=links.Under.PEOPLE,
    )
    if routes.page_for_away not in away.asked_first:
        away.asked_first.append(routes.page_for_away)
        away.taken_back.append(_on_back_again)
        erasers.append(privacy.forget)
        exporters.append(privacy.held)


def _on_shifts_made(shift_ids: list[int]) -> None:
    making.fill(shift_ids=shift_ids)


def _on_passed_on(pattern_id: int, *, to: int) -> None:
    making.follow(pattern_id, to)


def _on_back_again(volunteer_id: int) -> None:
    service.back_again(volunteer_id)
