"""What a change of a rule would mean for people, told before it is saved.

Roles and groups stand low and do not know who has a place. Features above
register here what they foresee; the pages below ask and show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from markupsafe import Markup

# What is changed: a role, a duty of one, a group's own rules, or its first steps.
Kind = Literal["role", "duty", "group", "induction"]


@dataclass(frozen=True)
class Consequence:
    """Whom a change would affect, as HTML for the form, and a mark to know it again."""

    html: Markup
    fingerprint: str


Seer = Callable[[Kind, int, int | None, Mapping[str, Any]], Consequence | None]
_seers: Final[list[Seer]] = []
_followers: Final[list[Callable[[int], None]]] = []


def register(seer: Seer, follower: Callable[[int], None]) -> None:
    """Let a feature foresee changes, and hear of a group whose rules have changed."""
    if seer not in _seers:
        _seers.append(seer)
        _followers.append(follower)


def foresee(
    kind: Kind,
    group_id: int,
    row_id: int | None,
    values: Mapping[str, Any],
    known: str | None = None,
) -> Consequence | None:
    """What new values of the row would mean; None when nobody is affected.

    None too when `known` is the mark of just this: the person has read it and
    saves all the same.
    """
    for seer in _seers:
        found = seer(kind, group_id, row_id, values)
        if found is not None and found.fingerprint != known:
            return found
    return None


def happened(group_id: int) -> None:
    """The group's rules have changed: whoever keeps a list brings it up to date."""
    for follower in _followers:
        follower(group_id)
