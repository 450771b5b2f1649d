"""The demo county: enough of everything, nothing that could not be, and no real address."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, or_, select

from app.accounts import passwords
from app.accounts.models import CountyRole, User
from app.broadcasts.models import Answer, Broadcast, BroadcastState, Recipient
from app.broadcasts.queries import shifts_of, tally
from app.demo import queries, service
from app.demo.county import FOOD_BANK
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.languages import ENGLISH
from app.groups.models import Group, GroupKind, Membership
from app.inbox.models import Reply, ReplyState
from app.inbox.rules import understand
from app.matching.queries import Wish, audience
from app.messaging.models import FINAL, Message
from app.opportunities.models import Opportunity, Shift, Slot, Stage
from app.reports.queries import requests
from app.reports.queries import shifts as counted_shifts
from app.reports.rules.periods import Scope
from app.safeguarding.models import Finding
from app.signups import facts
from app.signups.models import HOLDING, LIVE, OCCUPYING, Signup, Standing
from app.signups.rules import Exclusion, hindrances
from app.volunteers.models import OptOut, Volunteer
from app.volunteers.vocabulary import Language


def _round_of_tonight() -> Shift:
    return db.session.scalars(
        select(Shift)
        .join(Opportunity)
        .join(Group)
        .where(
            Group.name == FOOD_BANK,
            Opportunity.title == "Food parcel driver",
            Shift.starts_at > clock.now(),
        )
        .order_by(Shift.starts_at)
    ).first()


@pytest.mark.usefixtures("county")
class TestTheUsualCounty:
    def test_has_the_groups_that_the_county_has(self) -> None:
        found = Counter(db.session.scalars(select(Group.kind)))
        assert found[GroupKind.LIBRARY] == 35
        assert found[GroupKind.FOOD_BANK] == 40
        assert found[GroupKind.RESPONSE] == 25
        assert found[GroupKind.COMMUNITY_CENTRE] == 12

    def test_has_two_thousand_volunteers(self) -> None:
        assert db.session.scalar(select(func.count(Volunteer.id))) == 2000

    def test_every_group_has_a_manager_and_a_district(self) -> None:
        managed = select(Membership.group_id)
        lacking = select(Group).where(or_(Group.id.not_in(managed), Group.district == ""))
        assert db.session.scalars(lacking).all() == []

    def test_every_phone_is_for_drama_and_none_is_the_senders(self) -> None:
        phones = set(db.session.scalars(select(Volunteer.phone)))
        phones |= set(db.session.scalars(select(Volunteer.emergency_phone)))
        phones |= set(db.session.scalars(select(User.phone)))
        phones |= set(db.session.scalars(select(Message.to_address)))
        phones -= {None, ""}
        assert [phone for phone in phones if not re.fullmatch(r"\+447700900\d{3}", phone)] == []
        assert "+447700900000" not in phones

    def test_some_share_a_phone_and_some_have_none(self) -> None:
        phones = Counter(db.session.scalars(select(Volunteer.phone)))
        assert phones.pop(None) > 500
        assert 10 < sum(many == 2 for many in phones.values()) < 60
        assert max(phones.values()) == 2

    def test_every_address_ends_in_example_org(self) -> None:
        for column in (Volunteer.email, User.email, Group.public_email):
            found = {email for email in db.session.scalars(select(column)) if email}
            assert all(re.fullmatch(r"[a-z0-9.-]+@example\.org", email) for email in found)

    def test_nobody_may_be_texted_without_a_phone(self) -> None:
        odd = select(Volunteer).where(
            Volunteer.phone.is_(None), Volunteer.sms_consent_at.is_not(None)
        )
        assert db.session.scalars(odd).all() == []

    def test_some_opted_out(self) -> None:
        assert db.session.scalar(select(func.count(OptOut.id))) > 3

    def test_no_shift_is_oversold_and_the_count_is_right(self) -> None:
        held = Counter(
            db.session.scalars(select(Signup.shift_id).where(Signup.standing.in_(HOLDING)))
        )
        rows = db.session.execute(select(Shift.id, Shift.taken, Shift.places)).all()
        assert all(row.taken == held[row.id] <= row.places for row in rows)

    def test_the_sorting_at_a_food_bank_has_one_in_charge_and_sorters(self) -> None:
        slots = db.session.scalars(select(Slot).join(Slot.duty)).all()
        assert len(slots) > 100
        assert all(0 <= slot.taken <= slot.places for slot in slots)
        in_charge = [slot for slot in slots if slot.duty.in_charge]
        assert {slot.places for slot in in_charge} == {1}
        assert sum(slot.taken for slot in in_charge) > len(in_charge) / 2
        # The places add up; only somebody too young to be in charge can be without a duty.
        for shift_id in {slot.shift_id for slot in slots}:
            shift = db.session.get_one(Shift, shift_id)
            mine = [slot for slot in slots if slot.shift_id == shift_id]
            assert sum(slot.places for slot in mine) == shift.places
            assert sum(slot.taken for slot in mine) <= shift.taken

    def test_some_shifts_are_full_and_some_are_thin(self) -> None:
        coming = db.session.execute(
            select(Shift.taken, Shift.places, Shift.minimum).where(
                Shift.starts_at > clock.now(), Shift.stage == Stage.PUBLISHED
            )
        ).all()
        assert len(coming) > 2000
        assert sum(row.taken == row.places for row in coming) > len(coming) / 5
        assert sum(row.taken < row.minimum for row in coming) > len(coming) / 5

    def test_patterns_lie_eight_weeks_back_and_four_ahead(self) -> None:
        first, last = db.session.execute(
            select(func.min(Shift.starts_at), func.max(Shift.starts_at)).where(
                Shift.pattern_id.is_not(None)
            )
        ).one()
        assert timedelta(weeks=7) < clock.now() - first < timedelta(weeks=8, days=1)
        assert timedelta(weeks=3) < last - clock.now() < timedelta(weeks=4)

    def test_two_years_lie_behind_it_and_it_grew(self) -> None:
        def shifts(first: int, last: int) -> int:
            return (
                db.session.scalar(
                    select(func.count(Shift.id)).where(
                        Shift.starts_at > clock.now() - timedelta(days=first),
                        Shift.starts_at < clock.now() - timedelta(days=last),
                    )
                )
                or 0
            )

        long_ago, a_year_ago, lately = shifts(700, 660), shifts(240, 200), shifts(50, 10)
        assert 100 < long_ago < a_year_ago < lately

    def test_each_month_was_counted_and_some_requests_were_answered(self) -> None:
        scope = Scope(clock.now().date() - timedelta(days=365), clock.now().date())
        assert all(one.shifts > 0 for one in counted_shifts.by_month(scope).values())
        asked = requests.total(scope)
        assert 10 < asked.answered < asked.sent
        assert asked.taken > asked.answered

    def test_a_dozen_shifts_are_thin_tonight_and_tomorrow(self) -> None:
        thin = select(func.count(Shift.id)).where(
            Shift.starts_at.between(clock.now(), clock.now() + timedelta(hours=34)),
            Shift.taken < Shift.minimum,
        )
        assert db.session.scalar(thin) >= 12

    def test_nobody_has_two_places_at_the_same_time(self) -> None:
        rows = db.session.execute(
            select(Signup.volunteer_id, Shift.starts_at, Shift.ends_at)
            .join(Shift, Shift.id == Signup.shift_id)
            .where(Signup.standing.in_(OCCUPYING))
            .order_by(Signup.volunteer_id, Shift.starts_at)
        ).all()
        clashes = [
            (before, after)
            for before, after in itertools.pairwise(rows)
            if before.volunteer_id == after.volunteer_id and before.ends_at > after.starts_at
        ]
        assert clashes == []

    def test_whoever_has_a_place_may_have_it(self) -> None:
        coming = db.session.scalars(
            select(Signup)
            .join(Shift)
            .where(
                Signup.standing.in_(LIVE),
                Shift.starts_at > clock.now(),
                # But for whom a manager keeps there all the same.
                Signup.id.not_in(select(Finding.signup_id)),
            )
            .order_by(Signup.id)
        ).all()
        for signup in coming[::40]:
            demand = facts.demand_of(signup.shift)
            person = facts.person_for(signup.volunteer, signup.shift, demand)
            against = set(hindrances(person, demand))
            # A waiting person may have another shift then.
            assert against <= ({Exclusion.CLASH} if signup.standing == Standing.WAITING else set())

    def test_the_past_has_attendance_of_each_kind(self) -> None:
        standings = Counter(
            db.session.scalars(
                select(Signup.standing).join(Shift).where(Shift.ends_at < clock.now())
            )
        )
        assert standings[Standing.CONFIRMED] == 0
        assert standings[Standing.ATTENDED] > 20 * standings[Standing.NO_SHOW] > 0
        assert standings[Standing.EXCUSED] > 0

    def test_tonights_round_has_three_places_and_nobody(self) -> None:
        shift = _round_of_tonight()
        assert (shift.places, shift.taken) == (3, 0)
        assert shift.starts_at == datetime(2026, 6, 17, 17, 30, tzinfo=UTC)  # 18:30 in summer
        assert shift.ends_at - shift.starts_at == timedelta(hours=2)

    def test_tonights_round_has_many_who_can_be_asked(self) -> None:
        assert audience(Wish(shift_ids=(_round_of_tonight().id,))).size >= 60

    def test_the_demos_volunteer_can_be_asked_tonight_and_has_past_and_coming_shifts(self) -> None:
        volunteer = db.session.scalar(
            select(Volunteer).join(User).where(User.email == "volunteer@example.org")
        )
        assert volunteer is not None
        fitting = audience(Wish(shift_ids=(_round_of_tonight().id,))).top(1000)
        assert volunteer.id in {ranked.volunteer_id for ranked in fitting}
        standings = Counter(
            db.session.scalars(select(Signup.standing).where(Signup.volunteer_id == volunteer.id))
        )
        assert standings[Standing.ATTENDED] >= 5
        assert standings[Standing.CONFIRMED] >= 1

    def test_the_request_ended_with_three_places_filled_and_two_waiting(self) -> None:
        broadcast = db.session.scalars(select(Broadcast).where(Broadcast.run_id.is_not(None))).one()
        assert broadcast.state == BroadcastState.ENDED
        standings = Counter(
            db.session.scalars(
                select(Signup.standing).where(Signup.cause == f"broadcast:{broadcast.id}")
            )
        )
        assert standings == {Standing.ATTENDED: 3, Standing.WAITING: 2}

    def test_the_requests_numbers_add_up(self) -> None:
        broadcast = db.session.scalars(select(Broadcast).where(Broadcast.run_id.is_not(None))).one()
        recipients = db.session.scalars(
            select(Recipient).where(Recipient.broadcast_id == broadcast.id)
        ).all()
        asked = [each for each in recipients if each.wave]
        assert broadcast.audience_size == sum(not each.excluded for each in recipients)
        assert broadcast.excluded_size == sum(bool(each.excluded) for each in recipients)
        assert {each.excluded for each in recipients} - {""} <= set(Exclusion)
        asks = db.session.scalars(select(Message).where(Message.run_id == broadcast.run_id)).all()
        assert len(asks) == len(asked)
        assert all(message.state in FINAL for message in asks)
        answered = Counter(each.answer for each in asked)
        assert (answered[Answer.YES], answered[Answer.UNCLEAR]) == (5, 1)
        assert tally(broadcast, shifts_of(broadcast.id)).adds_up

    def test_the_replies_mean_what_the_rows_say(self) -> None:
        replies = db.session.scalars(select(Reply)).all()
        assert len(replies) == 11
        assert sum(each.state == ReplyState.WAITING for each in replies) == 1
        assert [understand(each.body).meaning for each in replies] == [
            each.meaning for each in replies
        ]

    def test_every_sign_in_works_with_the_one_password(self) -> None:
        users = {
            user.email: user
            for user in db.session.scalars(select(User).where(User.email.in_(queries.SIGN_INS)))
        }
        assert set(users) == set(queries.SIGN_INS)
        assert all(user.email_verified_at for user in users.values())
        assert len({user.password_hash for user in users.values()}) == 1
        assert passwords.matches(users["library@example.org"].password_hash, service.PASSWORD)
        assert users["coordinator@example.org"].county_role == CountyRole.COORDINATOR
        assert users["administrator@example.org"].county_role == CountyRole.ADMINISTRATOR

    def test_two_volunteers_read_it_in_another_language(self) -> None:
        found = {
            person.email: person
            for person in db.session.scalars(
                select(Volunteer).where(Volunteer.language != ENGLISH).order_by(Volunteer.id)
            )
        }
        assert {email: one.language for email, one in found.items()} == {
            "polish@example.org": "pl",
            "urdu@example.org": "ur",
        }
        assert found["polish@example.org"].languages & Language.POLISH
        assert found["urdu@example.org"].languages & Language.URDU
        for person in found.values():
            coming = (
                select(func.count(Signup.id))
                .join(Shift, Shift.id == Signup.shift_id)
                .where(
                    Signup.volunteer_id == person.id,
                    Signup.standing == Standing.CONFIRMED,
                    Shift.starts_at > clock.now(),
                )
            )
            assert db.session.scalar(coming)  # there is something to see

    def test_a_second_seed_does_nothing(self, county: Flask) -> None:
        said = county.test_cli_runner().invoke(args=["demo", "seed"])
        assert said.exit_code == 0
        assert "There is data already" in said.output
        assert db.session.scalar(select(func.count(Volunteer.id))) == 2000

    def test_the_sign_ins_are_told(self, county: Flask) -> None:
        said = county.test_cli_runner().invoke(args=["demo", "sign-ins"]).output
        assert service.PASSWORD in said
        assert re.search(r"foodbank@example.org +Manager of a food bank: Gorse Covert", said)
