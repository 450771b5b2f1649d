"""Background work of the API."""

from __future__ import annotations

from app.api import service


def forget_old_calls() -> None:
    service.forget_old_calls()
