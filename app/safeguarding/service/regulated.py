"""Managers are warned before somebody's days with children make it regulated activity."""

from __future__ import annotations

import zlib
from functools import partial

from flask import current_app

from app.foundation import clock, turns
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging.rules.quiet import next_allowed
from app.safeguarding.queries import groups, regulated
from app.safeguarding.rules.regulated import NEAR_DAYS, Reach
from app.safeguarding.service import letters
from app.web.filters import plural


def warn_all() -> int:
    """The daily sweep; how many emails. About the same people in the same state once.

    A group that fails keeps no other from its turn, and is raised at the end.
    """
    return sum(
        turns.take(
            (partial(warn, group_id) for group_id in groups.to_look_at()),
            "some groups could not be warned of days with children",
        )
    )


def warn(group_id: int) -> int:
    """Write to one group's managers, if somebody without the check comes near; nobody is named."""
    with transaction():
        group = db.session.get_one(Group, group_id)
        found = [one for one in regulated.workers(group) if one.needs_eye]
        if not found:
            return 0
        near = sum(one.count.reach == Reach.NEAR for one in found)
        reached = len(found) - near
        lines = []
        if reached:
            lines.append(
                f"{plural(reached, 'person works', 'people work')} with children, or will, so "
                "often or so late at night that the law counts it as regulated activity, "
                "and your group has not seen an enhanced check with the barred list."
            )
        if near:
            lines.append(
                f"{plural(near, 'person has', 'people have')} {NEAR_DAYS} such days within "
                "30 days. One more makes it regulated activity."
            )
        state = sorted((one.volunteer_id, one.count.reach.value) for one in found)
        return letters.email(
            groups.managers_of(group_id),
            subject=f"{group.name}: days with children",
            paragraphs=[*lines, "This is a help, not legal advice."],
            action=("See who, and what the law says", f"/groups/{group_id}/children"),
            cause=f"regulated:{group_id}:{zlib.crc32(repr(state).encode())}",
            purpose="regulated",
            not_before=next_allowed(
                clock.now(), current_app.config["TIMEZONE"], current_app.config["QUIET_HOURS"]
            ),
        )
