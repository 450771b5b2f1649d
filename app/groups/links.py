"""What the features above show on a group's pages; groups stand below and do not know them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, url_for
from markupsafe import Markup

from app.groups.models import Group


@dataclass(frozen=True)
class Link:
    """One entry on the manager's page; its endpoint takes `group_id`."""

    label: str
    endpoint: str
    line: str


# Known by name only; one that this app does not have is left out.
_links: list[Link] = [
    Link("Roles and shifts", "opportunities.index", "Post a role, and see who is coming."),
]
# Each returns HTML for the group's public page, or nothing, such as its open roles.
on_public_page: list[Callable[[Group], Markup]] = []


def register(label: str, endpoint: str, line: str) -> None:
    """Offer a page to a group's managers; one with a known endpoint takes that one's place."""
    _links[:] = [link for link in _links if link.endpoint != endpoint]
    _links.append(Link(label, endpoint, line))


def for_managers(group_id: int) -> list[tuple[str, str, str]]:
    """(label, address, line) of each page that this app has."""
    return [
        (link.label, url_for(link.endpoint, group_id=group_id), link.line)
        for link in _links
        if link.endpoint in current_app.view_functions
    ]
