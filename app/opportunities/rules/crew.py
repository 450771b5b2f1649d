"""How a shift that has too few people is told; pure."""

from __future__ import annotations


def coming_and_needed(coming: int, minimum: int) -> str:
    """ "Nobody yet, at least 2 needed", or "1 is coming, at least 2 needed"; with no full stop."""
    who = {0: "Nobody yet", 1: "1 is coming"}.get(coming, f"{coming} are coming")
    return f"{who}, at least {minimum} needed"
