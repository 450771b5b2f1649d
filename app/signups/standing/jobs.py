"""Doors for the workers: places of standing volunteers."""

from __future__ import annotations

from app.signups.standing import making


def sweep() -> None:
    making.sweep()
