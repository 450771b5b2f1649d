"""Background work of the board."""

from __future__ import annotations

from app.today import service


def forget_knocks() -> None:
    service.forget_knocks()
