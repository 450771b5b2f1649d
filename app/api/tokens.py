"""Making, checking and stopping tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import joinedload

from app.accounts import audit, secrets
from app.accounts.models import CountyRole, User
from app.api.models import ApiToken
from app.api.rules import LONGEST_LIFE, Scope
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Membership, Part

# So that a program that looks for secrets in code knows ours.
PREFIX: Final = "mh_"
_PURPOSE: Final = "api-token"
_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Bearer:
    """Who asks, as far as a request needs it; free of the session that read it."""

    token_id: int
    group_id: int | None  # None: the whole county
    made_by_id: int
    name: str
    scopes: frozenset[str]
    expires_at: datetime

    def may(self, scope: Scope) -> bool:
        return scope.value in self.scopes


def make(
    group_id: int | None, name: str, scopes: Iterable[Scope], expires_at: datetime, by_user_id: int
) -> tuple[int, str]:
    """Make a token; return its number and the secret, which nobody is told again.

    Raises `Refusal`, naming the field, for one without a name or a scope, or
    that would end in the past or after more than a year.
    """
    name = " ".join(name.split())
    chosen = [scope for scope in Scope if scope in set(scopes)]
    now = clock.now()
    if not name or len(name) > 80:
        raise Refusal("Say what it is for, in 80 letters at most.", "name")
    if not chosen:
        raise Refusal("Choose at least one thing that it may do.", "scopes")
    if Scope.VOLUNTEERS_CONTACT in chosen and Scope.VOLUNTEERS_READ not in chosen:
        raise Refusal("To see phone numbers it must see names too: tick both.", "scopes")
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Refusal("It must end on a day to come, at most a year from now.", "ends_on")
    secret = PREFIX + secrets.new_token()
    with transaction():
        token = ApiToken(
            group_id=group_id,
            name=name,
            begins=secret[:8],
            token_hash=_hash(secret),
            scopes=[scope.value for scope in chosen],
            made_by_id=by_user_id,
            expires_at=expires_at,
        )
        db.session.add(token)
        db.session.flush()
        audit.record(
            "made API token",
            subject=token,
            group_id=group_id,
            actor_id=by_user_id,
            scopes=" ".join(token.scopes),
        )
        return token.id, secret


def revoke(group_id: int | None, token_id: int, by_user_id: int) -> bool:
    """Stop a token of this group, or for None of the county; whether there was one to stop."""
    with transaction():
        token = db.session.get(ApiToken, token_id, with_for_update=True, populate_existing=True)
        if token is None or token.group_id != group_id or token.revoked_at is not None:
            return False
        token.revoked_at, token.revoked_by_id = clock.now(), by_user_id
        audit.record("stopped API token", subject=token, group_id=group_id, actor_id=by_user_id)
        return True


def _maker_still_may() -> object:
    """SQL: who made the token is let in and manages what it opens, as on the pages."""
    manages = (
        select(Membership.id)
        .where(
            Membership.user_id == User.id,
            Membership.group_id == ApiToken.group_id,
            Membership.part == Part.MANAGER,
        )
        .exists()
    )
    return and_(User.is_enabled, or_(User.county_role == CountyRole.ADMINISTRATOR, manages))


def bearer_of(secret: str) -> Bearer | None:
    """Who holds this secret; None for one that is unknown, over or stopped. One statement."""
    if not secret.startswith(PREFIX) or len(secret) > 100 or not secret.isascii():
        return None
    row = db.session.execute(
        select(
            ApiToken.id,
            ApiToken.group_id,
            ApiToken.made_by_id,
            ApiToken.name,
            ApiToken.scopes,
            ApiToken.expires_at,
            ApiToken.last_used_at,
        )
        .join(User, User.id == ApiToken.made_by_id)
        .where(
            ApiToken.token_hash == _hash(secret),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > clock.now(),
            _maker_still_may(),  # type: ignore[arg-type] # a condition
        )
    ).one_or_none()
    if row is None:
        return None
    if row.last_used_at is None or clock.now() - row.last_used_at >= _NOTED_EVERY:
        with transaction():
            db.session.execute(
                update(ApiToken).where(ApiToken.id == row.id).values(last_used_at=clock.now())
            )
    return Bearer(
        row.id, row.group_id, row.made_by_id, row.name, frozenset(row.scopes), row.expires_at
    )


def rate_key(secret: str) -> str:
    """What a token's calls are counted by: no secret lies in Redis."""
    return secrets.keyed_hash("api-rate", secret)[:32]


def _hash(secret: str) -> str:
    return secrets.keyed_hash(_PURPOSE, secret)


@dataclass(frozen=True)
class Listed:
    """A token in its managers' list."""

    token: ApiToken
    works: bool


def listed(group_id: int | None) -> Sequence[Listed]:
    """The tokens of a group, or for None of the county, those that work first."""
    found = db.session.execute(
        select(ApiToken, _maker_still_may())  # type: ignore[call-overload] # a condition
        .outerjoin(User, User.id == ApiToken.made_by_id)
        .where(
            ApiToken.group_id == group_id if group_id is not None else ApiToken.group_id.is_(None)
        )
        .options(joinedload(ApiToken.made_by))
        .order_by(ApiToken.id.desc())
        .limit(100)
    )
    rows = [Listed(token, bool(may) and token.is_live) for token, may in found]
    return sorted(rows, key=lambda row: not row.works)
