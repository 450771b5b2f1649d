"""What the demo's groups show of the work with a rota, and that the sweeps leave it in peace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import User
from app.api.models import ApiToken
from app.cover import service as cover
from app.cover.models import Cover, CoverRule, CoverState
from app.demo.county import CENTRE, FOOD_BANK, LIBRARY, SHOWN
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Site
from app.hours.models import HoursRequest, RequestState, Statement
from app.hours.service import statements
from app.messaging.models import FINAL, Message
from app.opportunities.models import Closure, Opportunity, Pattern, Policy, Shift
from app.opportunities.policies import Approves
from app.opportunities.rules.closing import bank_holidays
from app.opportunities.rules.repeating import Rule
from app.safeguarding.models import Digest, Finding, SafetySettings, Verdict
from app.safeguarding.queries.dues import due
from app.safeguarding.queries.findings import undecided
from app.safeguarding.service import findings
from app.signups import sweeping
from app.signups.applications import applications
from app.signups.approving import automatic_yes
from app.signups.models import RoleInvitation, Signup, Standing, Way
from app.signups.standing import making
from app.signups.standing.models import Difference, StandingDate, StandingPlace, StandingState
from app.signups.standing.rules import wants
from app.signups.swaps.models import Swap
from app.signups.swaps.queries import colleagues, is_current, waiting_for
from app.today.queries import board
from app.volunteers import induction
from app.volunteers.models import InductionStep, InductionTick, Volunteer
from app.volunteers.vocabulary import Lead


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


@pytest.mark.usefixtures("county")
class TestFilling:
    def test_some_of_tomorrows_people_have_said_that_they_come(self) -> None:
        begins = clock.now().replace(hour=23)
        tomorrow = db.session.scalars(
            select(Signup)
            .join(Shift)
            .where(
                Shift.starts_at.between(begins, begins + timedelta(days=1)),
                Signup.standing == Standing.CONFIRMED,
            )
        ).all()
        assured = sum(signup.assured_at is not None for signup in tomorrow)
        assert len(tomorrow) / 3 < assured < len(tomorrow)
        assert (
            db.session.scalar(select(func.count(Signup.id)).where(Signup.assured_at.is_not(None)))
            == assured
        )

    def test_the_demos_volunteer_has_chosen_reminders(self) -> None:
        person = db.session.scalars(
            select(Volunteer).join(User).where(User.email == "volunteer@example.org")
        ).one()
        assert person.reminders == Lead.WEEK | Lead.DAY

    def test_four_wait_for_the_food_banks_yes_and_none_has_one_by_rule(self) -> None:
        shown = applications(_group(FOOD_BANK).id)
        assert shown.total == 4
        role = shown.shown[0].signup.shift.opportunity
        assert role.approves == Approves.BEFORE | Approves.REGULAR
        half_over = [each for each in shown.shown if each.signup.answer_remind_at is None]
        assert len(half_over) == 1
        assert all(each.signup.answer_due_at > clock.now() for each in shown.shown)
        for each in shown.shown:
            assert automatic_yes(each.signup.shift, each.signup.volunteer) == ""

    def test_a_full_shift_has_one_place_offered_and_a_queue(self) -> None:
        offered = db.session.scalars(
            select(Signup).where(Signup.standing == Standing.OFFERED)
        ).one()
        shift = offered.shift
        assert shift.is_full
        assert offered.offered_until > clock.now()
        waiting = db.session.scalars(
            select(Signup.id).where(
                Signup.shift_id == shift.id, Signup.standing == Standing.WAITING
            )
        ).all()
        assert len(waiting) == 2
        assert min(waiting) > offered.id

    def test_the_keys_are_for_three_who_were_invited(self) -> None:
        invited = db.session.scalars(select(RoleInvitation)).all()
        assert len(invited) == 3
        role = invited[0].opportunity
        assert (role.group.name, role.policy) == (CENTRE, Policy.INVITATION)
        came = set(
            db.session.scalars(
                select(Signup.volunteer_id).join(Shift).where(Shift.opportunity_id == role.id)
            )
        )
        assert came
        assert came <= {each.volunteer_id for each in invited}

    def test_a_swap_is_open_to_all_on_the_role(self) -> None:
        swap = db.session.scalars(select(Swap).where(Swap.to_volunteer_id.is_(None))).one()
        assert is_current(swap)
        assert colleagues(swap.signup)

    def test_the_demos_own_volunteer_is_asked_to_step_in(self) -> None:
        volunteer = db.session.scalars(
            select(Volunteer).where(Volunteer.email == "volunteer@example.org")
        ).one()
        swaps = [one for one in waiting_for(volunteer.id) if one.to_volunteer_id]
        assert [one.to_volunteer_id for one in swaps] == [volunteer.id]
        assert swaps[0].signup.volunteer_id != volunteer.id

    def test_the_sweep_over_signups_has_nothing_to_write(self) -> None:
        sweeping.sweep()
        assert _waiting_messages() == 0


@pytest.mark.usefixtures("county")
class TestTheDay:
    def test_the_board_shows_who_is_here_who_is_late_and_who_is_due(self) -> None:
        group = _group(FOOD_BANK)
        site = db.session.scalars(select(Site).where(Site.group_id == group.id)).one()
        shown = board(site.id, group.id, site.zone, clock.today(site.zone))
        running = next(one for one in shown.running if one.here)
        assert (running.here, running.late) == (3, 1)
        assert running.shift.starts_at < clock.now() < running.shift.ends_at
        assert {line.duty for line in running.lines} == {"In charge", "Sorter"}
        assert running.missing == []
        soon = [one for one in shown.running if one.can_check_in and one is not running]
        assert 3 in [len(one.lines) for one in soon]
        assert shown.late >= 1
        assert shown.to_come >= 3

    def test_hours_wait_for_the_food_bank(self) -> None:
        correction, added = db.session.scalars(
            select(HoursRequest)
            .where(HoursRequest.state == RequestState.WAITING)
            .order_by(HoursRequest.id)
        ).all()
        assert correction.signup.volunteer_id == correction.volunteer_id
        assert correction.signup.standing == Standing.ATTENDED
        assert correction.minutes == correction.signup.attended_minutes + 45
        assert added.signup_id is None
        assert added.minutes == 90

    def test_the_demos_volunteer_has_a_statement_that_holds(self) -> None:
        statement = db.session.scalars(select(Statement)).one()
        verdict = statements.look_up(statement.code)
        assert verdict is not None
        assert verdict.is_genuine
        assert verdict.is_current
        assert verdict.minutes > 300
        assert set(statement.code) <= set(statements._LETTERS)
        assert len(statement.code) == statements.CODE_LENGTH


@pytest.mark.usefixtures("county")
class TestSafety:
    def test_only_the_shown_groups_are_written_to_of_what_falls_due(self) -> None:
        reading = select(SafetySettings.group_id).where(SafetySettings.digest != Digest.NEVER)
        assert set(db.session.scalars(reading)) == {_group(name).id for name in SHOWN}

    def test_four_first_steps_are_partly_done(self) -> None:
        group_id = _group(FOOD_BANK).id
        assert db.session.scalar(select(func.count(InductionStep.id))) == 4
        ticks = Counter(db.session.scalars(select(InductionTick.volunteer_id)))
        assert sorted(ticks.values()) == [1, 2, 3, 4, 4]
        assert sum(induction.is_done(group_id, each) for each in ticks) == 2

    def test_checks_fall_due_and_one_is_over(self) -> None:
        found = [one for one in due(_group(FOOD_BANK)) if one.is_check]
        days = sorted((one.last_day - clock.now().date()).days for one in found if one.last_day)
        assert len(days) == 3
        assert all(abs(day - meant) <= 1 for day, meant in zip(days, (-9, 6, 50), strict=True))

    def test_the_librarys_desk_is_never_for_one_alone(self) -> None:
        role = db.session.scalars(select(Opportunity).where(Opportunity.never_alone)).one()
        assert (role.group.name, role.title) == (LIBRARY, "Library desk helper")

    def test_one_decision_is_kept_and_none_is_open(self) -> None:
        group_id = _group(FOOD_BANK).id
        findings.refresh(group_id)
        row = db.session.scalars(select(Finding).where(Finding.group_id == group_id)).one()
        assert (row.verdict, row.reason, row.gone_at) == (Verdict.KEEP, "training", None)
        assert undecided([group_id]).get(group_id, 0) == 0


@pytest.mark.usefixtures("county")
class TestDoors:
    def test_one_key_works_and_one_has_ended(self) -> None:
        keys = db.session.scalars(select(ApiToken).order_by(ApiToken.id)).all()
        assert [(key.name, key.is_live) for key in keys] == [
            ("Our website", True),
            ("The old screen in the hall", False),
        ]
        assert {tuple(key.scopes) for key in keys} == {("shifts:read",)}
