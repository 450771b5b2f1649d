"""Who can sign in, how they prove it, and the record of what was seen and done."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any, ClassVar, Final

from flask_login import UserMixin
from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice

# The ways to write to a contact point, as `volunteers.models.Channel` has them.
SMS: Final = "sms"
EMAIL: Final = "email"


class CountyRole(enum.StrEnum):
    """What a user may do across the county; most have no such role."""

    NONE = "none"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


class User(UserMixin, Model):  # type: ignore[misc] # Flask-Login has no types
    """An account that can sign in by a verified email address or phone.

    Two people may share a phone, so a phone does not name one user; an email
    address does. What was typed waits in `pending_email` or `pending_phone`
    until a code proves that it is theirs: nobody can take another's address.
    `session_epoch` is part of each session: raising it signs the user out
    everywhere.
    """

    # "user" is a reserved word in PostgreSQL.
    __tablename__ = "account"

    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    email_verified_at: Mapped[datetime | None]
    phone: Mapped[str | None] = mapped_column(String(16), index=True)
    phone_verified_at: Mapped[datetime | None]
    pending_email: Mapped[str | None] = mapped_column(String(254))
    pending_phone: Mapped[str | None] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    county_role: Mapped[CountyRole] = mapped_column(choice(CountyRole), default=CountyRole.NONE)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    totp_secret: Mapped[str | None] = mapped_column(Text)  # encrypted, see service/second_factor
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]  # a code is good once only (RFC 6238, 5.2)
    last_signed_in_at: Mapped[datetime | None]

    @property
    def is_active(self) -> bool:
        return self.is_enabled

    @property
    def has_second_factor(self) -> bool:
        return self.totp_confirmed_at is not None

    def get_id(self) -> str:
        """What the session cookie holds: the user and the epoch it was made in."""
        return f"{self.id}.{self.session_epoch}"

    @property
    def is_coordinator(self) -> bool:
        return self.county_role in (CountyRole.COORDINATOR, CountyRole.ADMINISTRATOR)

    @property
    def is_administrator(self) -> bool:
        return self.county_role == CountyRole.ADMINISTRATOR


class ProofPurpose(enum.StrEnum):
    """What a code or a link that we sent lets its reader do."""

    SIGN_IN = "sign-in"
    VERIFY = "verify"
    RESET = "reset"


class Proof(Model):
    """A six-digit code or a link sent to a contact point, to prove that it is theirs.

    Only its hash is kept; it is good once, for minutes, and for few attempts.
    `secret_hash` is empty until a worker has sent it, and `NOTHING_SENT` when
    nobody has the address: the visitor is told the same.
    """

    NOTHING_SENT: ClassVar = "nothing sent"

    purpose: Mapped[ProofPurpose] = mapped_column(choice(ProofPurpose))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(5))
    address: Mapped[str] = mapped_column(String(254), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_path: Mapped[str] = mapped_column(String(300), default="")

    user: Mapped[User | None] = relationship()


class RecoveryCode(Model):
    """A code for the day the phone is lost: stands in once for the second factor."""

    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class AuditEvent(Model):
    """One thing that somebody saw or did; written, never changed.

    `detail` holds ids and plain words, no contact details.
    """

    __table_args__ = (Index("ix_audit_event_subject", "subject_type", "subject_id"),)

    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), index=True
    )
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject_type: Mapped[str | None] = mapped_column(String(30))
    subject_id: Mapped[int | None]
    group_id: Mapped[int | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    actor: Mapped[User | None] = relationship()
