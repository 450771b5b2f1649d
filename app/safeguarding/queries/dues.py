"""Checks and training of a group's people: what is due when. Of own people, where a role asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from app.foundation.extensions import db
from app.groups.models import Group
from app.safeguarding.queries import roles
from app.safeguarding.queries.roles import Asked
from app.safeguarding.rules import dues as rules
from app.safeguarding.rules.dues import State
from app.signups.rules import Held
from app.volunteers.models import DbsCheck, GroupVolunteer, TrainingRecord, Volunteer
from app.volunteers.queries import today
from app.volunteers.vocabulary import DbsLevel, Training, Workforce


@dataclass(frozen=True)
class Due:
    """One paper of one person, as a group counts it."""

    volunteer_id: int
    name: str
    is_check: bool
    what: str  # "Enhanced DBS check, child workforce"
    key: str  # the same in words for machines, to know a warning again
    last_day: date | None  # the last day it holds; None for no end or none seen
    state: State
    is_asked: bool  # a role asks for it; else the group has noted it, and that is all
    next_at: datetime | None  # their next shift of a role that asks for something


@dataclass(frozen=True)
class _Papers:
    checks: dict[int, list[Held]]
    own_checks: dict[int, list[Held]]  # those that the group itself has noted
    trainings: dict[int, list[tuple[Training, date | None]]]
    own_trainings: dict[int, Training]


def due(group: Group) -> list[Due]:
    """Each paper that a role of the group asks for, or that it has noted; four statements.

    What is missing or over comes first, then by the last good day.
    """
    asked = roles.asked(group.id)
    papers = _papers(group.id, asked)
    people = {*asked, *papers.own_checks, *papers.own_trainings}
    names = _names(group.id, people)
    day = today()
    found: list[Due] = []
    for volunteer_id, name in names.items():
        one = asked.get(volunteer_id, Asked())
        found += _checks(group, volunteer_id, name, one, papers, day)
        found += _trainings(volunteer_id, name, one, papers, day)
    order = list(State)
    found.sort(
        key=lambda d: (order.index(d.state), d.last_day or date.max, d.name.casefold(), d.key)
    )
    return found


def _papers(group_id: int, asked: Collection[int]) -> _Papers:
    papers = _Papers({}, {}, {}, {})
    for volunteer_id, level, workforce, issued_on, by in db.session.execute(
        select(
            DbsCheck.volunteer_id,
            DbsCheck.level,
            DbsCheck.workforce,
            DbsCheck.issued_on,
            DbsCheck.group_id,
        ).where(
            or_(
                DbsCheck.group_id == group_id,
                DbsCheck.volunteer_id.in_(sorted(asked)),
            )
        )
    ):
        held = Held(level, workforce, issued_on)
        papers.checks.setdefault(volunteer_id, []).append(held)
        if by == group_id:
            papers.own_checks.setdefault(volunteer_id, []).append(held)
    for volunteer_id, training, until, by in db.session.execute(
        select(
            TrainingRecord.volunteer_id,
            TrainingRecord.training,
            TrainingRecord.valid_until,
            TrainingRecord.group_id,
        ).where(
            or_(
                TrainingRecord.group_id == group_id,
                TrainingRecord.volunteer_id.in_(sorted(asked)),
            )
        )
    ):
        papers.trainings.setdefault(volunteer_id, []).append((training, until))
        if by == group_id:
            own = papers.own_trainings.get(volunteer_id, Training(0))
            papers.own_trainings[volunteer_id] = own | training
    return papers


def _names(group_id: int, people: Iterable[int]) -> dict[int, str]:
    wanted = set(people)
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name)
        .join(GroupVolunteer, GroupVolunteer.volunteer_id == Volunteer.id)
        .where(
            GroupVolunteer.group_id == group_id,
            GroupVolunteer.sees_profile,
            Volunteer.erased_at.is_(None),
        )
    )
    return {volunteer_id: name for volunteer_id, name in rows if volunteer_id in wanted}


def check_words(level: DbsLevel, workforce: Workforce | None) -> str:
    """ "Enhanced DBS check, child workforce"."""
    if level == DbsLevel.ENHANCED_BARRED:
        words = "Enhanced DBS check with barred list"
    else:
        words = f"{level.label} DBS check"
    if workforce is None or level == DbsLevel.BASIC:
        return words
    return f"{words}, {workforce.label.lower()}"


def _checks(
    group: Group, volunteer_id: int, name: str, one: Asked, papers: _Papers, day: date
) -> list[Due]:
    held = papers.checks.get(volunteer_id, [])
    demands: list[tuple[DbsLevel, Workforce | None]] = sorted(
        one.checks, key=lambda each: (-each[0].rank, each[1] or "")
    )
    is_asked = bool(demands)
    if not demands:
        noted = rules.highest(papers.own_checks.get(volunteer_id, []))
        demands = [(noted.level, noted.workforce)] if noted else []
    found = []
    for level, workforce in demands:
        good = rules.best(held, level, workforce)
        last = rules.last_good_day(good.issued_on, group.recheck_months) if good else None
        state = rules.state_of(last, day) if good else State.MISSING
        found.append(
            Due(
                volunteer_id,
                name,
                True,
                check_words(level, workforce),
                f"check-{level.value}-{workforce.value if workforce else 'any'}",
                last,
                state,
                is_asked,
                one.next_at,
            )
        )
    return found


def _trainings(volunteer_id: int, name: str, one: Asked, papers: _Papers, day: date) -> list[Due]:
    found = []
    own = papers.own_trainings.get(volunteer_id, Training(0))
    for training in one.trainings | own:
        ends = [until for what, until in papers.trainings.get(volunteer_id, []) if what & training]
        endless = None in ends
        last = None if endless or not ends else max(until for until in ends if until is not None)
        state = rules.state_of(last, day) if ends else State.MISSING
        found.append(
            Due(
                volunteer_id,
                name,
                False,
                training.label,
                f"training-{int(training)}",
                last,
                state,
                bool(one.trainings & training),
                one.next_at,
            )
        )
    return found
