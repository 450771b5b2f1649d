"""What is kept of a month is what its shifts, hours and requests say, however they change."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.broadcasts.models import Broadcast, BroadcastShift, BroadcastState, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import GroupKind
from app.hours import queries as hours_of_people
from app.hours.models import Attendance, HoursRequest, RequestState, Seen
from app.messaging.models import Message, State
from app.opportunities.models import Opportunity, Shift, Stage
from app.reports import counting
from app.reports.models import CountedAsk, CountedMonth, CountedRequest, CountedShift, GivenTime
from app.reports.queries import hours, requests, shifts
from app.reports.rules.filling import Filled, Quartiles
from app.reports.rules.periods import Scope
from app.signups.models import OCCUPYING, Signup, Standing
from app.volunteers.models import Channel, Volunteer
from tests import factories

YEAR = Scope(date(2025, 12, 1), date(2026, 11, 26))
STANDINGS = tuple(Standing)


def scatter(random: Random) -> None:
    """Groups, shifts and standings here and there over some months, in two time zones."""
    kinds = (GroupKind.FOOD_BANK, GroupKind.LIBRARY)
    people = [factories.volunteer() for _ in range(4)]
    for number, kind in enumerate(kinds):
        group = factories.group(kind=kind, district=("Blaby", "")[number])
        site = factories.site(
            group,
            district=("", "Melton")[number],
            zone=("Europe/London", "Pacific/Auckland")[number],
        )
        role = factories.opportunity(
            group, site, published_at=clock.now() - timedelta(days=random.randint(0, 300))
        )
        for _ in range(random.randint(0, 4)):
            begins = clock.now() - timedelta(minutes=random.randint(-5_000, 400_000))
            shift = factories.shift(
                role,
                starts_at=begins,
                ends_at=begins + timedelta(minutes=random.randint(30, 700)),
                places=len(people),
                stage=random.choice(list(Stage)),
                created_at=begins - timedelta(days=20),
            )
            for person in people:
                standing = random.choice(STANDINGS)
                minutes = random.choice((None, 0, 60, 125))
                factories.signup(
                    shift,
                    person,
                    standing=standing,
                    confirmed_at=random.choice((None, begins - timedelta(hours=3))),
                    attended_minutes=minutes if standing == Standing.ATTENDED else None,
                )
        for person in people[:2]:
            factories.save(
                HoursRequest(
                    volunteer_id=person.id,
                    group_id=group.id,
                    day=date(2026, random.randint(1, 11), random.randint(1, 26)),
                    minutes=45,
                    what="Took the van to be mended.",
                    state=random.choice(list(RequestState)),
                )
            )
    extra = db.session.scalars(select(Shift).limit(1)).first()
    if extra is not None:
        guest = factories.volunteer()
        factories.save(
            Attendance(
                shift_id=extra.id,
                volunteer_id=guest.id,
                came_at=extra.starts_at,
                left_at=extra.ends_at,
                came_by=Seen.BOARD,
                left_by=Seen.BOARD,
                extra_minutes=90,
            )
        )


def by_hand() -> tuple[dict[int, Filled], dict[int, tuple[int, int]]]:
    """(shifts by month, (people, minutes) by month), one row after the other, in Python."""
    filled: dict[int, Filled] = {}
    for shift in db.session.scalars(select(Shift)):
        if shift.ends_at > clock.now() or shift.stage in (Stage.DRAFT, Stage.CANCELLED):
            continue
        day = shift.starts_at.astimezone(ZoneInfo(shift.site.zone)).date()
        month, held = day.year * 100 + day.month, 0
        for signup in db.session.scalars(select(Signup).where(Signup.shift_id == shift.id)):
            held += signup.standing in OCCUPYING
        known = filled.get(month, Filled())
        filled[month] = Filled(
            known.shifts + 1,
            known.places + shift.places,
            known.filled + held,
            known.safe + (held >= shift.minimum),
        )
    people: dict[int, set[int]] = defaultdict(set)
    minutes: dict[int, int] = defaultdict(int)
    for volunteer in db.session.scalars(select(Volunteer)).all():
        for one in hours_of_people.given(volunteer.id):
            month = one.day.year * 100 + one.day.month
            people[month].add(volunteer.id)
            minutes[month] += one.minutes
    return filled, {month: (len(people[month]), minutes[month]) for month in people}


def as_counted() -> tuple[dict[int, Filled], dict[int, tuple[int, int]]]:
    wide = Scope(date(2025, 1, 1), date(2027, 1, 31))
    return (
        {month: one for month, one in shifts.by_month(wide).items() if one.shifts},
        {
            month: (one.people, one.minutes)
            for month, one in hours.by_month(wide).items()
            if one.people
        },
    )


def empty(app: Flask) -> None:
    """Start again within one test: hypothesis runs many examples in it."""
    with transaction():
        for model in (
            *(CountedMonth, CountedShift, GivenTime, HoursRequest, Attendance),
            *(Signup, Shift, Opportunity, Volunteer),
        ):
            db.session.execute(model.__table__.delete())


@pytest.mark.usefixtures("now")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_counts_are_those_of_the_rows_themselves(app: Flask, seed: int) -> None:
    empty(app)
    random = Random(seed)
    scatter(random)
    counting.recount()
    assert as_counted() == by_hand()
    # Then something is put right, and counted once more.
    with transaction():
        for signup in db.session.scalars(select(Signup)):
            if random.random() < 0.3 and signup.standing in OCCUPYING:
                signup.standing, signup.attended_minutes = Standing.ATTENDED, 35
        for shift in db.session.scalars(select(Shift)):
            if random.random() < 0.3:
                later = timedelta(days=random.randint(-40, 40))
                shift.starts_at, shift.ends_at = shift.starts_at + later, shift.ends_at + later
    counting.recount()
    assert as_counted() == by_hand()
    # Whole sums and parts agree.
    whole = hours.total(Scope(date(2025, 1, 1), date(2027, 1, 31)))
    assert whole.minutes == sum(minutes for _, minutes in as_counted()[1].values())


@pytest.mark.usefixtures("now")
def test_a_day_is_the_one_at_the_site_on_both_sides_of_summer_time(app: Flask) -> None:
    role = factories.opportunity()
    for begins in (
        datetime(2026, 3, 31, 23, 30, tzinfo=UTC),  # 1 April, 0:30, in summer time
        datetime(2026, 10, 31, 23, 30, tzinfo=UTC),  # still 31 October: winter again
        datetime(2026, 10, 25, 1, 15, tzinfo=UTC),  # the second 1:15 of that night
    ):
        factories.shift(role, starts_at=begins)
    counting.recount()
    found = db.session.execute(
        select(CountedShift.day, CountedShift.starts, CountedShift.weekday).order_by(
            CountedShift.day
        )
    ).all()
    assert [tuple(row) for row in found] == [
        (date(2026, 4, 1), 30, 2),
        (date(2026, 10, 25), 75, 6),
        (date(2026, 10, 31), 23 * 60 + 30, 5),
    ]


@pytest.mark.usefixtures("now")
def test_a_shift_moved_to_another_month_is_counted_once(app: Flask) -> None:
    shift = factories.shift(starts_at=datetime(2026, 9, 3, 9, tzinfo=UTC))
    counting.recount()
    with transaction():
        db.session.execute(
            update(Shift)
            .where(Shift.id == shift.id)
            .values(
                starts_at=datetime(2026, 8, 3, 9, tzinfo=UTC),
                ends_at=datetime(2026, 8, 3, 11, tzinfo=UTC),
            )
        )
    counting.recount([202608])
    assert {month for month, one in shifts.by_month(YEAR).items() if one.shifts} == {202608}


@pytest.mark.usefixtures("now")
def test_time_to_fill_runs_from_when_it_could_be_taken(app: Flask) -> None:
    made = datetime(2026, 11, 1, 9, tzinfo=UTC)
    role = factories.opportunity(published_at=made + timedelta(hours=2))
    for hours_later in (1, 5, 9, 26):
        shift = factories.shift(
            role, starts_at=made + timedelta(days=10), places=1, created_at=made
        )
        factories.signup(
            shift, factories.volunteer(), confirmed_at=made + timedelta(hours=hours_later)
        )
    factories.shift(role, starts_at=made + timedelta(days=10), places=1)  # never filled
    counting.recount()
    assert shifts.time_to_fill(YEAR) == Quartiles(4, 0, 3 * 60, 7 * 60)
    assert shifts.time_to_fill_by_month(YEAR)[202611] == Quartiles(4, 0, 180, 420)
    assert shifts.time_to_fill_by_month(YEAR)[202610] is None


def request(shift: Shift, began: datetime, people: list[Volunteer], **said: Any) -> Broadcast:
    """An urgent request that asked these people, with its texts."""
    row = factories.save(
        Broadcast(
            number=said.pop("number", 27),
            number_is_live=False,
            state=BroadcastState.ENDED,
            started_at=began,
            ended_at=began + timedelta(hours=2),
            **said,
        )
    )
    factories.save(BroadcastShift(broadcast_id=row.id, shift_id=shift.id))
    for number, person in enumerate(people):
        factories.save(
            Recipient(broadcast_id=row.id, volunteer_id=person.id, wave=1, asked_at=began)
        )
        factories.save(
            Message(
                channel=Channel.SMS,
                lane="urgent",
                cause=f"broadcast:{row.id}",
                recipient=f"volunteer:{person.id}",
                purpose="ask",
                volunteer_id=person.id,
                token=f"{row.id:016d}{number:016d}",
                to_address=person.phone or "",
                body="Can you help tonight?",
                segments=2,
                state=State.DELIVERED if number else State.SUPPRESSED,
                not_before=began,
            )
        )
    return row


@pytest.mark.usefixtures("now")
def test_an_urgent_request_is_counted_with_what_came_of_it(app: Flask) -> None:
    began = datetime(2026, 11, 10, 17, 40, tzinfo=UTC)
    shift = factories.shift(starts_at=began + timedelta(hours=2), places=2)
    people = [factories.volunteer() for _ in range(4)]
    row = request(shift, began, people)
    for minutes, person in ((4, people[1]), (19, people[2])):
        factories.signup(
            shift,
            person,
            cause=f"broadcast:{row.id}",
            confirmed_at=began + timedelta(minutes=minutes),
        )
    # One that nobody answered.
    other = factories.shift(starts_at=began + timedelta(days=1))
    request(other, began + timedelta(hours=1), people[:2], number=28)
    counting.recount()
    found = requests.total(YEAR)
    assert (found.sent, found.answered, found.filled) == (2, 1, 1)
    assert (found.asked, found.taken, found.texts, found.segments) == (6, 2, 4, 8)
    assert found.to_first == Quartiles(1, 4, 4, 4)
    assert found.to_last == Quartiles(1, 19, 19, 19)
    assert requests.asks_of_people(YEAR) == {1: 2, 2: 2}
    assert requests.by_month(YEAR)[202610].sent == 0
    of_group = Scope(YEAR.first_day, YEAR.last_day, (shift.opportunity.group_id,))
    assert requests.total(of_group).sent == 1
    assert requests.asks_of_people(of_group) == {1: 4}


@pytest.mark.usefixtures("now")
def test_by_district_kind_and_group_the_most_time_first(app: Flask) -> None:
    person = factories.volunteer()
    for kind, district, minutes in (
        (GroupKind.LIBRARY, "Melton", 60),
        (GroupKind.FOOD_BANK, "Blaby", 180),
    ):
        group = factories.group(kind=kind, district="", name=f"The {kind.value}")
        role = factories.opportunity(group, factories.site(group, district=district))
        shift = factories.shift(role, starts_at=datetime(2026, 11, 3, 9, tzinfo=UTC))
        factories.signup(shift, person, standing=Standing.ATTENDED, attended_minutes=minutes)
    counting.recount()
    assert hours.total(YEAR) == hours.Sum(1, 240)
    assert list(hours.by_district(YEAR).items()) == [
        ("Blaby", hours.Sum(1, 180)),
        ("Melton", hours.Sum(1, 60)),
    ]
    assert list(hours.by_kind(YEAR)) == [GroupKind.FOOD_BANK, GroupKind.LIBRARY]
    assert [(one.name, one.minutes) for one in hours.by_group(YEAR)] == [
        ("The food-bank", 180),
        ("The library", 60),
    ]
    assert hours.by_month_and_kind(YEAR) == {
        (202611, GroupKind.FOOD_BANK): 180,
        (202611, GroupKind.LIBRARY): 60,
    }
    in_melton = Scope(YEAR.first_day, YEAR.last_day, district="Melton")
    assert hours.total(in_melton) == hours.Sum(1, 60)
    nobody = Scope(YEAR.first_day, YEAR.last_day, group_ids=())
    assert hours.total(nobody) == hours.Sum()


@pytest.mark.usefixtures("now")
def test_the_task_counts_the_latest_months_first_and_old_ones_once_a_day(app: Flask) -> None:
    role = factories.opportunity()
    for month in range(1, 11):
        factories.shift(role, starts_at=datetime(2026, month, 5, 9, tzinfo=UTC))
    seen = []
    for _ in range(4):
        counting.count_due()
        seen.append(sorted(db.session.scalars(select(CountedMonth.month))))
    assert seen[0] == [202606, 202607, 202608, 202609, 202610, 202611]
    assert seen[1] == [202602, 202603, 202604, 202605, *seen[0]]
    assert seen[2] == seen[3] == [202601, *seen[1]]
    assert counting.count_due() == 2  # nothing old is due
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        assert counting.count_due() == 6


@pytest.mark.usefixtures("now")
def test_what_is_the_same_is_not_written_again(app: Flask) -> None:
    factories.shift(starts_at=datetime(2026, 11, 5, 9, tzinfo=UTC))
    counting.recount()
    before = db.session.scalar(select(func.max(CountedShift.id)))
    with clock.stopped_at(clock.now() + timedelta(minutes=10)):
        counting.recount()
        at = db.session.scalar(select(CountedMonth.counted_at))
        assert at == clock.now()
    assert db.session.scalar(select(func.max(CountedShift.id))) == before


@pytest.mark.usefixtures("now")
def test_counts_of_nothing(app: Flask) -> None:
    counting.recount()
    assert counting.count_due() == 2
    assert shifts.total(YEAR) == Filled()
    assert hours.total(YEAR) == hours.Sum()
    assert requests.total(YEAR) == requests.Requests()
    assert shifts.time_to_fill(YEAR) is None
    assert list(hours.by_month(YEAR)) == YEAR.months
    assert db.session.scalar(select(func.count()).select_from(CountedAsk)) == 0
    assert db.session.scalar(select(func.count()).select_from(CountedRequest)) == 0
