"""A change is looked at, then applied exactly as it was seen, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from app.accounts import audit
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import making
from app.opportunities.models import Closure, Pattern, Shift
from app.opportunities.references import told_of
from app.opportunities.rules import Occurrence, local_times
from app.opportunities.signals import pattern_passed_on
from app.rota.changing import telling
from app.rota.changing.drafts import Change, Close, Draft, Reopen, ThisAndLater
from app.rota.changing.keeping import Values, kept
from app.rota.changing.models import Kind, RotaChange
from app.rota.changing.rules import Act, Step
from app.rota.changing.telling import Told
from app.signups import cancelling
from app.signups import service as signups
from app.signups.models import Signup, Standing
from app.signups.rows import lock_people

# What a shift that nobody is on any more says when its pattern drops it.
NOT_PLANNED: Final = "This time is no longer planned."


@dataclass(frozen=True)
class Line:
    """What happens to one shift, as the manager is shown it."""

    step: Step
    told: tuple[Told, ...]
    warnings: tuple[str, ...]
    title: str = ""  # of its role, where the change is about several
    people: tuple[str, ...] = ()  # who is on it, where the manager has to decide

    @property
    def digest(self) -> str:
        """Changes whenever anything changes that this line says."""
        return _digest((self.step, self.told, self.warnings, self.people))


@dataclass(frozen=True)
class Plan:
    """A change in full: what happens to which shift, who hears of it and in which words."""

    draft: Draft
    lines: Sequence[Line]
    told: Sequence[Told]
    reason: str

    @property
    def fingerprint(self) -> str:
        """Two plans with the same one do the same and tell the same."""
        said = [line.digest for line in self.lines]
        hidden = [step for step in self.draft.steps if not step.is_seen]
        return _digest((self.draft.summary, said, hidden, self.told, self.reason))

    @property
    def is_empty(self) -> bool:
        """Whether one shift was to be changed, and is what was asked already."""
        return self.draft.kind == Kind.SHIFT and not self.draft.steps

    def number_of(self, *acts: Act) -> int:
        return sum(line.step.act in acts for line in self.lines)


class Differs(Exception):
    """What would happen now is not what was shown: somebody signed up, left or edited since."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("The change is not what was shown.")
        self.plan = plan


def _digest(said: object) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def look(change: Change, along: Collection[int] = (), reason: str = "") -> Plan:
    """What the change would do now; nothing is written.

    `along` are the shifts that the manager takes along though they would stay;
    `reason` is told to those whose shift is cancelled. Raises `Refusal`.
    """
    return _plan(change.draft(along), reason.strip())


def _plan(draft: Draft, reason: str) -> Plan:
    told = telling.who_hears(draft.steps, reason)
    clashes = telling.clashes(told, draft.steps)
    names = telling.names_on(
        [step.shift.id for step in draft.steps if step.shift and step.act == Act.LEAVE and step.may]
    )
    of_shift: dict[int, list[Told]] = {}
    for one in told:
        for shift_id in one.shift_ids:
            of_shift.setdefault(shift_id, []).append(one)
    lines = [
        Line(
            step,
            tuple(of_shift.get(step.shift.id, ()) if step.shift else ()),
            tuple(clashes.get(step.shift.id, ()) if step.shift else ()),
            "" if draft.opportunity else draft.title_of(step),
            tuple(names.get(step.shift.id, ()) if step.shift else ()),
        )
        for step in draft.steps
        if step.is_seen
    ]
    return Plan(draft, lines, told, reason)


def apply(
    change: Change,
    seen: str,
    by_user_id: int | None,
    *,
    along: Collection[int] = (),
    reason: str = "",
) -> RotaChange:
    """Do what was shown, all of it or nothing, tell everybody, and keep what was before.

    `seen` is the fingerprint of the plan that was shown. Raises `Differs` when
    the plan is another by now, `Refusal` for what cannot be.
    """
    with transaction():
        plan = _plan(change.draft(along, lock=True), reason.strip())
        if plan.fingerprint != seen:
            raise Differs(plan)
        if plan.is_empty:
            raise Refusal("Nothing is different from now.")
        return _do(change, plan, by_user_id)


def do(
    change: Change,
    by_user_id: int | None,
    *,
    along: Collection[int] = (),
    reason: str = "",
) -> RotaChange | None:
    """Do a change whose plan nobody looks at, such as one of many by a program.

    Worked out once, under the locks, so that it cannot be another by then. None, and
    nothing written or told, where one shift is what was asked already. Raises `Refusal`.
    """
    with transaction():
        plan = _plan(change.draft(along, lock=True), reason.strip())
        return None if plan.is_empty else _do(change, plan, by_user_id)


