"""What the rows of the audit trail are about, in words: each feature says how its are called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation.extensions import db

# Ids of rows of one kind to what each is called and, if it has one, the address of its page.
Naming = Callable[[Collection[int]], dict[int, tuple[str, str]]]
_namings: dict[str, Naming] = {}


@dataclass(frozen=True)
class About:
    """What an event is about: a name and a page, or a kind and a number where nobody knows more."""

    words: str
    href: str = ""


def explain(kind: str, naming: Naming) -> None:
    """Say how the rows of a kind are called: a table's class in small letters, or "group".

    Asked once for all of a page, so it is one statement; again is harmless.
    """
    _namings[kind] = naming


def about(events: Iterable[AuditEvent]) -> dict[int, list[About]]:
    """By event's id what it is about: its row, and the group if that is not the row itself."""
    listed = list(events)
    wanted: dict[str, set[int]] = {}
    for event in listed:
        for kind, number in _rows_of(event):
            wanted.setdefault(kind, set()).add(number)
    named = {kind: _namings[kind](numbers) for kind, numbers in wanted.items() if kind in _namings}
    return {
        event.id: [
            About(*named[kind][number])
            if number in named.get(kind, {})
            else About(f"{kind} {number}")
            for kind, number in _rows_of(event)
        ]
        for event in listed
    }


def _rows_of(event: AuditEvent) -> list[tuple[str, int]]:
    rows = []
    if event.subject_type and event.subject_id is not None:
        rows.append((event.subject_type, event.subject_id))
    if event.group_id is not None and ("group", event.group_id) not in rows:
        rows.append(("group", event.group_id))
    return rows


def _users(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {row.id: (row.name, url_for("accounts.person", user_id=row.id)) for row in rows}


explain("user", _users)
