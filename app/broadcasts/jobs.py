"""What the workers call; each a door, one line."""

from __future__ import annotations

from app.broadcasts import service


def advance(broadcast_id: int) -> None:
    service.advance(broadcast_id)


def tell_filled(broadcast_id: int) -> None:
    service.tell_filled(broadcast_id)


def advance_all() -> None:
    service.advance_all()