def _do(change: Change, plan: Plan, by_user_id: int | None) -> RotaChange:
    draft = plan.draft
    if plan.number_of(Act.CANCEL) and not plan.reason:
        raise Refusal("Say why: everyone who signed up is told.", "reason")
    _hold_waiting(draft.steps)
    record: dict[str, list[Values]] = {"shifts": [], "patterns": [], "closures": []}
    target = _settle(change, draft, record)
    entries = _Entries(draft)
    standings = telling.standings(plan.told)
    # Those that give up their day first: another may be moved to it.
    for gives_up in (True, False):
        for step in draft.steps:
            if step.shift is not None and (step.key is None) is gives_up:
                _change_shift(step, draft.shifts[step.shift.id], target)
        db.session.flush()
    for step in draft.steps:
        if step.act == Act.CANCEL and step.shift is not None:
            cancelling.cancel_shift(step.shift.id, by_user_id, plan.reason, tell=False)
    removed = [step.shift.id for step in draft.steps if step.act == Act.REMOVE and step.shift]
    told_elsewhere = told_of(removed)
    for shift_id in removed:
        if shift_id in told_elsewhere:
            why = plan.reason or NOT_PLANNED
            cancelling.cancel_shift(shift_id, by_user_id, why, tell=False)
        else:
            db.session.delete(draft.shifts[shift_id])
    db.session.flush()
    record["shifts"] = entries.ended(standings) + _add(draft.steps, target)
    done = RotaChange(
        group_id=draft.group_id,
        opportunity_id=draft.opportunity.id if draft.opportunity else None,
        kind=draft.kind,
        summary=draft.summary,
        reason=plan.reason[:300],
        by_user_id=by_user_id,
        record=record,
    )
    db.session.add(done)
    db.session.flush()
    telling.tell(plan.told, f"rota-change:{done.id}")
    for step in draft.steps:
        if step.adds_places and step.shift is not None:
            signups.promote(step.shift.id)
    audit.record("changed rota", subject=done, group_id=draft.group_id, actor_id=by_user_id)
    return done


def _hold_waiting(steps: Sequence[Step]) -> None:
    """Lock all who may get a place, once: shift by shift each queue has an order of its own."""
    more = [step.shift.id for step in steps if step.adds_places and step.shift is not None]
    if more:
        waiting = select(Signup.volunteer_id).where(
            Signup.shift_id.in_(more), Signup.standing == Standing.WAITING
        )
        lock_people(db.session.scalars(waiting).all())


class _Entries:
    """The record of the shifts: as they were when this was made, and as they ended."""

    def __init__(self, draft: Draft) -> None:
        self._shifts = draft.shifts
        self._before = {number: kept(shift) for number, shift in draft.shifts.items()}

    def ended(self, standings: dict[int, list[list[Any]]]) -> list[Values]:
        entries: list[Values] = []
        for number, before in self._before.items():
            shift = db.session.get(Shift, number, populate_existing=True)
            after = kept(shift) if shift else None
            if after != before:
                entry: Values = {"id": number, "before": before, "after": after}
                if after and after["stage"] != before["stage"]:
                    entry["ended"] = standings.get(number, [])
                entries.append(entry)
        return entries


def _change_shift(step: Step, shift: Shift, target: Pattern | None) -> None:
    if target is not None:
        shift.pattern_id = None if step.leaves_pattern else target.id
        shift.occurrence_day = step.key
    elif step.leaves_pattern:
        shift.pattern_id = None
    if step.act != Act.CHANGE or step.after is None:
        return
    if step.moves:
        shift.starts_at, shift.ends_at = step.after.starts_at, step.after.ends_at
        shift.times = local_times(shift.starts_at, shift.ends_at, shift.site.zone)
        shift.revision += 1
    shift.places, shift.minimum = step.after.places, step.after.minimum
    shift.version += 1


def _add(steps: Sequence[Step], target: Pattern | None) -> list[Values]:
    """Make the new shifts of each pattern; their record."""
    entries: list[Values] = []
    by_pattern: dict[int, list[Occurrence]] = {}
    for step in steps:
        if step.act == Act.ADD and step.after is not None and step.key is not None:
            pattern_id = step.pattern_id or (target.id if target else 0)
            occurrence = Occurrence(step.key, step.after.starts_at, step.after.ends_at)
            by_pattern.setdefault(pattern_id, []).append(occurrence)
    for pattern_id, occurrences in by_pattern.items():
        for shift in making.make(db.session.get_one(Pattern, pattern_id), occurrences):
            entries.append({"id": shift.id, "before": None, "after": kept(shift)})
    return entries


def _settle(change: Change, draft: Draft, record: dict[str, list[Values]]) -> Pattern | None:
    """Write what is behind the shifts: the patterns, the closure. The pattern that goes on."""
    if isinstance(change, ThisAndLater):
        return _settle_pattern(change, draft, record["patterns"])
    if isinstance(change, Close):
        closure = Closure(
            group_id=change.group_id,
            site_id=change.site_id,
            name=change.name,
            first_day=change.first_day,
            last_day=change.last_day,
        )
        db.session.add(closure)
        db.session.flush()
        record["closures"].append({"id": closure.id, "before": None, "after": kept(closure)})
    if isinstance(change, Reopen):
        gone: Closure = draft.details["closure"]
        record["closures"].append({"id": gone.id, "before": kept(gone), "after": None})
        db.session.delete(gone)
        db.session.flush()
    return None


def _settle_pattern(change: ThisAndLater, draft: Draft, record: list[Values]) -> Pattern:
    pattern: Pattern = draft.details["pattern"]
    said, details = change.values, draft.details
    before = kept(pattern)
    day_before = details["from_day"] - timedelta(days=1)
    target = pattern
    if details["ends"]:
        pattern.last_day = day_before
    elif details["has_past"]:
        pattern.last_day = day_before
        target = Pattern(
            opportunity_id=pattern.opportunity_id,
            opportunity=pattern.opportunity,
            series=pattern.series,
            team=pattern.team,
        )
        db.session.add(target)
    pattern.version += 1
    if not details["ends"]:
        target.rule = said.rule
        target.starts, target.ends = said.starts, said.ends
        target.first_day, target.last_day = details["first_day"], said.last_day
        target.skipped_days = [day.isoformat() for day in details["skipped"]]
        target.works_on_holidays = said.works_on_holidays
        target.places, target.minimum = said.places, said.minimum
    db.session.flush()
    record.append({"id": pattern.id, "before": before, "after": kept(pattern)})
    if target is not pattern:
        record.append({"id": target.id, "before": None, "after": kept(target)})
        pattern_passed_on.send(pattern.id, to=target.id)
    return target
