"""Checks and training of a group's people: the list, the warnings, the managers' email."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Membership, Part
from app.messaging.models import Message
from app.opportunities.models import Opportunity
from app.safeguarding import service
from app.safeguarding.models import Digest
from app.safeguarding.queries import dues
from app.safeguarding.rules.dues import State
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, DbsCheck, TrainingRecord, Volunteer
from app.volunteers.vocabulary import AgeBand, DbsLevel, Training, Workforce
from tests import factories

NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def library(app: Flask) -> Group:
    return factories.group(name="The library", recheck_months=36)


@pytest.fixture
def manager(library: Group) -> User:
    return factories.manager(library)


@pytest.fixture
def reading(library: Group) -> Opportunity:
    return factories.opportunity(
        library,
        title="Story time",
        dbs_level=DbsLevel.ENHANCED,
        dbs_workforce=Workforce.CHILD,
        needs_training=Training.SAFEGUARDING,
    )


def reader(role: Opportunity, **said: Any) -> Volunteer:
    """Somebody on the list who comes next week."""
    person = factories.volunteer(**said)
    factories.known_to(person, role.group)
    factories.signup(factories.shift(role, starts_at=NOW + timedelta(days=7)), person)
    return person


def check(person: Volunteer, issued_on: date, by: Group | None = None, **said: Any) -> None:
    usual = {"level": DbsLevel.ENHANCED, "workforce": Workforce.CHILD}
    factories.save(
        DbsCheck(
            volunteer_id=person.id,
            issued_on=issued_on,
            group_id=by.id if by else None,
            **(usual | said),
        )
    )


def trained(
    person: Volunteer, until: date | None, training: Training = Training.SAFEGUARDING
) -> None:
    factories.save(
        TrainingRecord(
            volunteer_id=person.id, training=training, completed_on=TODAY, valid_until=until
        )
    )


def listed(group: Group) -> dict[str, tuple[State, date | None]]:
    db.session.rollback()
    return {one.what: (one.state, one.last_day) for one in dues.due(group)}


CHECK = "Enhanced DBS check, child workforce"


def test_what_a_role_asks_for_and_nobody_noted_is_listed(
    library: Group, reading: Opportunity
) -> None:
    reader(reading)
    assert listed(library) == {CHECK: (State.MISSING, None), "Safeguarding": (State.MISSING, None)}


def test_the_best_check_counts_and_the_longest_training(
    library: Group, reading: Opportunity
) -> None:
    person = reader(reading)
    check(person, date(2020, 1, 1))
    check(person, date(2023, 6, 1), level=DbsLevel.ENHANCED_BARRED, workforce=Workforce.BOTH)
    check(person, date(2026, 1, 1), level=DbsLevel.BASIC)
    check(person, date(2026, 1, 1), workforce=Workforce.ADULT)
    trained(person, TODAY - timedelta(days=1))
    trained(person, TODAY + timedelta(days=200))
    assert listed(library) == {
        CHECK: (State.SOON, date(2026, 6, 1)),
        "Safeguarding": (State.FINE, TODAY + timedelta(days=200)),
    }
    trained(person, None)
    assert listed(library)["Safeguarding"] == (State.FINE, None)


def test_a_paper_that_no_role_here_asks_for_is_not_this_groups_business(
    library: Group, reading: Opportunity
) -> None:
    desk = factories.opportunity(library)
    helper = reader(desk)
    check(helper, date(2020, 1, 1), by=factories.group())
    stranger = factories.volunteer()  # comes to the reading, yet the profile is not to be seen
    factories.signup(factories.shift(reading), stranger)
    assert listed(library) == {}
    check(helper, date(2023, 6, 1), by=library)  # what the group noted itself it may see
    assert listed(library) == {CHECK: (State.SOON, date(2026, 6, 1))}


def test_the_training_of_a_duty_is_asked_of_those_who_do_it(library: Group) -> None:
    role = factories.opportunity(library)
    driving = factories.duty(role, name="Driver", needs_training=Training.LONE_WORKING)
    shift = factories.shift(role)
    slot = factories.slot(shift, driving, places=1)
    for on in (slot.id, None):
        person = factories.volunteer()
        factories.known_to(person, library)
        factories.signup(shift, person, slot_id=on)
    db.session.rollback()
    assert [one.what for one in dues.due(library)] == ["Working alone safely"]


def letters(person: Volunteer) -> list[Message]:
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Message).where(Message.volunteer_id == person.id).order_by(Message.id)
        )
    )


def test_each_step_is_told_once_by_the_way_that_the_person_prefers(
    library: Group, reading: Opportunity
) -> None:
    person = reader(reading)
    check(person, date(2023, 7, 11))  # good until 11 July: 60 days
    trained(person, TODAY + timedelta(days=400))
    told: list[int] = []
    for days in (-1, 0, 1, 29, 30, 31, 52, 53, 59, 60, 61):
        with clock.stopped_at(NOW + timedelta(days=days)):
            service.warn_everybody()
            told.append(len(letters(person)))
    assert told == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3]
    first = letters(person)[0]
    assert first.channel == Channel.SMS
    assert first.segments == 1
    assert "please show us a new DBS check by Saturday 11 July" in first.body
    assert [one.purpose for one in letters(person)] == ["due-60", "due-30", "due-7"]


def test_a_day_on_which_nobody_looked_is_made_up_for(library: Group, reading: Opportunity) -> None:
    person = reader(reading, prefers=Channel.EMAIL)
    check(person, TODAY)
    trained(person, TODAY + timedelta(days=20))
    assert service.warn(library.id) == 1
    (letter,) = letters(person)
    assert (letter.channel, letter.purpose) == (Channel.EMAIL, "due-30")
    assert "Safeguarding: please renew it" in letter.subject


def test_a_renewed_paper_is_no_longer_warned_of_and_later_warned_of_anew(
    library: Group, reading: Opportunity
) -> None:
    person = reader(reading)
    check(person, TODAY)
    trained(person, TODAY + timedelta(days=20))
    service.warn(library.id)
    trained(person, TODAY + timedelta(days=65))
    with clock.stopped_at(NOW + timedelta(days=4)):
        assert service.warn(library.id) == 0
    with clock.stopped_at(NOW + timedelta(days=5)):
        assert service.warn(library.id) == 1


def test_nobody_is_told_at_night_or_without_leave(library: Group, reading: Opportunity) -> None:
    person = reader(reading)
    silent = reader(reading, sms_consent_at=None, email_consent_at=None)
    for one in (person, silent):
        check(one, TODAY)
        trained(one, TODAY + timedelta(days=20))
    with clock.stopped_at(datetime(2026, 5, 12, 23, 0, tzinfo=UTC)):
        assert service.warn(library.id) == 1
    assert letters(silent) == []
    (letter,) = letters(person)
    assert letter.not_before == datetime(2026, 5, 13, 7, 0, tzinfo=UTC)


def digests(manager: User) -> list[Message]:
    db.session.rollback()
    found = select(Message).where(
        Message.recipient == f"user:{manager.id}", Message.purpose == "digest"
    )
    return list(db.session.scalars(found.order_by(Message.id)))


@pytest.mark.parametrize(("how", "number"), [("daily", 9), ("weekly", 2), ("never", 0)])
def test_managers_get_one_email_a_period_and_nobody_is_named_in_it(
    library: Group, manager: User, reading: Opportunity, how: str, number: int
) -> None:
    person = reader(reading, name="Nadia Unforgettable")
    service.change_settings(library.id, alone_hours=48, digest=Digest(how))
    for days in range(9):  # from Tuesday to Wednesday of the week after
        with clock.stopped_at(NOW + timedelta(days=days)):
            service.send_digests()
            service.send_digests()
    assert len(digests(manager)) == number
    for one in digests(manager):
        assert "2 checks or trainings that a role asks for, and nobody has noted." in one.body
        assert person.name not in one.body


def test_no_news_is_no_email(library: Group, manager: User, reading: Opportunity) -> None:
    person = reader(reading)
    check(person, TODAY)
    trained(person, None)
    service.send_digests()
    assert digests(manager) == []


def test_the_page_shows_what_needs_attention_and_filters(
    library: Group, manager: User, reading: Opportunity, sign_in: SignIn
) -> None:
    late, fine = reader(reading, name="Lena Late"), reader(reading, name="Fred Fine")
    check(late, date(2020, 1, 1))
    trained(late, TODAY + timedelta(days=9))
    check(fine, TODAY)
    trained(fine, None)
    client, address = sign_in(manager), f"/groups/{library.id}/papers"
    page = client.get(address).text
    assert "Lena Late" in page
    assert "Fred Fine" not in page
    assert "Fred Fine" in client.get(address, query_string={"show": "all"}).text
    only = client.get(address, query_string={"kind": "training"}).text
    assert "Thursday 21 May" in only
    assert CHECK not in only
    assert "Nothing like that" in client.get(address, query_string={"show": "missing"}).text
    assert "viewed checks and training" in set(db.session.scalars(select(AuditEvent.action)))


def test_the_page_needs_few_statements_however_many_people(
    library: Group,
    manager: User,
    reading: Opportunity,
    sign_in: SignIn,
    count_queries: Callable[[], Any],
) -> None:
    for _ in range(12):
        reader(reading)
    client, address = sign_in(manager), f"/groups/{library.id}/papers"
    db.session.remove()
    with count_queries() as statements:
        client.get(address)
    assert len(statements) == 11, statements


def test_training_is_noted_with_who_saw_it_and_its_usual_end(
    library: Group, manager: User, sign_in: SignIn
) -> None:
    person = factories.volunteer()
    factories.known_to(person, library)
    client = sign_in(manager)
    address = f"/groups/{library.id}/volunteers/{person.id}/training"
    said = {"training": str(int(Training.FIRST_AID)), "completed_on": "2026-05-01"}
    client.post(address, data=said)
    client.post(address, data=said | {"valid_until": "2027-01-31"})
    client.post(address, data=said | {"no_end": "y"})
    rows = db.session.execute(
        select(TrainingRecord.valid_until, TrainingRecord.seen_by_id).order_by(TrainingRecord.id)
    ).all()
    assert [until for until, _ in rows] == [date(2029, 5, 1), date(2027, 1, 31), None]
    assert {by for _, by in rows} == {manager.id}
    both = client.post(address, data=said | {"no_end": "y", "valid_until": "2027-01-31"}).text
    assert "Enter a last day, or say that it has none." in both


def person_page(client: FlaskClient, group: Group, person: Volunteer) -> str:
    return client.get(f"/groups/{group.id}/volunteers/{person.id}").text


def test_a_manager_sees_papers_only_where_a_role_asks_for_them(
    library: Group, manager: User, reading: Opportunity, sign_in: SignIn
) -> None:
    helper = reader(factories.opportunity(library))
    checked = reader(reading)
    for one in (helper, checked):
        check(one, TODAY, by=factories.group())
        trained(one, None, Training.FIRE_SAFETY)
    client = sign_in(manager)
    page = person_page(client, library, helper)
    assert "Enhanced, child workforce" not in page
    assert "Fire safety</p>" not in page.replace("\n", "")
    assert "you see only what your group has noted" in page
    assert "Enhanced, child workforce" in person_page(client, library, checked)


def test_whom_to_call_is_shown_around_a_shift_or_of_somebody_young(
    library: Group, manager: User, sign_in: SignIn
) -> None:
    role = factories.opportunity(library)
    said = {"emergency_name": "Gran", "emergency_phone": "01509000000"}
    later, soon = reader(role, **said), factories.volunteer(**said)
    young = factories.volunteer(age_band=AgeBand.FROM_16, **said)
    for one in (soon, young):
        factories.known_to(one, library)
    factories.signup(factories.shift(role, starts_at=NOW + timedelta(hours=5)), soon)
    client = sign_in(manager)
    shown = {one.id: "Gran" in person_page(client, library, one) for one in (later, soon, young)}
    assert shown == {later.id: False, soon.id: True, young.id: True}
    seen = {
        event.subject_id: event.detail["emergency_contact"]
        for event in db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "viewed volunteer")
        )
    }
    assert seen == shown


@pytest.mark.parametrize("who", ["another manager", "a lead", "a volunteer"])
@pytest.mark.parametrize(
    "page", ["papers", "alarms", "children", "decisions", "induction", "safety", "safety/settings"]
)
def test_nobody_else_comes_in(library: Group, sign_in: SignIn, who: str, page: str) -> None:
    user = {
        "another manager": lambda: factories.manager(factories.group()),
        "a lead": lambda: lead_of(library),
        "a volunteer": lambda: member(library),
    }[who]()
    assert sign_in(user).get(f"/groups/{library.id}/{page}").status_code == 404


def lead_of(group: Group) -> User:
    user = factories.user()
    factories.save(Membership(user_id=user.id, group_id=group.id, part=Part.LEAD))
    return user


def member(group: Group) -> User:
    user = factories.user()
    factories.known_to(factories.volunteer(user_id=user.id), group)
    return user


def test_a_newer_lower_check_does_not_hide_that_the_one_needed_is_due(
    library: Group, manager: User, reading: Opportunity, sign_in: SignIn
) -> None:
    person = reader(reading, name="Olga Old")
    check(person, date(2020, 1, 1))
    check(person, TODAY, level=DbsLevel.BASIC, workforce=Workforce.OTHER)
    client = sign_in(manager)
    address = f"/groups/{library.id}/volunteers"
    assert "Check due again" in client.get(address).text
    assert "Olga Old" in client.get(address, query_string={"papers": "lapsed"}).text
    volunteers.record_check(
        library.id,
        person.id,
        level=DbsLevel.ENHANCED_BARRED,
        workforce=Workforce.BOTH,
        issued_on=TODAY,
        seen_by_id=manager.id,
    )
    assert "Check due again" not in client.get(address).text


def first_aider(role: Opportunity, other: Group) -> Volunteer:
    """Somebody who comes, and of whom another group noted an old check and an old course."""
    person = reader(role, name="Olga Old")
    check(person, date(2020, 1, 1), by=other)
    factories.save(
        TrainingRecord(
            volunteer_id=person.id,
            group_id=other.id,
            training=Training.FIRST_AID,
            completed_on=date(2020, 1, 1),
            valid_until=date(2023, 1, 1),
        )
    )
    return person


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ({"needs_training": Training.FIRST_AID}, "Training has run out", "Check due again"),
        (
            {"dbs_level": DbsLevel.ENHANCED, "dbs_workforce": Workforce.CHILD},
            "Check due again",
            "Training has run out",
        ),
    ],
)
def test_a_role_that_asks_for_one_paper_shows_nothing_of_the_other(
    library: Group,
    manager: User,
    sign_in: SignIn,
    asked: dict[str, Any],
    shown: str,
    hidden: str,
) -> None:
    person = first_aider(factories.opportunity(library, **asked), factories.group())
    page = sign_in(manager).get(
        f"/groups/{library.id}/volunteers", query_string={"papers": "lapsed"}
    )
    assert person.name in page.text
    assert shown in page.text
    assert hidden not in page.text
