"""Reads about groups, their sites and the users' parts in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import g, url_for
from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.accounts.queries import Page, holding, page_of
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, GroupKind, Invitation, Membership, Part, Site


def managed_by(user: User) -> Sequence[Group]:
    """The groups that a user manages by membership, by name."""
    return db.session.scalars(
        select(Group)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.user_id == user.id, Membership.part == Part.MANAGER)
        .order_by(Group.name)
    ).all()


def manages_any(user: User) -> bool:
    """Whether the user is a manager of at least one group; asked once in a request."""
    known: dict[int, bool] = g.setdefault("manages_any", {})
    if user.id not in known:
        found = db.session.scalar(
            select(Membership.id)
            .where(Membership.user_id == user.id, Membership.part == Part.MANAGER)
            .limit(1)
        )
        known[user.id] = found is not None
    return known[user.id]


def remember_whether_manages(user_id: int, does: bool) -> None:
    """For the rest of the request, by who has read the user's groups for a page already."""
    g.setdefault("manages_any", {})[user_id] = does


def managers_of(group_id: int) -> Sequence[Membership]:
    """The group's managers with their users, by name."""
    return db.session.scalars(
        select(Membership)
        .join(Membership.user)
        .options(joinedload(Membership.user))
        .where(Membership.group_id == group_id, Membership.part == Part.MANAGER)
        .order_by(User.name, User.id)
    ).all()


def sites_of(group_id: int) -> Sequence[Site]:
    return db.session.scalars(
        select(Site).where(Site.group_id == group_id).order_by(Site.name, Site.id)
    ).all()


def site_of(group_id: int, site_id: int) -> Site | None:
    """The site, if it is this group's."""
    return db.session.scalar(select(Site).where(Site.id == site_id, Site.group_id == group_id))


def open_invitations(group_id: int) -> Sequence[Invitation]:
    """Those that can still be accepted, latest first."""
    return db.session.scalars(
        select(Invitation)
        .where(
            Invitation.group_id == group_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
        .order_by(Invitation.id.desc())
    ).all()


def group_by_slug(slug: str) -> Group | None:
    return db.session.scalar(select(Group).where(Group.slug == slug))


def called(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """The names and pages of these groups, by id."""
    rows = db.session.execute(select(Group.id, Group.name).where(Group.id.in_(ids)))
    return {row.id: (row.name, url_for("groups.show", group_id=row.id)) for row in rows}


def managers_by_group(ids: Collection[int]) -> dict[int, list[str]]:
    """The names of those who manage these groups and can sign in; one statement."""
    found: dict[int, list[str]] = {group_id: [] for group_id in ids}
    for group_id, name in db.session.execute(
        select(Membership.group_id, User.name)
        .join(Membership.user)
        .where(
            Membership.group_id.in_(ids),
            Membership.part == Part.MANAGER,
            User.is_enabled.is_(True),
        )
        .order_by(User.name, User.id)
    ):
        found[group_id].append(name)
    return found


def groups(words: str = "", kind: str = "", page: int = 1, *, show: str = "") -> Page[Group]:
    """Groups, the closed ones last, whose name or district holds each of the words.

    `show` narrows them to those that are open and managed by nobody ("alone"), or are "closed".
    """
    wanted = select(Group).order_by(Group.is_closed, func.lower(Group.name), Group.id)
    wanted = holding(wanted, words, Group.name, Group.district)
    if kind in set(GroupKind):
        wanted = wanted.where(Group.kind == GroupKind(kind))
    if show == "alone":
        managed = exists().where(
            Membership.group_id == Group.id,
            Membership.part == Part.MANAGER,
            Membership.user_id == User.id,
            User.is_enabled.is_(True),
        )
        wanted = wanted.where(Group.is_closed.is_(False), ~managed)
    elif show == "closed":
        wanted = wanted.where(Group.is_closed.is_(True))
    return page_of(wanted, page)
