"""The menu: one table of entries, and who sees which.

Web stands below the features, so it knows their endpoints only as names; an
entry whose endpoint does not exist is left out. The features above say who a
person is, through `recognise`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from werkzeug.routing import BuildError

from app.foundation.sentences import N_, gettext

Audience = Literal["anonymous", "volunteer", "manager", "coordinator", "administrator"]


@dataclass(frozen=True)
class Entry:
    """One line of the menu, for some audiences; `post` makes it a button that acts."""

    label: str
    endpoint: str
    audiences: frozenset[Audience]
    at_end: bool = False
    post: bool = False


@dataclass(frozen=True)
class Shown:
    """An entry as one person sees it on one page."""

    label: str
    href: str
    current: bool
    at_end: bool
    post: bool


@dataclass(frozen=True)
class Link:
    """A line of one person's own menu, such as the opportunities of the group they manage."""

    label: str
    endpoint: str
    values: dict[str, Any]


def _entry(label: str, endpoint: str, audiences: str, **more: bool) -> Entry:
    return Entry(label, endpoint, frozenset(audiences.split()), **more)  # type: ignore[arg-type]  # plain words


_SIGNED_IN = "volunteer manager coordinator administrator"
_entries: list[Entry] = [
    _entry(N_("Home"), "home.index", _SIGNED_IN),
    _entry(N_("Find a role"), "opportunities.search", "anonymous volunteer"),
    _entry(N_("My shifts"), "signups.mine", "volunteer"),
    _entry(N_("My profile"), "volunteers.profile", "volunteer"),
    _entry(N_("Urgent requests"), "broadcasts.index", "coordinator"),
    _entry(N_("Replies"), "inbox.index", "coordinator"),
    _entry(N_("Groups"), "groups.index", "administrator"),
    _entry(N_("People"), "accounts.people", "administrator"),
    _entry(N_("Audit"), "accounts.audit", "administrator"),
    _entry(N_("Sign in"), "accounts.sign_in", "anonymous", at_end=True),
    _entry(N_("Sign up"), "volunteers.sign_up", "anonymous", at_end=True),
    _entry(N_("Account"), "accounts.index", _SIGNED_IN, at_end=True),
    _entry(N_("Sign out"), "accounts.sign_out", _SIGNED_IN, at_end=True, post=True),
]
_recognisers: list[Callable[[Any], set[Audience]]] = []
_contributors: list[Callable[[Any], Iterable[Link]]] = []


def register(
    label: str, endpoint: str, audience: str, *, at_end: bool = False, post: bool = False
) -> None:
    """Add an entry for one or more audiences ("manager coordinator"); again is harmless.

    One with the endpoint of an entry that is there takes its place.
    """
    entry = _entry(label, endpoint, audience, at_end=at_end, post=post)
    for place, known in enumerate(_entries):
        if known.endpoint == endpoint:
            _entries[place] = entry
            return
    _entries.append(entry)


def recognise(recogniser: Callable[[Any], set[Audience]]) -> None:
    """Let a feature say what else a signed-in user is, such as a group's manager."""
    if recogniser not in _recognisers:
        _recognisers.append(recogniser)


def contribute(contributor: Callable[[Any], Iterable[Link]]) -> None:
    """Let a feature add lines that only this signed-in user has; asked on every page."""
    if contributor not in _contributors:
        _contributors.append(contributor)


def audiences(user: Any) -> set[Audience]:
    """Everything that this user is; whoever is nothing else gives time as a volunteer."""
    if not user.is_authenticated:
        return {"anonymous"}
    found: set[Audience] = set()
    if getattr(user, "is_coordinator", False):
        found.add("coordinator")
    if getattr(user, "is_administrator", False):
        found.add("administrator")
    for recogniser in _recognisers:
        found |= recogniser(user)
    return found or {"volunteer"}


def navigation() -> list[Shown]:
    """The menu for the person on this page; none on a page that must not need the database."""
    if g.get("bare_page"):
        return []
    mine = audiences(current_user)
    shown = [
        Shown(
            gettext(entry.label), href, request.endpoint == entry.endpoint, entry.at_end, entry.post
        )
        for entry in _entries
        if entry.audiences & mine and (href := _address(entry.endpoint, {}))
    ]
    if current_user.is_authenticated:
        own = [
            Shown(gettext(link.label), href, request.path == href, False, False)
            for contributor in _contributors
            for link in contributor(current_user)
            if (href := _address(link.endpoint, link.values))
        ]
        shown[1:1] = own  # one's own lists come right after the first page
    return sorted(shown, key=lambda line: line.at_end)


def ways_on(status: int) -> list[tuple[str, str]]:
    """Where a person who met a failure may want to go next, beside the home page."""
    if g.get("bare_page"):
        return []
    mine = audiences(current_user)
    ways = []
    if "anonymous" in mine and status in (400, 404):
        ways.append((gettext("Sign in"), "accounts.sign_in"))
    if status == 404 and mine & {"anonymous", "volunteer"}:
        ways.insert(0, (gettext("Find a role"), "opportunities.search"))
    return [(label, href) for label, endpoint in ways if (href := _address(endpoint, {}))]


def _address(endpoint: str, values: dict[str, Any]) -> str | None:
    """Where an endpoint is, or None when it does not exist or wants other values."""
    if endpoint not in current_app.view_functions:
        return None
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


# What features add to the foot of every page: (label, endpoint).
_foot: list[tuple[str, str]] = []


def add_to_foot(label: str, endpoint: str) -> None:
    """Have a public page linked at the foot of every page; again is harmless."""
    if (label, endpoint) not in _foot:
        _foot.append((label, endpoint))


def footer_links() -> list[tuple[str, str]]:
    """What stands at the foot of every page."""
    return [
        *((gettext(label), href) for label, endpoint in _foot if (href := _address(endpoint, {}))),
        (gettext("Accessibility"), url_for("web.accessibility")),
        (gettext("Privacy"), url_for("web.privacy")),
        (gettext("Languages"), url_for("web.all_languages")),
    ]


def init_app(app: Flask) -> None:
    """Offer the menu to the templates."""
    app.add_template_global(navigation)
    app.add_template_global(footer_links)
    app.add_template_global(ways_on)
