"""Who the signed-in user is besides an account: a group's manager, a volunteer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g
from sqlalchemy import literal, select, union_all

from app.foundation.extensions import db
from app.groups.models import Group, Membership, Part
from app.groups.queries import remember_whether_manages
from app.volunteers.models import Volunteer


@dataclass(frozen=True)
class Managed:
    """A group that the user manages."""

    id: int
    name: str


@dataclass(frozen=True)
class Who:
    """What a user is; `volunteer_id` is nothing for one without a profile."""

    groups: tuple[Managed, ...]
    volunteer_id: int | None


def who(user_id: int) -> Who:
    """One small query, asked once per request: the menu needs it on every page."""
    asked: dict[int, Who] = g.setdefault("home_who", {})
    if user_id not in asked:
        asked[user_id] = _read(user_id)
    return asked[user_id]


def _read(user_id: int) -> Who:
    managed = (
        select(literal(1).label("is_group"), Group.id, Group.name)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.user_id == user_id, Membership.part == Part.MANAGER)
    )
    own = select(literal(0), Volunteer.id, literal("")).where(
        Volunteer.user_id == user_id, Volunteer.erased_at.is_(None)
    )
    rows = db.session.execute(union_all(managed, own)).all()
    groups = sorted(
        (Managed(row.id, row.name) for row in rows if row.is_group),
        key=lambda group: (group.name.lower(), group.id),
    )
    remember_whether_manages(user_id, bool(groups))
    return Who(tuple(groups), next((row.id for row in rows if not row.is_group), None))
