"""Hangs the feature on the app: the first page, and what the menu says of a person."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.home.queries.who import who
from app.home.routes import bp
from app.web import navigation


def _is_volunteer(user: Any) -> set[navigation.Audience]:
    """A manager or coordinator who gives time as well finds the own shifts in the menu."""
    return {"volunteer"} if who(user.id).volunteer_id is not None else set()


def _managers_lines(user: Any) -> list[navigation.Link]:
    """The group's own pages; whoever has several groups chooses there."""
    groups = who(user.id).groups
    if not groups:
        return []
    if len(groups) > 1:
        return [
            navigation.Link("Roles", "opportunities.manage", {}),
            navigation.Link("Volunteers", "volunteers.index", {}),
        ]
    own = {"group_id": groups[0].id}
    return [
        navigation.Link("Rota", "rota.week", own),
        navigation.Link("New shift", "opportunities.new_shift", own),
        navigation.Link("Roles", "opportunities.index", own),
        navigation.Link("Volunteers", "volunteers.people", own),
    ]


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    navigation.recognise(_is_volunteer)
    navigation.contribute(_managers_lines)
