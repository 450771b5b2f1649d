"""Background work of the spreadsheets."""

from __future__ import annotations

from app.spreadsheets import service


def forget_old_files() -> None:
    service.forget_old_files()
