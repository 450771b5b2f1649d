"""The people whom a manager has to decide about, with what was decided before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.safeguarding.models import Finding
from app.safeguarding.queries import fitness
from app.safeguarding.queries.fitness import Unmet
from app.safeguarding.rules.decisions import is_settled
from app.signups.rules import Exclusion


@dataclass(frozen=True)
class Case:
    """One person and one reason, with each coming shift that it is about."""

    volunteer_id: int
    name: str
    reason: Exclusion
    shifts: list[tuple[Unmet, Finding | None]]

    @property
    def open(self) -> list[Unmet]:
        """The shifts about which nothing that still counts was decided."""
        return [one for one, finding in self.shifts if not _is_settled(one, finding)]

    @property
    def kept(self) -> list[tuple[Unmet, Finding]]:
        """The shifts on which a manager keeps them, for a reason that stands beside it."""
        return [
            (one, finding)
            for one, finding in self.shifts
            if finding is not None and _is_settled(one, finding)
        ]


def _is_settled(one: Unmet, finding: Finding | None) -> bool:
    return finding is not None and is_settled(finding.keep_until, one.day)


def rows_of(group_id: int) -> dict[tuple[int, str], Finding]:
    """What was found and decided about the group's coming shifts, by sign-up and reason."""
    found = db.session.scalars(
        select(Finding)
        .where(Finding.group_id == group_id, Finding.gone_at.is_(None))
        .options(joinedload(Finding.decided_by))
    )
    return {(row.signup_id, row.reason): row for row in found}


def cases(group_id: int) -> list[Case]:
    """Each person and reason, as it is at this moment; the soonest shift first."""
    rows = rows_of(group_id)
    found: dict[tuple[int, Exclusion], Case] = {}
    for one in fitness.unmet(group_id):
        for reason in one.reasons:
            case = found.setdefault(
                (one.volunteer_id, reason), Case(one.volunteer_id, one.name, reason, [])
            )
            case.shifts.append((one, rows.get((one.signup_id, reason.value))))
    return list(found.values())


def case_of(group_id: int, volunteer_id: int, reason: str) -> Case | None:
    """One person and reason, while it is so; None else."""
    return next(
        (
            case
            for case in cases(group_id)
            if case.volunteer_id == volunteer_id and case.reason == reason
        ),
        None,
    )


def undecided(group_ids: Collection[int]) -> dict[int, int]:
    """By group, how many people wait for a decision, as the last look has found. One statement."""
    if not group_ids:
        return {}
    rows = db.session.execute(
        select(Finding.group_id, func.count(Finding.signup_id.distinct()))
        .where(
            Finding.group_id.in_(list(group_ids)),
            Finding.gone_at.is_(None),
            Finding.keep_until.is_(None),
        )
        .group_by(Finding.group_id)
    )
    return {row[0]: row[1] for row in rows}


def untold(group_id: int) -> Sequence[Finding]:
    """What was found and no manager has been written to about yet."""
    return db.session.scalars(
        select(Finding)
        .where(
            Finding.group_id == group_id,
            Finding.gone_at.is_(None),
            Finding.told_at.is_(None),
            Finding.verdict.is_(None),
        )
        .order_by(Finding.id)
    ).all()
