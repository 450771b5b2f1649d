"""Doors for the workers."""

from __future__ import annotations

from app.cover import service


def look(cover_id: int) -> None:
    service.look(cover_id)


def look_at_all() -> None:
    service.look_at_all()
