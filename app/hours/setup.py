"""Hangs the feature on the app: pages, what is forgotten and told of a person, the sweep."""

from __future__ import annotations

from typing import Final

from flask import Flask

from app.foundation import schedule
from app.foundation.sentences import N_
from app.groups import links
from app.hours import privacy, rules
from app.hours.routes import bp
from app.signups import links as of_roster
from app.volunteers.service import erasers, exporters
from app.web import navigation

# Often enough that the morning's question comes in the morning.
SWEEP_SECONDS: Final = 600


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    app.add_template_filter(rules.spoken_minutes, "spoken_minutes")
    navigation.register(N_("My hours"), "hours.mine", "volunteer")
    links.register(
        "Hours",
        "hours.waiting",
        "Hours that volunteers ask you to count.",
        under=links.Under.PEOPLE,
    )
    of_roster.register("When people came and left", "hours.of_shift")
    schedule.every(SWEEP_SECONDS, "app.hours.jobs.sweep", app)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
