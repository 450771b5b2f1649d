"""Random patterns, changes, closures and people: the shifts are those of an independent model.

And nobody's place disappears without a row that says who did it and why.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities import making as daily
from app.opportunities import service as opportunities
from app.opportunities.models import Closure, Pattern, Shift, Stage
from app.opportunities.rules import Repeat
from app.rota.changing import service, undoing
from app.rota.changing.drafts import (
    Close,
    OneShift,
    PatternValues,
    Reopen,
    ShiftValues,
    ThisAndLater,
    values_of_shift,
)
from app.rota.changing.models import RotaChange
from app.signups import cancelling
from app.signups import changes as signup_changes
from app.signups import service as signups
from app.signups.models import LIVE, Signup, SignupEvent, Standing, Way
from tests import factories as make
from tests.rota.model import LONDON, Beat, Key, Model, Series, Turn

# Before both changes of the clock, and before years end, one of them before a leap year.
BEGINNINGS = [
    datetime(2026, 3, 2, 9, tzinfo=UTC),
    datetime(2026, 9, 28, 8, tzinfo=UTC),
    datetime(2027, 11, 3, 13, tzinfo=UTC),
]
beats = st.builds(
    Beat,
    st.sets(st.integers(0, 6), min_size=1, max_size=3).map(lambda days: tuple(sorted(days))),
    st.sampled_from([1, 1, 2, 3]),
    st.sampled_from([None, None, None, 1, 3, -1]),
)
hours = st.sampled_from([(9, 11), (10, 12), (14, 17), (22, 2)])
index = st.integers(0, 10**6)


class Rota(RuleBasedStateMachine):
    """One role of one group, and a manager who is never content."""

    @initialize(begin=st.sampled_from(BEGINNINGS))
    def start(self, begin: datetime) -> None:
        self.model = Model(begin)
        self.stopped = clock.stopped_at(begin)
        self.stopped.__enter__()
        db.session.rollback()
        role = make.opportunity()
        self.group_id, self.role_id = role.group_id, role.id
        self.boss = make.user().id
        self.people = [make.volunteer(email=None).id for _ in range(4)]
        self.signed: dict[int, int] = {}  # sign-ups that ever were: number, whose
        self.last: tuple[int, Model] | None = None  # what can be undone, and what was before

    def teardown(self) -> None:
        if hasattr(self, "stopped"):
            self.stopped.__exit__(None, None, None)

    # What happens.

    @precondition(lambda self: len(self.model.patterns) < 3)
    @rule(
        beat=beats,
        at=hours,
        ahead=st.integers(-10, 20),
        weeks=st.sampled_from([None, None, 1, 6, 60]),
        works=st.booleans(),
        places=st.integers(1, 3),
    )
    def repeat(
        self,
        beat: Beat,
        at: tuple[int, int],
        ahead: int,
        weeks: int | None,
        works: bool,
        places: int,
    ) -> None:
        first = self.model.now.date() + timedelta(days=ahead)
        last = None if weeks is None else first + timedelta(weeks=weeks)
        starts, ends = time(at[0]), time(at[1])
        asked = Repeat(
            rule=beat.rrule(),
            starts=starts,
            ends=ends,
            first_day=first,
            last_day=last,
            works_on_holidays=works,
        )
        try:
            pattern, _ = opportunities.add_pattern(
                self.group_id, self.role_id, asked, places=places, minimum=1
            )
        except Refusal:
            return  # no day fits
        self.model.patterns.append(
            Series(pattern.series, beat, starts, ends, first, last, works, places, 1)
        )
        self.model.extend()
        self.last = None

    @precondition(lambda self: self.coming())
    @rule(
        number=index,
        everything=st.booleans(),
        beat=st.one_of(st.none(), beats),
        at=st.one_of(st.none(), hours),
        places=st.integers(1, 3),
        works=st.booleans(),
        until=st.sampled_from(["as it is", "as it is", "open", "soon", "now"]),
        ticked=st.integers(0, 2**16),
    )
    def change(
        self,
        number: int,
        everything: bool,
        beat: Beat | None,
        at: tuple[int, int] | None,
        places: int,
        works: bool,
        until: str,
        ticked: int,
    ) -> None:
        of_pattern = [key for key in self.coming() if self.model.turns[key].of is not None]
        if not of_pattern:
            return
        key = of_pattern[number % len(of_pattern)]
        of = self.model.turns[key].of
        assert of is not None
        since = None if everything else key[1]
        if everything and self.model.next_day(of) is None:
            return
        begins = since or self.model.next_day(of)
        assert begins is not None
        last = {
            "as it is": of.last,
            "open": None,
            "soon": begins + timedelta(weeks=5),
            "now": begins - timedelta(days=1),
        }[until]
        said = {
            "beat": beat or of.beat,
            "starts": time(at[0]) if at else of.starts,
            "ends": time(at[1]) if at else of.ends,
            "last": last,
            "works_on_holidays": works,
            "places": places,
            "minimum": 1,
        }
        row = db.session.get_one(Pattern, self.row_of(key).pattern_id)
        asked = ThisAndLater(
            group_id=self.group_id,
            pattern_id=row.id,
            from_day=since,
            version=row.version,
            values=PatternValues(
                rule=said["beat"].rrule(),
                starts=said["starts"],
                ends=said["ends"],
                last_day=last,
                works_on_holidays=works,
                places=places,
                minimum=1,
            ),
        )
        along = self.chosen(asked, ticked)
        before = self.model.snapshot()
        done = self.apply(asked, along)
        self.model.change(of, since, along.values(), **said)
        self.last = (done.id, before)

    @precondition(lambda self: self.coming())
    @rule(number=index, days=st.integers(-2, 2), at=hours, places=st.integers(1, 4))
    def change_one(self, number: int, days: int, at: tuple[int, int], places: int) -> None:
        key = self.pick(number)
        shift, turn = self.row_of(key), self.model.turns[key]
        values = ShiftValues(
            day=values_of_shift(shift).day + timedelta(days=days),
            starts=time(at[0]),
            ends=time(at[1]),
            places=places,
            minimum=1,
        )
        asked = OneShift(
            group_id=self.group_id, shift_id=shift.id, values=values, version=shift.version
        )
        before = self.model.snapshot()
        try:
            done = self.apply(asked, {})
        except Refusal:
            in_the_past = datetime.combine(values.day, values.starts, LONDON) <= self.model.now
            nothing_new = values == values_of_shift(shift)
            assert in_the_past or places < len(turn.people) or nothing_new
            return
        turn.starts_at = datetime.combine(values.day, values.starts, LONDON).astimezone(UTC)
        over_night = timedelta(days=1 if values.ends <= values.starts else 0)
        turn.ends_at = datetime.combine(values.day + over_night, values.ends, LONDON).astimezone(
            UTC
        )
        turn.places = places
        self.last = (done.id, before)

    @precondition(lambda self: self.coming() and len(self.model.closures) < 2)
    @rule(number=index, length=st.integers(0, 9), ticked=st.integers(0, 2**16))
    def close(self, number: int, length: int, ticked: int) -> None:
        turn = self.model.turns[self.pick(number)]
        first = turn.starts_at.astimezone(LONDON).date()
        last = first + timedelta(days=length)
        asked = Close(
            group_id=self.group_id, site_id=None, name="Boiler", first_day=first, last_day=last
        )
        along = self.chosen(asked, ticked)
        before = self.model.snapshot()
        done = self.apply(asked, along)
        closure = db.session.scalars(select(Closure.id).order_by(Closure.id.desc())).first()
        self.model.close(closure or 0, first, last, along.values())
        self.last = (done.id, before)

    @precondition(lambda self: self.model.closures)
    @rule(number=index)
    def reopen(self, number: int) -> None:
        closure = sorted(self.model.closures)[number % len(self.model.closures)]
        before = self.model.snapshot()
        done = self.apply(Reopen(group_id=self.group_id, closure_id=closure), {})
        self.model.reopen(closure)
        self.last = (done.id, before)

    @precondition(lambda self: self.last is not None)
    @rule()
    def undo(self) -> None:
        assert self.last is not None
        change_id, before = self.last
        undone = undoing.undo(self.group_id, change_id, self.boss)
        stayed = self.model
        self.model, self.last = before, None
        for key, turn in self.model.turns.items():
            # What anybody ever signed up to is so still.
            turn.was_signed_up_to |= key in stayed.turns and stayed.turns[key].was_signed_up_to
        closures = db.session.scalars(select(Closure).where(Closure.group_id == self.group_id))
        self.model.closures = {one.id: (one.first_day, one.last_day) for one in closures}
        assert Counter(self.model.closures.values()) == Counter(before.closures.values())
        if undone.left_over:
            self.forgive()

    def forgive(self) -> None:
        """Whoever has another place at the time by now has not got the old one back."""
        rows = {(row.series, row.occurrence_day): row for row in self.rows()}
        for key, turn in self.model.turns.items():
            there = self.live_on(rows[key].id)
            for missing in turn.people - there:
                assert any(
                    missing in other.people
                    and other is not turn
                    and other.starts_at < turn.ends_at
                    and other.ends_at > turn.starts_at
                    for other in self.model.turns.values()
                )
            turn.people &= there

    @precondition(lambda self: self.coming())
    @rule(number=index, who=st.integers(0, 3))
    def sign_up(self, number: int, who: int) -> None:
        key = self.pick(number)
        turn = self.model.turns[key]
        person = self.people[who]
        if len(turn.people) >= turn.places or person in turn.people:
            return
        try:
            signup = signups.claim(self.row_of(key).id, person, way=Way.WEB)
        except Refusal:
            return  # has another place then
        assert signup.standing == Standing.CONFIRMED
        turn.people.add(person)
        turn.was_signed_up_to = True
        self.signed[signup.id] = person
        self.last = None

    @precondition(lambda self: any(self.model.turns[key].people for key in self.coming()))
    @rule(number=index)
    def withdraw(self, number: int) -> None:
        keys = [key for key in self.coming() if self.model.turns[key].people]
        key = keys[number % len(keys)]
        person = min(self.model.turns[key].people)
        signups.withdraw(self.row_of(key).id, person, way=Way.WEB, reason="Ill")
        self.model.turns[key].people.discard(person)
        self.last = None

    @precondition(lambda self: self.coming())
    @rule(number=index)
    def cancel(self, number: int) -> None:
        key = self.pick(number)
        cancelling.cancel_shift(self.row_of(key).id, self.boss, "No heating")
        turn = self.model.turns[key]
        turn.is_cancelled, turn.people = True, set()
        self.last = None

    @precondition(lambda self: self.coming())
    @rule(number=index)
    def delete(self, number: int) -> None:
        key = self.pick(number)
        turn = self.model.turns[key]
        try:
            signup_changes.delete_shift(self.group_id, self.row_of(key).id)
        except Refusal:
            assert turn.was_signed_up_to
            return
        if turn.of is not None:
            turn.of.skipped.add(key[1])
        del self.model.turns[key]
        self.last = None

    @rule(days=st.integers(1, 20))
    def time_goes_on(self, days: int) -> None:
        self.stopped.__exit__(None, None, None)
        self.model.now += timedelta(days=days)
        self.stopped = clock.stopped_at(self.model.now)
        self.stopped.__enter__()
        daily.extend_patterns()
        self.model.extend()
        self.last = None

    # What must hold after each step.

    @invariant()
    def the_shifts_are_those_of_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        db.session.rollback()
        rows = self.rows()
        found = {
            (row.series, row.occurrence_day): _as_it_is(row)
            for row in rows
            if row.occurrence_day is not None
        }
        assert found == {key: _as_it_should_be(turn) for key, turn in self.model.turns.items()}
        keyless = [_as_it_is(row) for row in rows if row.occurrence_day is None]
        assert sorted(keyless) == sorted(map(_as_it_should_be, self.model.gave_way))

    @invariant()
    def nobodys_place_is_gone_without_a_row_that_says_who_and_why(self) -> None:
        if not hasattr(self, "model"):
            return
        rows = {
            row.id: row
            for row in db.session.scalars(
                select(Signup).where(Signup.volunteer_id.in_(self.people))
            )
        }
        assert rows.keys() == self.signed.keys()  # none is ever deleted
        holders = Counter((turn_id, person) for turn_id, person in self.holders() for _ in range(1))
        live = Counter(
            (row.shift_id, row.volunteer_id) for row in rows.values() if row.standing in LIVE
        )
        assert live == holders
        for row in rows.values():
            if row.standing in LIVE:
                continue
            event = db.session.scalars(
                select(SignupEvent)
                .where(SignupEvent.signup_id == row.id)
                .order_by(SignupEvent.id.desc())
            ).first()
            assert event is not None
            assert event.after == row.standing
            assert event.reason
            if row.standing == Standing.CANCELLED:
                assert event.by_user_id == self.boss
            else:
                assert (row.standing, event.way) == (Standing.WITHDRAWN, Way.WEB)

    # How the two are looked at.

    def rows(self) -> list[Shift]:
        query = select(Shift).where(Shift.opportunity_id == self.role_id)
        return list(db.session.scalars(query))

    def row_of(self, key: Key) -> Shift:
        return db.session.scalars(
            select(Shift).where(Shift.series == key[0], Shift.occurrence_day == key[1])
        ).one()

    def live_on(self, shift_id: int) -> set[int]:
        query = select(Signup.volunteer_id).where(
            Signup.shift_id == shift_id, Signup.standing.in_(LIVE)
        )
        return set(db.session.scalars(query))

    def holders(self) -> list[tuple[int, int]]:
        ids = {(row.series, row.occurrence_day): row.id for row in self.rows()}
        return [
            (ids[key], person) for key, turn in self.model.turns.items() for person in turn.people
        ]

    def coming(self) -> list[Key]:
        if not hasattr(self, "model"):
            return []
        return sorted(
            key
            for key, turn in self.model.turns.items()
            if turn.starts_at > self.model.now and not turn.is_cancelled
        )

    def pick(self, number: int) -> Key:
        """One of the coming shifts, more often a near one, so that things meet."""
        keys = sorted(self.coming(), key=lambda key: (key[1], key[0]))[:12]
        return keys[number % len(keys)]

    def chosen(self, asked: Any, ticked: int) -> dict[int, Key]:
        """Some of the shifts that the manager can tick."""
        can = [line.step.shift for line in service.look(asked).lines if line.step.may]
        keys = {row.id: (row.series, row.occurrence_day) for row in self.rows()}
        return {
            shift.id: keys[shift.id]
            for place, shift in enumerate(can)
            if shift is not None and ticked >> (place % 16) & 1
        }

    def apply(self, asked: Any, along: dict[int, Key]) -> RotaChange:
        seen = service.look(asked, list(along), "We changed it")
        return service.apply(
            asked, seen.fingerprint, self.boss, along=list(along), reason="We changed it"
        )


def _as_it_is(row: Shift) -> tuple[Any, ...]:
    return (
        row.starts_at,
        row.ends_at,
        row.places,
        row.minimum,
        row.stage == Stage.CANCELLED,
        row.taken,
        row.pattern_id is not None,
    )


def _as_it_should_be(turn: Turn) -> tuple[Any, ...]:
    return (
        turn.starts_at,
        turn.ends_at,
        turn.places,
        turn.minimum,
        turn.is_cancelled,
        len(turn.people),
        turn.of is not None,
    )


def test_the_rota_is_what_a_wall_calendar_says(app: Flask) -> None:
    run_state_machine_as_test(
        Rota,
        settings=settings(
            max_examples=5,
            stateful_step_count=22,
            deadline=None,
            # To make a failing rota smaller takes minutes, and a test has two.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
