"""Doors for the queue and the schedule."""

from __future__ import annotations

from app.annual import service


def make(report_id: int) -> None:
    """Count a year and print its report."""
    service.make(report_id)


def print_anew(report_id: int) -> None:
    """Make a report's PDF."""
    service.print_anew(report_id)


def sweep() -> None:
    """Every half minute: take up reports and PDFs that were forgotten."""
    service.sweep()
