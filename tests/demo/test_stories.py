"""What the demo's groups show of the work with a rota, and that the sweeps leave it in peace."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from app.cover import service as cover
from app.cover.models import Cover, CoverRule, CoverState
from app.demo.county import FOOD_BANK, LIBRARY
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.messaging.models import FINAL, Message
from app.opportunities.models import Closure, Opportunity, Pattern, Shift
from app.opportunities.rules.closing import bank_holidays
from app.opportunities.rules.repeating import Rule
from app.signups.models import Signup, Way
from app.signups.standing import making
from app.signups.standing.models import Difference, StandingDate, StandingPlace, StandingState
from app.signups.standing.rules import wants


def _group(name: str) -> Group:
    return db.session.scalars(select(Group).where(Group.name == name)).one()


def _waiting_messages() -> int:
    return db.session.scalar(select(func.count(Message.id)).where(Message.state.not_in(FINAL)))


@pytest.mark.usefixtures("county")
class TestHabits:
    def _standing(self) -> Sequence[StandingPlace]:
        return db.session.scalars(select(StandingPlace).order_by(StandingPlace.id)).all()

    def test_three_stand_at_the_librarys_desk_and_one_asks(self) -> None:
        found = self._standing()
        assert {each.pattern.opportunity.group.name for each in found} == {LIBRARY}
        active = [each for each in found if each.state == StandingState.ACTIVE]
        assert [each.every_weeks for each in active] == [1, 2, 1]
        assert len({each.weekdays for each in active}) == 3
        asked = [each for each in found if each.state == StandingState.ASKED]
        assert [each.pattern.opportunity.title.split()[0] for each in asked] == ["Storytime"]

    def test_they_have_their_places_and_one_date_is_skipped(self) -> None:
        skipped = db.session.scalars(select(StandingDate)).one()
        assert skipped.kind == Difference.SKIPPED
        assert wants(skipped.standing_place.stand, skipped.day)
        made = db.session.scalars(select(Signup).where(Signup.way == Way.STANDING)).all()
        assert len(made) >= 7
        for signup in made:
            standing = next(each for each in self._standing() if each.cause == signup.cause)
            assert signup.volunteer_id == standing.volunteer_id
            assert wants(standing.stand, signup.shift.occurrence_day)
            assert signup.shift.occurrence_day != skipped.day

    def test_nothing_is_left_for_the_sweep_of_standing_places(self) -> None:
        assert making.due(again=True) == []
        assert making.surplus() == []

    def test_the_desk_goes_on_and_is_closed_on_bank_holidays(self) -> None:
        pattern = db.session.scalars(select(Pattern).where(Pattern.last_day.is_(None))).one()
        assert not pattern.works_on_holidays
        days = set(
            db.session.scalars(select(Shift.occurrence_day).where(Shift.pattern_id == pattern.id))
        )
        assert len(days) > 20
        assert not days & bank_holidays(min(days), max(days)).keys()

    def test_nothing_is_on_while_the_boiler_is_changed(self) -> None:
        closure = db.session.scalars(select(Closure)).one()
        assert closure.name == "New boiler"
        assert clock.now().date() < closure.first_day < closure.last_day
        days = db.session.scalars(
            select(Shift.occurrence_day)
            .join(Opportunity)
            .where(Opportunity.group_id == closure.group_id)
        )
        assert not {closure.first_day, closure.last_day} & set(days)

    def test_the_reading_group_meets_on_first_tuesdays(self) -> None:
        pattern = db.session.scalars(select(Pattern).where(Pattern.rule.contains("MONTHLY"))).one()
        assert Rule.read(pattern.rule).words() == "The first Tuesday of the month"
        days = db.session.scalars(
            select(Shift.occurrence_day).where(Shift.pattern_id == pattern.id)
        ).all()
        assert len(days) >= 2
        assert all(day.day <= 7 and day.weekday() == 1 for day in days)

    def test_the_library_hands_over(self) -> None:
        assert _group(LIBRARY).handover_minutes == 15

    def test_the_rule_for_cover_asks_nobody_at_first(self) -> None:
        rule = db.session.scalars(select(CoverRule)).one()
        assert rule.group_id == _group(FOOD_BANK).id
        before = db.session.scalar(select(func.count(Cover.id)))
        assert before
        cover.look_at_all()
        states = set(db.session.scalars(select(Cover.state)))
        assert states == {CoverState.STOPPED}
        assert db.session.scalar(select(func.count(Cover.id))) == before
        assert _waiting_messages() == 0
