"""A suggestion from its beginning to the moment when people are asked."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.models import Message
from app.opportunities.models import Opportunity, Shift
from app.signups.models import Signup, SignupEvent, Standing
from app.suggestions import service, solver
from app.suggestions.models import Mark, Progress, SuggestedPlace, Suggestion
from app.suggestions.service import working
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import AgeBand, Skill
from tests import factories as make

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # a Tuesday


@pytest.fixture(autouse=True)
def _on_a_tuesday(app: Flask) -> Any:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(make.group(name="Kibworth Library"), title="Desk helper")


@pytest.fixture
def boss(role: Opportunity) -> User:
    return make.manager(role.group)


def on(role: Opportunity, hours: float, **said: Any) -> Shift:
    said.setdefault("places", 1)
    return make.shift(role, starts_at=NOW + timedelta(hours=hours), **said)


def member(role: Opportunity, **said: Any) -> Volunteer:
    person = make.volunteer(**said)
    make.known_to(person, role.group)
    return person


def solved(role: Opportunity, boss: User, weeks: int = 2) -> Suggestion:
    suggestion = service.start(role.group_id, boss.id, weeks)
    service.solve(suggestion.id)
    return fresh(suggestion)


def fresh(suggestion: Suggestion) -> Suggestion:
    db.session.rollback()
    return db.session.get_one(Suggestion, suggestion.id)


def draft(suggestion: Suggestion) -> dict[int, int]:
    """The volunteer of each shift in the draft as it stands."""
    rows = db.session.execute(
        select(SuggestedPlace.shift_id, SuggestedPlace.volunteer_id).where(
            SuggestedPlace.suggestion_id == suggestion.id,
            SuggestedPlace.mark.in_([Mark.PROPOSED, Mark.LOCKED]),
        )
    )
    return {shift_id: volunteer_id for shift_id, volunteer_id in rows}  # noqa: C416 - rows


def place(suggestion: Suggestion) -> SuggestedPlace:
    return db.session.scalars(
        select(SuggestedPlace).where(SuggestedPlace.suggestion_id == suggestion.id)
    ).one()


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_draft_changes_nothing_and_tells_nobody(role: Opportunity, boss: User) -> None:
    shift, person = on(role, 30), member(role)
    suggestion = solved(role, boss)
    assert suggestion.progress == Progress.DONE
    assert draft(suggestion) == {shift.id: person.id}
    assert (count(Signup), count(SignupEvent), count(Message)) == (0, 0, 0)
    assert db.session.get_one(Shift, shift.id).taken == 0


def test_the_reasons_and_the_gaps_are_told(role: Opportunity, boss: User) -> None:
    past = make.shift(role, starts_at=NOW - timedelta(days=7))
    person = member(role)
    make.signup(past, person, standing=Standing.ATTENDED)
    on(role, 30, places=2, minimum=2)
    suggestion = solved(role, boss)
    assert "has done this once" in place(suggestion).reasons
    assert "2 hours here in the last 4 weeks" in place(suggestion).reasons
    [gap] = suggestion.gaps
    assert (gap["free"], gap["short"]) == (1, 1)
    assert suggestion.figures["runs"] == 0


def test_a_gap_names_what_nobody_has(role: Opportunity, boss: User) -> None:
    needy = make.opportunity(
        role.group, role.site, title="First aider", needs_skills=Skill.FIRST_AID
    )
    on(needy, 30)
    member(role)
    [gap] = solved(role, boss).gaps
    assert gap["why"] == (
        "Nobody is left who has: first aid. 1 does not have a skill that it needs."
    )


def test_when_all_is_full_there_is_nothing_to_suggest(role: Opportunity, boss: User) -> None:
    make.signup(on(role, 30), make.volunteer())
    with pytest.raises(Refusal, match="No place is open"):
        service.start(role.group_id, boss.id, 2)
    with pytest.raises(Refusal, match="Choose 1 to 6"):
        service.start(role.group_id, boss.id, 7)


def test_a_new_suggestion_takes_the_place_of_the_old(role: Opportunity, boss: User) -> None:
    on(role, 30)
    first = service.start(role.group_id, boss.id, 1)
    second = service.start(role.group_id, boss.id, 2)
    assert fresh(first).progress == Progress.DROPPED
    service.solve(first.id)  # its worker comes too late
    assert fresh(first).progress == Progress.DROPPED
    assert fresh(second).progress == Progress.QUEUED


def test_what_is_taken_out_stays_out_and_what_is_locked_stays(
    role: Opportunity, boss: User
) -> None:
    shift = on(role, 30)
    asha, ben = member(role), member(role)
    suggestion = solved(role, boss)
    first = draft(suggestion)[shift.id]
    service.remove(role.group_id, suggestion.id, place(suggestion).id)
    assert draft(suggestion) == {}
    assert fresh(suggestion).gaps[0]["short"] == 1
    service.again(role.group_id, suggestion.id)
    service.solve(suggestion.id)
    second = draft(fresh(suggestion))[shift.id]
    assert {first, second} == {asha.id, ben.id}
    [row] = db.session.scalars(
        select(SuggestedPlace).where(SuggestedPlace.volunteer_id == second)
    ).all()
    service.lock(role.group_id, suggestion.id, row.id)
    # Now there is somebody whom it would suit better; the lock holds.
    member(role, interests=role.activity)
    service.again(role.group_id, suggestion.id)
    service.solve(suggestion.id)
    assert draft(fresh(suggestion)) == {shift.id: second}


def test_somebody_else_can_be_chosen(role: Opportunity, boss: User) -> None:
    shift = on(role, 30)
    other = on(role, 31)
    asha, ben = member(role), member(role)
    suggestion = solved(role, boss)
    given = draft(suggestion)
    assert set(given.values()) == {asha.id, ben.id}
    # Both shifts are at the same time: neither can have both.
    old = db.session.scalars(
        select(SuggestedPlace).where(SuggestedPlace.shift_id == shift.id)
    ).one()
    with pytest.raises(Refusal, match="beside what they have"):
        service.choose(
            role.group_id,
            suggestion.id,
            shift_id=shift.id,
            slot_id=None,
            volunteer_id=given[other.id],
            instead_of=old.id,
        )
    assert draft(fresh(suggestion)) == given
    cara = member(role)
    service.choose(
        role.group_id,
        suggestion.id,
        shift_id=shift.id,
        slot_id=None,
        volunteer_id=cara.id,
        instead_of=old.id,
    )
    assert draft(fresh(suggestion)) == {shift.id: cara.id, other.id: given[other.id]}


def test_people_are_asked_and_have_no_place_before_they_say_yes(
    role: Opportunity, boss: User
) -> None:
    soon, later = on(role, 30), on(role, 200)
    person = member(role)
    suggestion = solved(role, boss)
    asked = service.ask(role.group_id, suggestion.id, boss.id)
    assert (asked.people, asked.places, asked.refused) == (1, 2, 0)
    offers = {one.shift_id: one for one in db.session.scalars(select(Signup))}
    assert {one.standing for one in offers.values()} == {Standing.OFFERED}
    assert all(one.confirmed_at is None for one in offers.values())
    assert offers[soon.id].offered_until == NOW + timedelta(hours=15)
    assert offers[later.id].offered_until == NOW + timedelta(days=3)
    assert db.session.get_one(Shift, soon.id).taken == 1  # kept for them
    bodies = db.session.scalars(select(Message.body)).all()
    assert len(bodies) == 2  # one letter on each channel for both places
    text = next(body for body in bodies if "Kibworth Library: can you help 2 times?" in body)
    assert "/my/shifts" in text
    assert person.phone not in text
    assert fresh(suggestion).progress == Progress.ASKED
    with pytest.raises(Refusal, match="cannot be changed now"):
        service.ask(role.group_id, suggestion.id, boss.id)
    assert count(Signup) == 2


def test_who_is_asked_at_night_sleeps_and_has_the_morning_to_answer(
    role: Opportunity, boss: User
) -> None:
    """A manager asks at 11pm for 6:30pm, and for 11am, of the day after."""
    with clock.stopped_at(NOW + timedelta(hours=14)):
        evening, noon = on(role, 33.5), on(role, 26)
        member(role, email=None)
        member(role, email=None)
        suggestion = solved(role, boss)
        service.ask(role.group_id, suggestion.id, boss.id)
    morning = NOW + timedelta(hours=23)
    texts = db.session.scalars(select(Message).where(Message.purpose == "offer")).all()
    assert len(texts) >= 1
    assert {(text.channel.value, text.not_before) for text in texts} == {("sms", morning)}
    kept = {signup.shift_id: signup.offered_until for signup in db.session.scalars(select(Signup))}
    # Half of the time to the evening; to noon it is the two hours for which a text rests.
    assert kept == {
        evening.id: morning + timedelta(hours=5, minutes=15),
        noon.id: morning + timedelta(hours=2, minutes=1),
    }


def test_what_changed_since_is_refused_one_by_one(role: Opportunity, boss: User) -> None:
    full, fine = on(role, 30), on(role, 60)
    member(role)
    suggestion = solved(role, boss)
    make.signup(full, make.volunteer())
    asked = service.ask(role.group_id, suggestion.id, boss.id)
    assert (asked.places, asked.refused) == (1, 1)
    rows = {one.shift_id: one for one in db.session.scalars(select(SuggestedPlace))}
    assert rows[full.id].mark == Mark.REFUSED
    assert rows[full.id].note == "Every place is taken now."
    assert rows[fine.id].mark == Mark.ASKED


def test_somebody_young_is_not_asked_before_an_adult_comes(role: Opportunity, boss: User) -> None:
    with transaction():
        db.session.get_one(Opportunity, role.id).minimum_age = 16
    on(role, 30, places=2, minimum=2)
    member(role)
    member(
        role,
        age_band=AgeBand.FROM_16,
        guardian_consent_at=NOW,
        emergency_phone="+447700900001",
    )
    suggestion = solved(role, boss)
    assert suggestion.figures["filled"] == 2
    asked = service.ask(role.group_id, suggestion.id, boss.id)
    assert (asked.places, asked.refused) == (1, 1)


def test_a_lost_nudge_and_a_dead_worker_are_taken_up(
    role: Opportunity, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudged: list[int] = []
    monkeypatch.setattr(working.queue, "enqueue_once", lambda _path, number: nudged.append(number))
    on(role, 30)
    suggestion = service.start(role.group_id, boss.id, 1)
    service.sweep()
    assert nudged == []  # its own nudge is under way
    with clock.stopped_at(NOW + timedelta(seconds=25)):
        service.sweep()
    assert nudged == [suggestion.id]
    assert working._take_up(suggestion.id) == 1  # and dies
    for tries in (2, 3):
        with clock.stopped_at(NOW + timedelta(minutes=3 * tries)):
            service.sweep()
            assert fresh(suggestion).progress == Progress.QUEUED
            assert working._take_up(suggestion.id) == tries
    with clock.stopped_at(NOW + timedelta(minutes=30)):
        service.sweep()
    assert fresh(suggestion).progress == Progress.FAILED
    assert "fewer weeks" in suggestion.fault


def test_a_worker_thought_dead_writes_nothing(
    role: Opportunity, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(role, 30)
    member(role)
    suggestion = service.start(role.group_id, boss.id, 1)
    right = solver.solve

    def slow(*args: Any, **said: Any) -> solver.Answer:
        with transaction():
            row = db.session.get_one(Suggestion, suggestion.id)
            row.tries += 1  # another worker has it now
        return right(*args, **said)

    monkeypatch.setattr(solver, "solve", slow)
    service.solve(suggestion.id)
    assert fresh(suggestion).progress == Progress.SOLVING
    assert draft(suggestion) == {}


def test_the_optimiser_is_no_burden_to_the_web(app: Flask) -> None:
    script = (
        "import sys; sys.path.insert(0, '.'); import app.suggestions.setup; "
        "sys.exit(any(name.startswith('ortools') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_fault_is_loud_and_leaves_a_sentence(
    role: Opportunity, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(role, 30)
    suggestion = service.start(role.group_id, boss.id, 1)

    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("no solver here")

    monkeypatch.setattr(solver, "solve", breaks)
    with pytest.raises(RuntimeError):
        service.solve(suggestion.id)
    assert fresh(suggestion).progress == Progress.FAILED
    assert suggestion.fault
