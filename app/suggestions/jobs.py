"""Doors for the queue and the schedule."""

from __future__ import annotations

from app.suggestions import service


def solve(suggestion_id: int) -> None:
    """Work out a suggested rota."""
    service.solve(suggestion_id)


def sweep() -> None:
    """Every half minute: take up suggestions that were forgotten."""
    service.sweep()
