"""When a rule or a person changes: who no longer meets what their shift needs, and what is decided.

Nobody is dropped by any of it. A person decides for each: keep, with a reason
and until when, or release kindly.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import partial

from flask import current_app
from sqlalchemy import select

from app.accounts import audit
from app.foundation import clock, turns
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.groups.models import Group
from app.messaging.rules.quiet import next_allowed
from app.safeguarding.models import Digest, Finding, Verdict
from app.safeguarding.queries import findings as queries
from app.safeguarding.queries import fitness, groups
from app.safeguarding.rules import decisions as rules
from app.safeguarding.service import letters
from app.signups import service as signups
from app.signups.models import Signup
from app.signups.rows import locked
from app.signups.rules import Exclusion
from app.volunteers.queries import today
from app.web.filters import plural


def refresh(group_id: int) -> int:
    """Bring a group's list up to date; how many stand on it. Harmless however often.

    What is no longer so goes off the list; what was decided about it goes with
    it, so that it is asked anew when it comes back.
    """
    with transaction():
        now = clock.now()
        so = {
            (one.signup_id, reason.value): one.day
            for one in fitness.unmet(group_id)
            for reason in one.reasons
        }
        known = {
            (row.signup_id, row.reason): row
            for row in db.session.scalars(select(Finding).where(Finding.group_id == group_id))
        }
        for key, row in known.items():
            if key in so and row.gone_at is not None:
                _forget_decision(row)
                row.gone_at, row.told_at = None, None
            elif key in so and row.keep_until and not rules.is_settled(row.keep_until, so[key]):
                # The shift was moved beyond the day until which they may stay.
                _forget_decision(row)
                row.told_at = None
            elif key not in so and row.gone_at is None:
                row.gone_at = now
        for signup_id, reason in sorted(so.keys() - known.keys()):
            db.session.execute(
                insert_ignoring(Finding).values(
                    group_id=group_id,
                    signup_id=signup_id,
                    reason=reason,
                    words="",
                    created_at=now,
                )
            )
        return len(so)


def _forget_decision(row: Finding) -> None:
    row.verdict, row.words, row.keep_until = None, "", None
    row.decided_by_id, row.decided_at = None, None


def refresh_all() -> int:
    """The nightly sweep over every group, each in a unit of work; how many stand on the lists.

    It finds what no page has told: a training that has run out, a consent that
    was withdrawn, an age that was put right. A group that fails keeps no other
    from its turn, and is raised at the end.
    """
    return sum(
        turns.take(
            (partial(_refresh_and_tell, group_id) for group_id in groups.to_look_at()),
            "some groups' people could not be looked at",
        )
    )


def _refresh_and_tell(group_id: int) -> int:
    with transaction():
        number = refresh(group_id)
        _tell(group_id)
        return number


def _tell(group_id: int) -> None:
    """One email to the managers about whom they have not heard of; nobody is named in it."""
    new = queries.untold(group_id)
    if not new:
        return
    set_ = groups.settings_of(group_id)
    for row in new:
        row.told_at = clock.now()
    if set_ is not None and set_.digest == Digest.NEVER:
        return
    people = len({row.signup_id for row in new})
    group = db.session.get_one(Group, group_id)
    letters.email(
        groups.managers_of(group_id),
        subject=f"{group.name}: {plural(people, 'place')} to decide about",
        paragraphs=[
            f"On {plural(people, 'place')} somebody no longer meets what the shift needs.",
            "Everybody keeps their place until you decide: keep them, with a reason, "
            "or let them go kindly.",
        ],
        action=("See who, and decide", f"/groups/{group_id}/decisions"),
        cause=f"findings:{new[0].id}-{new[-1].id}",
        purpose="findings",
        not_before=next_allowed(
            clock.now(), current_app.config["TIMEZONE"], current_app.config["QUIET_HOURS"]
        ),
    )


def keep(
    group_id: int,
    volunteer_id: int,
    reason: Exclusion,
    signup_ids: Collection[int],
    *,
    words: str,
    until: date,
    by_user_id: int,
) -> int:
    """Keep somebody on these shifts all the same, those up to a day; on how many.

    Later ones stay to be decided about. Raises `Refusal` without a reason, for a day
    that is past, before each of the shifts or a year away, and for what no manager
    can decide so.
    """
    words = " ".join(words.split())
    if reason in rules.NEVER_KEPT:
        raise Refusal("Nobody under 18 can be there without an adult. Find one, or let them go.")
    if not words:
        raise Refusal("Say why they can stay. It is kept with your name.", "words")
    if until < today():
        raise Refusal("Choose a day that is still to come.", "until")
    if until > today() + rules.LONGEST_KEPT:
        raise Refusal("Choose a day within a year.", "until")
    with transaction():
        refresh(group_id)
        days = _days(group_id, volunteer_id, reason)
        chosen = [
            row
            for row in _rows(group_id, volunteer_id, reason, signup_ids)
            if rules.is_settled(until, days[row.signup_id])
        ]
        if not chosen:
            raise Refusal("Each of these shifts is after that day.", "until")
        for row in chosen:
            row.verdict, row.words, row.keep_until = Verdict.KEEP, words[:300], until
            row.decided_by_id, row.decided_at = by_user_id, clock.now()
            audit.record("kept on shift", subject=row, group_id=group_id, reason=reason.value)
        return len(chosen)


def release(
    group_id: int,
    volunteer_id: int,
    reason: Exclusion,
    signup_ids: Collection[int],
    *,
    words: str,
    by_user_id: int,
) -> int:
    """Take somebody off these shifts and tell them why, kindly; off how many.

    `words` is what they are told; without any, the reason in plain words.
    """
    words = " ".join(words.split()) or rules.kindly(reason)
    with transaction():
        refresh(group_id)
        chosen = _rows(group_id, volunteer_id, reason, signup_ids)
        # Every shift before the first person of a queue, as for any other work on several.
        of_shifts = select(Signup.shift_id).where(Signup.id.in_([row.signup_id for row in chosen]))
        locked(sorted(set(db.session.scalars(of_shifts))))
        for row in chosen:
            row.verdict, row.words, row.keep_until = Verdict.RELEASE, words[:300], None
            row.decided_by_id, row.decided_at = by_user_id, clock.now()
            audit.record("released from shift", subject=row, group_id=group_id, reason=reason.value)
        for signup_id in [row.signup_id for row in chosen]:
            signups.decline(signup_id, by_user_id, words[:300])
        refresh(group_id)
        return len(chosen)


def _days(group_id: int, volunteer_id: int, reason: Exclusion) -> dict[int, date]:
    """The day of each shift that the case is about, by sign-up."""
    case = queries.case_of(group_id, volunteer_id, reason.value)
    return {one.signup_id: one.day for one, _ in case.shifts} if case else {}


def _rows(
    group_id: int, volunteer_id: int, reason: Exclusion, signup_ids: Collection[int]
) -> list[Finding]:
    """The open findings that are meant; others of the same numbers are not touched."""
    case = queries.case_of(group_id, volunteer_id, reason.value)
    meant = {one.signup_id for one, _ in case.shifts} & set(signup_ids) if case else set()
    if not meant:
        raise Refusal("Choose at least one shift.", "shifts")
    return list(
        db.session.scalars(
            select(Finding)
            .where(
                Finding.group_id == group_id,
                Finding.reason == reason.value,
                Finding.signup_id.in_(meant),
                Finding.gone_at.is_(None),
            )
            .order_by(Finding.signup_id)
        )
    )
