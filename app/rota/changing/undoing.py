"""Undo within the hour: what is unchanged since is put back, and the rest is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import slots
from app.opportunities.models import Closure, Opportunity, Pattern, Shift, Stage
from app.opportunities.references import told_of
from app.opportunities.signals import pattern_passed_on, shifts_made
from app.rota.changing import rules, telling_again
from app.rota.changing.days import days_back
from app.rota.changing.keeping import Values, kept, read
from app.rota.changing.models import RotaChange
from app.signups.models import HOLDING, LIVE, Signup, Standing, Way
from app.signups.rows import lock_people, locked, note
from app.signups.signals import places_changed
from app.web.filters import plural, spoken_when

CANCELLED_SINCE: Final = "its role was cancelled since"


def can_be_undone(change: RotaChange) -> bool:
    """Whether its hour has not passed and nobody has undone it."""
    return change.undone_at is None and clock.now() - change.created_at < rules.UNDO_WITHIN


def undo(group_id: int, change_id: int, by_user_id: int | None) -> RotaChange:
    """Put back what is unchanged since, tell the people again, and note what could not be.

    `RotaChange.left_over` says the latter. Raises `Refusal` when the hour has
    passed, when it was undone before, or while a later change of the same
    pattern stands on it.
    """
    with transaction():
        change = db.session.scalar(
            select(RotaChange)
            .where(RotaChange.id == change_id, RotaChange.group_id == group_id)
            .with_for_update(of=RotaChange)
            .execution_options(populate_existing=True)
        )
        if change is None:
            raise NotFound
        if change.undone_at is not None:
            raise Refusal("This was undone already.")
        if not can_be_undone(change):
            raise Refusal("This was more than an hour ago, so it cannot be undone any more.")
        _must_be_last(change)
        left_over = _Undoing(change, by_user_id).run()
        change.undone_at, change.undone_by_id = clock.now(), by_user_id
        change.left_over = left_over
        audit.record("undid change of rota", subject=change, group_id=group_id, actor_id=by_user_id)
        return change


def _must_be_last(change: RotaChange) -> None:
    patterns = {entry["id"] for entry in change.record["patterns"]}
    if not patterns:
        return
    later = db.session.scalars(
        select(RotaChange).where(
            RotaChange.group_id == change.group_id,
            RotaChange.id > change.id,
            RotaChange.undone_at.is_(None),
        )
    )
    if any(patterns & {entry["id"] for entry in one.record["patterns"]} for one in later):
        raise Refusal("The same shifts were changed again after this. Undo the later change first.")


@dataclass
class _Undoing:
    change: RotaChange
    by_user_id: int | None
    left_over: list[str] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)  # shifts that have their old time again
    back: list[Signup] = field(default_factory=list)  # people who have their place again
    freed: list[int] = field(default_factory=list)
    made: list[int] = field(default_factory=list)
    # The sign-ups that ended with the change, by number; their people are locked.
    ended: dict[int, Signup] = field(default_factory=dict)

    def run(self) -> list[str]:
        record = self.change.record
        patterns = self._lock_patterns(record["patterns"])
        entries = record["shifts"]
        self._closures(record["closures"])
        held = {shift.id: shift for shift in locked([entry["id"] for entry in entries])}
        self._hold_people(entries)
        new = [entry["id"] for entry in entries if entry["before"] is None]
        kept_by_others = told_of(new)
        for entry in entries:
            shift = held.get(entry["id"])
            if entry["before"] is None:
                self._unmake(entry, shift, entry["id"] in kept_by_others)
        db.session.flush()
        changed = [
            (entry, held[entry["id"]])
            for entry in entries
            # A database may give the number of a deleted row to the next one.
            if entry["before"] is not None and entry["after"] is not None and entry["id"] in held
        ]
        days_back(changed)
        for entry, shift in changed:
            self._put_back(entry, shift)
        db.session.flush()
        self._restore_patterns(record["patterns"], patterns)
        for entry in entries:
            if entry["after"] is None and entry["before"] is not None:
                self._make_again(entry["before"])
        db.session.flush()
        if self.made:
            shifts_made.send(self.made)
        self._tell()
        return self.left_over

    # Behind the shifts.

    def _lock_patterns(self, entries: list[Values]) -> dict[int, Pattern]:
        ids = sorted(entry["id"] for entry in entries)
        found = db.session.scalars(
            select(Pattern)
            .where(Pattern.id.in_(ids))
            .order_by(Pattern.id)
            .with_for_update(of=Pattern)
            .execution_options(populate_existing=True)
        )
        return {pattern.id: pattern for pattern in found}

    def _restore_patterns(self, entries: list[Values], held: dict[int, Pattern]) -> None:
        old = [entry for entry in entries if entry["before"] is not None]
        for entry in old:
            pattern = held.get(entry["id"])
            if pattern is None:
                self.left_over.append("The pattern does not exist any more.")
                continue
            version, skipped = pattern.version, set(pattern.skipped_days)
            deleted = skipped - set(entry["after"]["skipped_days"])
            for name, value in read(Pattern, entry["before"]).items():
                setattr(pattern, name, value)
            # A shift that a manager deleted since stays away.
            pattern.skipped_days = sorted({*pattern.skipped_days, *deleted})
            pattern.version = version + 1
            for other in entries:
                gone = held.get(other["id"])
                if other["before"] is None and gone is not None:
                    late = set(gone.skipped_days) - set(other["after"]["skipped_days"])
                    pattern.skipped_days = sorted({*pattern.skipped_days, *late})
                    self._merge(gone, pattern)
        db.session.flush()

    def _merge(self, gone: Pattern, into: Pattern) -> None:
        """A pattern that the change made goes; what it made by itself since goes with it."""
        rest = db.session.scalars(select(Shift).where(Shift.pattern_id == gone.id)).all()
        known = told_of([shift.id for shift in rest])
        for shift in rest:
            if shift.id in known:
                shift.pattern_id = None
                self._leave(shift, "it has been made since and people are on it")
            else:
                db.session.delete(shift)
        db.session.flush()
        pattern_passed_on.send(gone.id, to=into.id)
        db.session.delete(gone)
        db.session.flush()

    def _closures(self, entries: list[Values]) -> None:
        for entry in entries:
            closure = db.session.get(Closure, entry["id"])
            if entry["before"] is None and closure is not None:
                db.session.delete(closure)
            elif entry["after"] is None and closure is None:
                db.session.add(Closure(**read(Closure, entry["before"])))
        db.session.flush()

    # The shifts.

    def _hold_people(self, entries: list[Values]) -> None:
        """Lock whoever may get a place again: they could take one elsewhere at this moment."""
        numbers = [number for entry in entries for number, _ in entry.get("ended", [])]
        if not numbers:
            return
        lock_people(
            db.session.scalars(select(Signup.volunteer_id).where(Signup.id.in_(numbers))).all()
        )
        ended = db.session.scalars(
            select(Signup)
            .where(Signup.id.in_(numbers))
            .options(joinedload(Signup.volunteer))
            .execution_options(populate_existing=True)
        )
        self.ended = {signup.id: signup for signup in ended}

    def _unmake(self, entry: Values, shift: Shift | None, is_kept: bool) -> None:
        if shift is None:
            return
        if is_kept or _is_changed(shift, entry["after"]):
            shift.pattern_id = None
            why = "people have signed up to it" if is_kept else "it was changed since"
            self._leave(shift, why)
            return
        db.session.delete(shift)

    def _put_back(self, entry: Values, shift: Shift) -> None:
        before, after = read(Shift, entry["before"]), read(Shift, entry["after"])
        # Whose occurrence it is goes back in any case: the pattern does.
        if before["pattern_id"] != after["pattern_id"] == shift.pattern_id:
            shift.pattern_id = before["pattern_id"]
        if _same(before, after):
            return
        if _is_changed(shift, entry["after"]):
            self._leave(shift, "it was changed again since")
            return
        if before["starts_at"] <= clock.now():
            self._leave(shift, "its time before has passed")
            return
        if before["stage"] != after["stage"] and shift.opportunity.stage == Stage.CANCELLED:
            self._leave(shift, CANCELLED_SINCE)
            return
        moved = (before["starts_at"], before["ends_at"]) != (after["starts_at"], after["ends_at"])
        revived = before["stage"] != after["stage"]
        places = max(before["places"], shift.taken)
        if places != before["places"]:
            self._leave(shift, f"{plural(places, 'person has', 'people have')} a place by now, "
                               f"so it keeps {plural(places, 'place')}")  # fmt: skip
        for name in ("starts_at", "ends_at", "times", "minimum", "cancel_reason"):
            setattr(shift, name, before[name])
        if revived:  # its role may have been published or closed meanwhile
            shift.stage = shift.opportunity.stage
        if not slots.of_shift(shift.id):
            shift.places = places
        shift.version += 1
        if moved or revived:
            shift.revision += 1
        db.session.flush()
        if moved and not revived:
            self._ask_again(shift, before["revision"], after["revision"])
        if revived:
            self._revive(shift, entry.get("ended", []))

    def _ask_again(self, shift: Shift, agreed: int, moved_to: int) -> None:
        """Who had not taken the new time has agreed to the old one; the others are asked."""
        self.moved.append(shift.id)
        for signup in _live(shift.id):
            if agreed <= signup.agreed_revision < moved_to:
                signup.agreed_revision = shift.revision

    def _revive(self, shift: Shift, ended: list[list[Any]]) -> None:
        """The shift is on after all: who was on it has the place again, if they still can."""
        self.freed.append(shift.id)
        for number, standing in ended:
            signup = self.ended.get(number)
            if signup is None or signup.standing != Standing.CANCELLED:
                self._leave(shift, "somebody who was on it is not any more")
                continue
            if signup.volunteer.erased_at is not None:
                self._leave(shift, "somebody who was on it is not known to us any more")
                continue
            if _is_live_there(signup) or _is_busy(signup, shift):
                self._leave(shift, "somebody who was on it has another place at that time by now")
                continue
            before = signup.standing
            # An offer is not made twice: who was offered a place waits in their old turn.
            now = Standing(standing)
            signup.standing = Standing.WAITING if now == Standing.OFFERED else now
            signup.ended_at, signup.reason = None, ""
            signup.agreed_revision = shift.revision
            db.session.flush()
            note(signup, before, Way.MANAGER, self.by_user_id)
            self.back.append(signup)

    def _make_again(self, before: Values) -> None:
        """A shift that nobody was on and that was deleted; it gets another number."""
        values = read(Shift, before)
        if values["starts_at"] <= clock.now():
            self.left_over.append(f"{_when(values)}: its time has passed.")
            return
        role = db.session.get(Opportunity, values["opportunity_id"], populate_existing=True)
        if role is None or role.stage == Stage.CANCELLED:
            self.left_over.append(f"{_when(values)}: {CANCELLED_SINCE}.")
            return
        taken = select(Shift.id).where(
            Shift.series == values["series"],
            Shift.occurrence_day == values["occurrence_day"],
            Shift.series.is_not(None),
        )
        if db.session.scalar(taken) is not None:
            return  # the daily task was quicker
        pattern = db.session.get(Pattern, values["pattern_id"] or 0)
        values["version"] += 1
        if values["stage"] != Stage.CANCELLED:
            values["stage"] = role.stage
        shift = Shift(**values)
        db.session.add(shift)
        db.session.flush()
        if pattern is not None:
            slots.give(shift, slots.team_of(pattern))
        if shift.pattern_id is not None:
            self.made.append(shift.id)

    def _leave(self, shift: Shift, why: str) -> None:
        sentence = f"{_when_of(shift)}: {why}."
        if sentence not in self.left_over:
            self.left_over.append(sentence)

    def _tell(self) -> None:
        moved = [signup for shift_id in self.moved for signup in _live(shift_id)]
        telling_again.tell(moved, self.back, f"rota-undo:{self.change.id}")
        for shift_id in self.freed:
            places_changed.send(shift_id)


# Which occurrence a shift is, and how often it was changed: of neither does it tell people.
_BEHIND: Final = {"pattern_id", "series", "occurrence_day", "version", "revision"}


def _same(before: Values, after: Values) -> bool:
    """Whether the change did nothing to the shift that anybody could see."""
    return {name for name in before if before[name] != after[name]} <= _BEHIND


def _is_changed(shift: Shift, after: Values) -> bool:
    """Whether the shift is not as the change left it; changed and changed back is unchanged."""
    now = kept(shift)
    return any(now[name] != after[name] for name in now.keys() - _BEHIND)


def _live(shift_id: int) -> list[Signup]:
    return list(
        db.session.scalars(
            select(Signup)
            .where(Signup.shift_id == shift_id, Signup.standing.in_(LIVE))
            .order_by(Signup.id)
        )
    )


def _is_live_there(signup: Signup) -> bool:
    """Whether the volunteer has come back to the same shift by themselves."""
    query = select(Signup.id).where(
        Signup.shift_id == signup.shift_id,
        Signup.volunteer_id == signup.volunteer_id,
        Signup.standing.in_(LIVE),
    )
    return db.session.scalar(query.limit(1)) is not None


def _is_busy(signup: Signup, shift: Shift) -> bool:
    query = (
        select(Signup.id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.volunteer_id == signup.volunteer_id,
            Signup.standing.in_(HOLDING),
            Signup.shift_id != shift.id,
            Shift.stage != Stage.CANCELLED,
            Shift.starts_at < shift.ends_at,
            Shift.ends_at > shift.starts_at,
        )
    )
    return db.session.scalar(query.limit(1)) is not None


def _when_of(shift: Shift) -> str:
    return spoken_when(shift.starts_at, shift.ends_at, shift.site.zone)


def _when(values: Values) -> str:
    zone = current_app.config["TIMEZONE"]
    return spoken_when(values["starts_at"], values["ends_at"], zone)
