"""Signing in by password, choosing a new one, and ending sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.accounts import audit, passwords, queries, rules
from app.accounts.models import EMAIL, SMS, User
from app.foundation import clock, phone
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction

NOT_RIGHT: Final = N_(
    "We could not sign you in with that. Check the address and the password, or ask for a code."
)


def read_address(typed: str, field: str | None = "address") -> tuple[str, str]:
    """The channel and the address of what was typed. Raises `Refusal` for neither kind."""
    if "@" in typed:
        return EMAIL, rules.email_address(typed, field)
    if not any(letter.isdigit() for letter in typed):
        raise Refusal(gettext("Enter an email address or a mobile number."), field)
    return SMS, phone.parse(typed, field=field)


def by_password(typed: str, password: str) -> Sequence[User]:
    """Those whose address and password these are: one, or several who share a phone.

    One hash is worked out even when nobody has the address, so the time taken
    does not tell. Raises `Refusal` when nobody matches, without saying why.
    """
    channel, address = read_address(typed)
    found = queries.holders(channel, address)
    hashes = [(user.id, user.password_hash) for user in found] or [(0, None)]
    opened = {user_id for user_id, kept in hashes if passwords.matches(kept, password[: 4 * 1024])}
    matching = [user for user in found if user.id in opened]
    if not matching:
        subject = found[0] if len(found) == 1 else None
        audit.record("sign-in failed", subject=subject, way="password", channel=channel)
        raise Refusal(gettext(NOT_RIGHT))
    for user in matching:
        if user.password_hash and passwords.is_outdated(user.password_hash):
            _keep_hash(user.id, passwords.hashed(password))
    return matching


def note_sign_in(user_id: int, way: str) -> None:
    """Write down that the user is in, and by which way: "password", "code", "link"."""
    with transaction():
        user = db.session.get_one(User, user_id)
        user.last_signed_in_at = clock.now()
        audit.record("signed in", subject=user, actor_id=user.id, way=way)


def set_password(user_id: int, new: str, current: str | None = None) -> User:
    """Change the password and end every session; the caller begins a new one.

    `current` is asked of those who have a password, unless they came by a
    proof of their address (None). Raises `Refusal` beside `current` or
    `password`.
    """
    user = db.session.get_one(User, user_id)
    if (
        current is not None
        and user.password_hash
        and not passwords.matches(user.password_hash, current)
    ):
        audit.record("password change refused", subject=user)
        raise Refusal(gettext("That is not your password now."), "current")
    rules.acceptable_password(new, user.name, user.email)
    kept = passwords.hashed(new)
    with transaction():
        user = db.session.get_one(User, user_id)
        user.password_hash = kept
        user.session_epoch += 1
        audit.record("password changed", subject=user, actor_id=user.id)
    return user


def sign_out_everywhere(user_id: int) -> None:
    """End every session of the user, this one too."""
    with transaction():
        user = db.session.get_one(User, user_id)
        user.session_epoch += 1
        audit.record("signed out everywhere", subject=user)


def rename(user_id: int, name: str) -> None:
    """Change the user's name. Raises `Refusal` beside `name`."""
    name = rules.acceptable_name(name)
    with transaction():
        db.session.get_one(User, user_id).name = name


def _keep_hash(user_id: int, kept: str) -> None:
    with transaction():
        db.session.get_one(User, user_id).password_hash = kept
