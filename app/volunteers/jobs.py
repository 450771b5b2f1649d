"""Doors for the workers."""

from __future__ import annotations

from app.volunteers.service import imports, joining


def forget_old_files() -> None:
    imports.forget_old_files()


def forget_unfinished() -> None:
    joining.forget_unfinished()
