"""Signed addresses that let whoever holds one answer for one person, without signing in."""

from __future__ import annotations

import enum

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


class Key(enum.StrEnum):
    """What an address is good for; the key of one opens nothing of another."""

    INVITED = "invited-to-role"  # opportunity, volunteer
    OFFER = "offered-place"  # sign-up
    SWAP = "swap"  # swap, volunteer


def make(key: Key, *ids: int) -> str:
    """What stands in the address; it cannot be guessed, and holds ids only."""
    return _serializer(key).dumps(list(ids))


def address(place: str, token: str) -> str:
    """The whole address of a signed page, also where no request is being answered."""
    return f"{current_app.config['PUBLIC_URL']}/{place}/{token}"


def read(key: Key, token: str, number: int) -> list[int] | None:
    """The ids that a token of ours holds, so many of them; None for any other."""
    try:
        ids = _serializer(key).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    is_ours = isinstance(ids, list) and len(ids) == number
    return ids if is_ours and all(isinstance(one, int) for one in ids) else None


def _serializer(key: Key) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=key.value)
