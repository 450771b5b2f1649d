"""Counts months anew from what they are made of, and keeps the sums."""

from __future__ import annotations

from app.reports.counting.months import count_due, recount

__all__ = ["count_due", "recount"]
