"""What was done with a reply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Outcome:
    """What was done with a reply, and what its sender is told."""

    did: str
    tell: str = ""
    for_a_person: bool = False
    volunteer_id: int | None = None
    broadcast_id: int | None = None
    is_service: bool = False
