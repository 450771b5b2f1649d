"""What the features above show on a group's pages; groups stand below and do not know them."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import current_app, url_for
from markupsafe import Markup

from app.groups.models import Group


class Under(enum.StrEnum):
    """The headings of the manager's page, in its order."""

    ROTA = "Rota"
    PEOPLE = "People"
    MESSAGES = "Messages"
    SAFETY = "Safety"
    SETTINGS = "Settings"


@dataclass(frozen=True)
class Link:
    """One entry on the manager's page; its endpoint takes `group_id`."""

    label: str
    endpoint: str
    line: str
    under: Under = Under.ROTA


# Known by name only; one that this app does not have is left out.
_links: list[Link] = [
    Link("Roles and shifts", "opportunities.index", "Post a role, and see who is coming."),
]
# What a manager does most days stands above all headings, as buttons; known by name only.
_DOORS: Final = (
    ("New shift", "opportunities.new_shift"),
    ("Today’s board", "today.index"),
    ("Rota", "rota.week"),
    ("Message people", "rosters.new"),
)
# What managers open most, known by name only as well, leads its heading.
_FIRST: Final = ("rota.week", "today.index", "opportunities.index", "volunteers.people")
# Each returns HTML for the group's public page, or nothing, such as its open roles.
on_public_page: list[Callable[[Group], Markup]] = []


def register(label: str, endpoint: str, line: str, under: Under = Under.ROTA) -> None:
    """Offer a page to a group's managers; one with a known endpoint takes that one's place."""
    _links[:] = [link for link in _links if link.endpoint != endpoint]
    _links.append(Link(label, endpoint, line, under))


@dataclass(frozen=True)
class Shown:
    """A page that a manager can open, and what it is for."""

    label: str
    href: str
    line: str


def doors(group_id: int) -> list[tuple[str, str]]:
    """The buttons of the manager's page: (label, address), of what this app has."""
    return [
        (label, url_for(endpoint, group_id=group_id))
        for label, endpoint in _DOORS
        if endpoint in current_app.view_functions
    ]


def for_managers(group_id: int) -> list[tuple[str, list[Shown]]]:
    """The pages that this app has, heading by heading; a heading without any is left out."""
    there = [link for link in _links if link.endpoint in current_app.view_functions]
    there.sort(
        key=lambda link: _FIRST.index(link.endpoint) if link.endpoint in _FIRST else len(_FIRST)
    )
    parts = [
        (
            under.value,
            [
                Shown(link.label, url_for(link.endpoint, group_id=group_id), link.line)
                for link in there
                if link.under == under
            ],
        )
        for under in Under
    ]
    return [(heading, shown) for heading, shown in parts if shown]
