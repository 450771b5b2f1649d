"""Doors for other programs: keys of the demo's food bank, whose secrets nobody knows."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Final

from app.api.models import ApiToken
from app.api.rules import Scope
from app.api.tokens import PREFIX
from app.demo.county import FOOD_BANK
from app.demo.scene import Scene

# Name, what it may do, made and ending so many days from now.
_TOKENS: Final = (
    ("Our website", Scope.SHIFTS_READ, -40, 200),
    ("The old screen in the hall", Scope.SHIFTS_READ, -385, -20),
)


def add_tokens(scene: Scene, random: Random) -> None:
    """One key that works, and one that has ended."""
    host = scene.host(FOOD_BANK)
    for name, scope, made, ends in _TOKENS:
        scene.rows.add(
            ApiToken,
            group_id=host.id,
            name=name,
            begins=f"{PREFIX}{random.getrandbits(20):05x}",
            # No secret was made: this is the hash of none that anybody knows.
            token_hash=f"{random.getrandbits(256):064x}",
            scopes=[scope.value],
            made_by_id=host.manager_id,
            expires_at=scene.now + timedelta(days=ends),
            created_at=scene.now + timedelta(days=made),
        )
