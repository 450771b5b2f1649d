"""What the features above show on a shift's roster; sign-ups stand below and do not know them."""

from __future__ import annotations

from flask import current_app, url_for

# (label, endpoint); the endpoint takes `group_id` and `shift_id`.
_links: list[tuple[str, str]] = []


def register(label: str, endpoint: str) -> None:
    """Offer a page about one shift to its managers; again is harmless."""
    if (label, endpoint) not in _links:
        _links.append((label, endpoint))


def for_shift(group_id: int, shift_id: int) -> list[tuple[str, str]]:
    """(label, address) of each page that this app has."""
    return [
        (label, url_for(endpoint, group_id=group_id, shift_id=shift_id))
        for label, endpoint in _links
        if endpoint in current_app.view_functions
    ]
