"""Tokens of the API, and what a repeated request has been answered with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.api.rules import Scope
from app.foundation import clock
from app.foundation.model import Model
from app.groups.models import Group


class ApiToken(Model):
    """A key for another program, to one group's data or, without a group, to the county's.

    Only its hash is kept; `begins` is its first letters, by which people tell
    theirs apart. It is as good as who made it: it opens nothing once that
    person does not manage the group any more.
    """

    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(80))
    begins: Mapped[str] = mapped_column(String(12))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    group: Mapped[Group | None] = relationship()
    made_by: Mapped[User | None] = relationship(foreign_keys=[made_by_id])

    @property
    def is_live(self) -> bool:
        """Whether it has neither ended nor been stopped."""
        return self.revoked_at is None and self.expires_at > clock.now()

    @property
    def said_scopes(self) -> list[Scope]:
        """Its scopes, in the order in which they are explained."""
        return [scope for scope in Scope if scope.value in self.scopes]


class ApiCall(Model):
    """That a POST with this key was carried out, and what came of it.

    Written in the transaction of what it did, so that the two are there
    together or not at all. It holds the number of what was made or changed,
    never a person's details; the answer is made from that anew.
    """

    __table_args__ = (
        UniqueConstraint("token_id", "key_hash"),
        Index("ix_api_call_created_at", "created_at"),
    )

    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id", ondelete="CASCADE"))
    key_hash: Mapped[str] = mapped_column(String(64))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    row_id: Mapped[int | None]
