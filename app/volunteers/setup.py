"""Hangs the feature on the app: pages, commands, periodic work."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from flask import Flask
from flask_login import user_logged_in
from sqlalchemy import select

from app.accounts import trail
from app.accounts.service import on_dropped, on_verified
from app.errands import kinds
from app.errands.kinds import Kind
from app.errands.models import Errand
from app.foundation import schedule
from app.foundation.extensions import db
from app.foundation.sentences import N_
from app.groups import links
from app.volunteers import cli, service
from app.volunteers.models import Volunteer
from app.volunteers.routes import bp, imports
from app.volunteers.service import imports as importing
from app.web import language, navigation


def _import_page(errand: Errand) -> str:
    return imports.address_of(errand.about_id, errand.group_id)


def _choose_page(errand: Errand) -> str:
    return imports.address_to_choose(errand.group_id)


ERRANDS: Final = (
    Kind(
        importing.LOOK,
        "import",
        importing.look,
        _import_page,
        "See what will happen",
        _choose_page,
    ),
    Kind(
        importing.APPLY,
        "import",
        importing.carry_out_errand,
        _import_page,
        "See what was done",
        _import_page,
    ),
)


def _called(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name).where(
            Volunteer.id.in_(ids), Volunteer.erased_at.is_(None)
        )
    )
    return {row.id: (row.name, "") for row in rows}


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    for kind in ERRANDS:
        kinds.register(kind)
    trail.explain("volunteer", _called)
    app.cli.add_command(cli.volunteers)
    if service.adopt_contact_point not in on_verified:
        on_verified.append(service.adopt_contact_point)
    if service.release_contact_point not in on_dropped:
        on_dropped.append(service.release_contact_point)
    if service.speak not in language.on_chosen:
        language.on_chosen.append(service.speak)
    user_logged_in.connect(service.speak_their_language, app)
    schedule.every(3600, "app.volunteers.jobs.forget_old_files", app)
    schedule.every(86400, "app.volunteers.jobs.forget_unfinished", app)
    navigation.register(N_("Sign up"), "volunteers.sign_up", "anonymous", at_end=True)
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
