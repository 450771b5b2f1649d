"""Codes from an authenticator app (RFC 6238), and the codes for when it is lost."""

from __future__ import annotations

import secrets as randomness
from typing import Final

import pyotp
import segno
from sqlalchemy import delete, select

from app.accounts import audit, secrets
from app.accounts.models import RecoveryCode, User
from app.accounts.rules import typed_code
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction

STEP_SECONDS: Final = 30
RECOVERY_CODES: Final = 8
# Without letters that are read for one another.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_PURPOSE: Final = "second factor"


def begin(user_id: int) -> None:
    """Make a new secret, which counts once a code of it was typed.

    Raises `Refusal` while a confirmed one is in use.
    """
    with transaction():
        user = db.session.get_one(User, user_id)
        if user.has_second_factor:
            raise Refusal(gettext("You have set up an authenticator app already."))
        user.totp_secret = secrets.encrypt(_PURPOSE, pyotp.random_base32())
        user.totp_last_step = None


def key(user: User) -> str | None:
    """The secret for typing into an app by hand; None when there is none to be read."""
    return secrets.decrypt(_PURPOSE, user.totp_secret) if user.totp_secret else None


def picture(user: User) -> str:
    """The secret as a QR code: an SVG without styles, which our policy would refuse."""
    secret = key(user)
    if secret is None:
        raise Refusal(gettext("Begin the set-up again."))
    uri = pyotp.TOTP(secret).provisioning_uri(
        name=user.email or user.name, issuer_name="Many Hands"
    )
    return str(
        segno.make(uri, error="m").svg_inline(
            scale=5, border=4, dark="#000", light="#fff", svgclass="mh-qr", lineclass=None
        )
    )


def confirm(user_id: int, typed: str) -> list[str]:
    """Put the second factor in force; return the recovery codes, shown this once.

    Raises `Refusal` beside `code`.
    """
    with transaction():
        user = _locked(user_id)
        if user.has_second_factor:
            raise Refusal(gettext("You have set up an authenticator app already."))
        if not _accept_step(user, typed):
            raise Refusal(
                gettext("That code is not right. Wait for the next one and type that."), "code"
            )
        user.totp_confirmed_at = clock.now()
        audit.record("second factor set up", subject=user, actor_id=user.id)
        return _new_recovery_codes(user)


def passes(user_id: int, typed: str) -> bool:
    """Whether a code of the app, or a recovery code, is right; each is good once."""
    with transaction():
        user = _locked(user_id)
        if not user.has_second_factor:
            return False
        if _accept_step(user, typed):
            return True
        if _spend_recovery_code(user, typed):
            audit.record("recovery code used", subject=user, actor_id=user.id)
            return True
        audit.record("sign-in failed", subject=user, actor_id=user.id, way="second factor")
        return False


def renew_recovery_codes(user_id: int) -> list[str]:
    """Eight new codes; the old ones stop working."""
    with transaction():
        user = _locked(user_id)
        if not user.has_second_factor:
            raise Refusal(gettext("Set up an authenticator app first."))
        audit.record("recovery codes made", subject=user)
        return _new_recovery_codes(user)


def remove(user_id: int) -> None:
    """Take the second factor off; an administrator does so for who has lost all."""
    with transaction():
        user = _locked(user_id)
        user.totp_secret = user.totp_confirmed_at = user.totp_last_step = None
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        audit.record("second factor removed", subject=user)


def _locked(user_id: int) -> User:
    """The user's row, locked so that two requests cannot use one code."""
    return db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)


def _accept_step(user: User, typed: str) -> bool:
    """Accept a code of now, or of the step before or after, that is newer than the last."""
    secret, code = key(user), typed_code(typed)
    if secret is None or len(code) != 6:
        return False
    present = int(clock.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (present - 1, present, present + 1):
        used = user.totp_last_step is not None and step <= user.totp_last_step
        if not used and secrets.same(totp.generate_otp(step), code):
            user.totp_last_step = step
            return True
    return False


def _new_recovery_codes(user: User) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [
        "-".join("".join(randomness.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        for _ in range(RECOVERY_CODES)
    ]
    db.session.add_all(
        RecoveryCode(user_id=user.id, code_hash=_recovery_hash(user, code)) for code in codes
    )
    return codes


def _spend_recovery_code(user: User, typed: str) -> bool:
    kept = db.session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _recovery_hash(user, typed),
            RecoveryCode.used_at.is_(None),
        )
    )
    if kept is None:
        return False
    kept.used_at = clock.now()
    return True


def _recovery_hash(user: User, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return secrets.keyed_hash("recovery", f"{user.id}:{plain}")
