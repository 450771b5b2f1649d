"""One email to a group's managers, each day or week, of what needs their eye."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import current_app

from app.foundation import clock, turns
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging.rules.quiet import next_allowed
from app.safeguarding.models import Digest
from app.safeguarding.queries import alarms, dues, findings, groups
from app.safeguarding.rules.dues import State
from app.safeguarding.service import letters
from app.volunteers.queries import today
from app.web.filters import plural


def send_all() -> int:
    """The daily sweep; how many emails. Once a period each, however often it runs.

    A group that fails keeps no other from its turn, and is raised at the end.
    """
    return sum(
        turns.take(
            (partial(send, group_id) for group_id in groups.to_look_at()),
            "some digests could not be sent",
        )
    )


def send(group_id: int) -> int:
    """One group's email, if there is anything to tell; nobody is named in it."""
    with transaction():
        set_ = groups.settings_of(group_id)
        how = set_.digest if set_ else Digest.WEEKLY
        if how == Digest.NEVER:
            return 0
        group = db.session.get_one(Group, group_id)
        lines = _lines(group)
        if not lines:
            return 0
        return letters.email(
            groups.managers_of(group_id),
            subject=f"{group.name}: checks, training and safety",
            paragraphs=["What needs your eye:", *lines],
            action=("See who and when", f"/groups/{group_id}/safety"),
            cause=f"safety-digest:{group_id}:{_period(how, today())}",
            purpose="digest",
            not_before=next_allowed(
                clock.now(), current_app.config["TIMEZONE"], current_app.config["QUIET_HOURS"]
            ),
        )


def _period(how: Digest, day: date) -> str:
    if how == Digest.DAILY:
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _lines(group: Group) -> list[str]:
    """What there is to tell, in sentences without a name."""
    found = dues.due(group)
    number = {state: sum(one.state == state for one in found) for state in State}
    lines = []
    if number[State.MISSING]:
        lines.append(
            f"{plural(number[State.MISSING], 'check or training', 'checks or trainings')} "
            "that a role asks for, and nobody has noted."
        )
    if number[State.OVER]:
        lines.append(
            f"{plural(number[State.OVER], 'check or training', 'checks or trainings')} "
            "past the last good day."
        )
    if number[State.SOON]:
        lines.append(
            f"{plural(number[State.SOON], 'check or training', 'checks or trainings')} "
            "to be renewed in the next 60 days."
        )
    if open_now := len(alarms.shown([group.id])):
        lines.append(f"{plural(open_now, 'alarm')} about shifts.")
    if undecided := findings.undecided([group.id]).get(group.id):
        lines.append(f"{plural(undecided, 'place')} to decide about.")
    return lines
