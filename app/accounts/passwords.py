"""Passwords, hashed by Argon2id as OWASP's cheat sheet of 2023 asks.

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

from __future__ import annotations

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str) -> str:
    return _hasher.hash(password)


@cache
def _nobodys() -> str:
    """A hash that no password opens, to do the same work for when there is none."""
    return _hasher.hash("\0")


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password opens the hash; takes as long when there is no hash."""
    try:
        _hasher.verify(password_hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
