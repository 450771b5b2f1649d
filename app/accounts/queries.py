"""Reads about users and the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Select, func, not_, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import EMAIL, AuditEvent, CountyRole, RecoveryCode, User
from app.foundation.extensions import db

PAGE: Final = 50
MOST_WORDS: Final = 5
# Of the audit trail: all that was looked at, and all the rest.
SEEN: Final = "*seen"
DONE: Final = "*done"
# Looking at the trail stands in it too, and is shown when it is asked for.
READ: Final = "viewed audit trail"
_LOOKING: Final = ("viewed ", "printed ", "put urgent request on a wall")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list; pages are counted from 1."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


def page_of(rows: Select[Any], number: int) -> Page[Any]:
    """The page of this number, or the nearest one that there is."""
    total = db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    found = db.session.scalars(rows.limit(PAGE).offset((number - 1) * PAGE)).unique().all()
    return Page(found, number, pages, total)


def holding(rows: Select[Any], words: str, *columns: Any) -> Select[Any]:
    """The rows where each of the words, the first five of them, stands in one of the columns."""
    for word in words.split()[:MOST_WORDS]:
        # SQLite's lower() knows English letters only, so the word is tried as typed too.
        rows = rows.where(
            or_(
                *(func.lower(column).contains(word.lower(), autoescape=True) for column in columns),
                *(column.contains(word, autoescape=True) for column in columns),
            )
        )
    return rows


def holders(channel: str, address: str) -> Sequence[User]:
    """Those who may sign in by this verified contact point; a phone may be several's."""
    mine = (
        (User.email == address, User.email_verified_at.is_not(None))
        if channel == EMAIL
        else (User.phone == address, User.phone_verified_at.is_not(None))
    )
    return db.session.scalars(
        select(User).where(*mine, User.is_enabled.is_(True)).order_by(User.name, User.id)
    ).all()


def user_by_email(email: str) -> User | None:
    """The user of an email address in lower case, disabled or not."""
    return db.session.scalar(select(User).where(User.email == email))


def recovery_codes_left(user: User) -> int:
    return (
        db.session.scalar(
            select(func.count()).where(
                RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0
    )


def people(words: str = "", role: str = "", page: int = 1) -> Page[User]:
    """Users whose name or email address holds each of the words."""
    wanted = select(User).order_by(func.lower(User.name), User.id)
    wanted = holding(wanted, words, User.name, User.email)
    if role in set(CountyRole):
        wanted = wanted.where(User.county_role == CountyRole(role))
    elif role == "disabled":
        wanted = wanted.where(User.is_enabled.is_(False))
    return page_of(wanted, page)


def audit_events(
    *,
    action: str = "",
    who: str = "",
    actor_id: int | None = None,
    subject_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    page: int = 1,
) -> Page[AuditEvent]:
    """The trail, latest first; `until` is left out, `since` is in.

    `action` is one of them, nothing for all but looks at the trail itself, `SEEN`
    for all that was looked at, or `DONE` for all the rest. `who` are words of the
    name or email address of whoever did it.
    """
    wanted = select(AuditEvent).options(joinedload(AuditEvent.actor)).order_by(AuditEvent.id.desc())
    looked = or_(*(AuditEvent.action.startswith(word) for word in _LOOKING))
    if action in (SEEN, DONE):
        wanted = wanted.where(looked if action == SEEN else not_(looked))
    elif action:
        wanted = wanted.where(AuditEvent.action == action)
    else:
        wanted = wanted.where(AuditEvent.action != READ)
    if who.strip():
        wanted = wanted.where(
            AuditEvent.actor_id.in_(holding(select(User.id), who, User.name, User.email))
        )
    if actor_id is not None:
        wanted = wanted.where(AuditEvent.actor_id == actor_id)
    if subject_id is not None:
        wanted = wanted.where(
            AuditEvent.subject_type == "user", AuditEvent.subject_id == subject_id
        )
    if since is not None:
        wanted = wanted.where(AuditEvent.created_at >= since)
    if until is not None:
        wanted = wanted.where(AuditEvent.created_at < until)
    return page_of(wanted, page)


def audit_actions() -> list[str]:
    """Every action that the trail holds."""
    return list(
        db.session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action))
    )
