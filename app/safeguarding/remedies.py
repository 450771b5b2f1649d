"""What a manager can do about an alarm; features above add their pages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for


@dataclass(frozen=True)
class Remedy:
    """One way out; its endpoint takes `group_id` and `shift_id`."""

    label: str
    endpoint: str


# Known by name only; one that this app does not have is left out.
_remedies: list[Remedy] = [
    Remedy("Find cover", "cover.show"),
    Remedy("See who is coming, or add somebody", "signups.roster"),
    Remedy("Cancel the shift", "signups.cancel_shift"),
]


def register(label: str, endpoint: str) -> None:
    """Offer a page against an alarm, first in the list; again is harmless."""
    _remedies[:] = [known for known in _remedies if known.endpoint != endpoint]
    _remedies.insert(0, Remedy(label, endpoint))


def against(group_id: int, shift_id: int) -> list[tuple[str, str]]:
    """(label, address) of each way out that this app has."""
    return [
        (one.label, url_for(one.endpoint, group_id=group_id, shift_id=shift_id))
        for one in _remedies
        if one.endpoint in current_app.view_functions
    ]
