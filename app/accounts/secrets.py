"""Secrets that we make, keep only as hashes, or keep encrypted under `SECRET_KEY`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

from app.accounts.rules import CODE_DIGITS


def new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def new_token() -> str:
    """A token of 256 bits for a link."""
    return secrets.token_urlsafe(32)


def keyed_hash(purpose: str, secret: str) -> str:
    """What is kept of a secret: 64 hexadecimal digits, useless without `SECRET_KEY`."""
    return hmac.new(_key(purpose), secret.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two hashes or codes, both in ASCII, are equal, in a time that tells nothing."""
    return hmac.compare_digest(one, other)


def encrypt(purpose: str, secret: str) -> str:
    return _fernet(purpose).encrypt(secret.encode()).decode()


def decrypt(purpose: str, kept: str) -> str | None:
    """The secret; None when `SECRET_KEY` has changed since."""
    try:
        return _fernet(purpose).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(purpose)))


def _key(purpose: str) -> bytes:
    """A key of its own for each purpose, from the one secret of the site."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"many-hands/{purpose}".encode(), hashlib.sha256).digest()
