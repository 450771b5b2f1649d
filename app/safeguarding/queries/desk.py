"""What of safety stands on a manager's first page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.safeguarding.queries import alarms, findings
from app.safeguarding.queries.alarms import Shown


@dataclass(frozen=True)
class Care:
    """One group's open alarms that no manager has dealt with yet, and what is to be decided."""

    alarms: list[Shown]
    undecided: int


def of(group_ids: Collection[int]) -> dict[int, Care]:
    """By group, what needs an eye; a group in peace is left out. Three statements at most."""
    undecided = findings.undecided(group_ids)
    by_group: dict[int, list[Shown]] = {}
    for one in alarms.shown(group_ids):
        if one.unseen:
            by_group.setdefault(one.watched.group_id, []).append(one)
    return {
        group_id: Care(by_group.get(group_id, []), undecided.get(group_id, 0))
        for group_id in {*by_group, *undecided}
    }
