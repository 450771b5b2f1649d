"""Calendar feeds and invitations, read as calendar programs read them.

Two parsers that know nothing of one another (icalendar, vobject), a check of the lines by
RFC 5545, and three stand-ins for the habits of the programs that people have.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil.tz import tzical
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Membership, Site
from app.messaging.models import Message
from app.opportunities.models import Duty, Opportunity, Shift, Slot
from app.signups import calendars, cancelling, changes, group_calendars
from app.signups import service as places
from app.signups.models import GroupCalendar, Names, Way
from app.signups.zones import is_told_apart, time_zone
from app.volunteers.models import Volunteer
from tests import factories

LONDON = ZoneInfo("Europe/London")
SignIn = Callable[[User], FlaskClient]


def london(month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON, fold=fold)


def must_be_well_formed(content: bytes) -> None:
    """RFC 5545, section 3.1: CRLF ends each line, none is longer than 75 octets."""
    assert content.endswith(b"\r\n")
    for line in content.removesuffix(b"\r\n").split(b"\r\n"):
        assert b"\n" not in line
        assert b"\r" not in line
        assert 0 < len(line) <= 75
        line.decode()  # no character is cut in two
    unfolded = re.sub(b"\r\n[ \t]", b"", content)
    for line in unfolded.removesuffix(b"\r\n").split(b"\r\n"):
        assert re.match(rb"[A-Z0-9-]+[;:]", line), line
    tzids = set(re.findall(rb"TZID=([^:;]+)", unfolded))
    assert tzids == set(re.findall(rb"BEGIN:VTIMEZONE\r\nTZID:(\S+)", unfolded)) or not tzids


def read(content: bytes) -> dict[str, Any]:
    """The events by UID, by the first parser; the second must find the same."""
    must_be_well_formed(content)
    events = {str(one["uid"]): one for one in Calendar.from_ical(content).walk("VEVENT")}
    second = vobject.readOne(content.decode())
    others = {one.uid.value: one for one in getattr(second, "vevent_list", [])}
    assert events.keys() == others.keys()
    for uid, event in events.items():
        other = others[uid]
        # Reckoned by vobject from the VTIMEZONE, by icalendar from the zone's name.
        assert other.dtstart.value == event["dtstart"].dt
        assert other.dtend.value == event["dtend"].dt
        assert other.summary.value == str(event["summary"])
        assert other.status.value == str(event["status"])
        assert int(other.sequence.value) == event["sequence"]
        assert other.last_modified.value == event["last-modified"].dt
    return events


# --- the zone ---------------------------------------------------------------------------


def test_the_zone_says_when_the_clocks_change_in_the_time_kept_before() -> None:
    told = time_zone("Europe/London", 2025, 2027).to_ical().decode()
    assert "BEGIN:DAYLIGHT\r\nDTSTART:20250330T010000\r\n" in told
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in told
    assert "BEGIN:STANDARD\r\nDTSTART:20251026T020000\r\n" in told
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in told


@pytest.mark.parametrize(
    "zone",
    ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"],
)
def test_a_second_reader_reckons_every_hour_as_the_zone_does(zone: str) -> None:
    calendar = Calendar()
    calendar.add_component(time_zone(zone, 2025, 2028))
    theirs = tzical(io.StringIO(calendar.to_ical().decode())).get(zone)
    there = ZoneInfo(zone)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    while at.year < 2028:
        wall = at.astimezone(there)
        if is_told_apart(at, zone):
            naive = wall.replace(tzinfo=None)
            assert naive.replace(tzinfo=theirs).utcoffset() == wall.utcoffset(), naive
        at += timedelta(hours=1)


@pytest.mark.parametrize(
    ("starts", "written"),
    [
        (london(3, 28, 10), "DTSTART;TZID=Europe/London:20260328T100000"),
        (london(3, 29, 10), "DTSTART;TZID=Europe/London:20260329T100000"),
        (london(10, 24, 18), "DTSTART;TZID=Europe/London:20261024T180000"),
        (london(10, 25, 18), "DTSTART;TZID=Europe/London:20261025T180000"),
        # The hour that comes twice: readers differ in which one they take it for.
        (london(10, 25, 1, 30), "DTSTART:20261025T003000Z"),
        (london(10, 25, 1, 30, fold=1), "DTSTART:20261025T013000Z"),
    ],
)
def test_a_shift_stands_at_the_time_of_its_site(app: Flask, starts: datetime, written: str) -> None:
    with clock.stopped_at(starts - timedelta(days=3)):
        signup = factories.signup(factories.shift(starts_at=starts), factories.volunteer())
        content = calendars.feed(calendars.new_address(signup.volunteer_id)) or b""
        assert written in content.decode()
        (event,) = read(content).values()
        assert event["dtstart"].dt == starts.astimezone(UTC)


# --- one's own feed ---------------------------------------------------------------------


class Subscriber:
    """A program that asks again and again, and shows exactly what the last answer held.

    Google Calendar and Outlook on the web take each answer for the whole truth and hide what
    is cancelled. `keeps` is Apple's Calendar, and others that synchronise by UID: an event is
    replaced only by one with the same or a higher SEQUENCE. Each sends back the ETag.
    """

    def __init__(self, client: FlaskClient, address: str, *, keeps: bool = False) -> None:
        self.client, self.address, self.keeps = client, address, keeps
        self.tag = ""
        self.events: dict[str, Any] = {}
        self.answers: list[int] = []

    def poll(self) -> dict[str, datetime]:
        """The beginnings of what it shows after asking once more, by UID."""
        headers = {"If-None-Match": self.tag} if self.tag else {}
        answer = self.client.get(self.address, headers=headers)
        self.answers.append(answer.status_code)
        if answer.status_code == 200:
            self.tag = answer.headers["ETag"]
            found = read(answer.data)
            if self.keeps:
                for uid, event in found.items():
                    known = self.events.get(uid)
                    if known is None or event["sequence"] >= known["sequence"]:
                        self.events[uid] = event
                self.events = {uid: one for uid, one in self.events.items() if uid in found}
            else:
                self.events = found
        return {
            uid: event["dtstart"].dt
            for uid, event in self.events.items()
            if str(event["status"]) != "CANCELLED"
        }


class Importer(Subscriber):
    """A program that only adds and updates: Outlook's imported file, or an old phone.

    What it has it keeps, until it is told by its UID that it is cancelled.
    """

    def poll(self) -> dict[str, datetime]:
        kept = dict(self.events)
        super().poll()
        self.events = kept | self.events
        return {
            uid: event["dtstart"].dt
            for uid, event in self.events.items()
            if str(event["status"]) != "CANCELLED"
        }


@pytest.mark.parametrize(
    "reader",
    [
        lambda client, address: Subscriber(client, address),
        lambda client, address: Subscriber(client, address, keeps=True),
        lambda client, address: Importer(client, address),
    ],
    ids=["google", "apple", "outlook"],
)
def test_places_gained_moved_and_lost_arrive(
    client: FlaskClient, reader: Callable[[FlaskClient, str], Subscriber]
) -> None:
    start = london(6, 1, 9)
    with clock.stopped_at(start):
        person = factories.volunteer()
        first = factories.shift(starts_at=london(6, 10, 10))
        second = factories.shift(starts_at=london(6, 11, 10))
        program = reader(client, f"/calendar/{calendars.new_address(person.id)}.ics")
        assert program.poll() == {}
        places.claim(first.id, person.id, way=Way.WEB)
        places.claim(second.id, person.id, way=Way.WEB)
        seen = program.poll()
        assert sorted(seen.values()) == [first.starts_at, second.starts_at]
    with clock.stopped_at(start + timedelta(hours=1)):
        assert program.poll() == seen
        assert program.answers[-1] == 304
    with clock.stopped_at(start + timedelta(hours=2)):
        move(first, london(6, 10, 14))
        moved = program.poll()
        assert moved.keys() == seen.keys()
        assert sorted(moved.values()) == [london(6, 10, 14).astimezone(UTC), second.starts_at]
    with clock.stopped_at(start + timedelta(hours=3)):
        places.withdraw(first.id, person.id, way=Way.WEB)
        assert list(program.poll().values()) == [second.starts_at]
    with clock.stopped_at(start + timedelta(hours=4)):
        places.claim(first.id, person.id, way=Way.WEB)
        assert program.poll().keys() == seen.keys()
    with clock.stopped_at(start + timedelta(hours=5)):
        cancelling.cancel_shift(second.id, None, "The boiler is broken.")
        assert list(program.poll().values()) == [london(6, 10, 14).astimezone(UTC)]


def move(shift: Shift, starts: datetime) -> None:
    changes.edit_shift(
        shift.opportunity.group_id,
        shift.id,
        day=starts.date(),
        starts=starts.time(),
        ends=(starts + timedelta(hours=2)).time(),
        places=3,
        minimum=1,
    )


def test_the_address_appears_near_the_time_and_the_program_hears_of_it(client: FlaskClient) -> None:
    starts = london(6, 10, 10)
    with clock.stopped_at(london(6, 1, 9)):
        site = factories.site(address="12 Market Street")
        shift = factories.shift(factories.opportunity(at=site), starts_at=starts)
        person = factories.volunteer()
        places.claim(shift.id, person.id, way=Way.WEB)
        address = f"/calendar/{calendars.new_address(person.id)}.ics"
        program = Subscriber(client, address, keeps=True)
        program.poll()
        (before,) = program.events.values()
        assert "Market Street" not in str(before["location"])
    with clock.stopped_at(starts - timedelta(hours=40)):
        program.poll()
        (after,) = program.events.values()
        assert "12 Market Street" in str(after["location"])
        assert after["sequence"] > before["sequence"]
        assert after["last-modified"].dt == starts.astimezone(UTC) - timedelta(hours=48)


def test_long_names_in_any_letters_are_folded_and_come_through(app: Flask) -> None:
    title = "Łódź café: soup, bread; “tea” " + "é" * 60 + "👩‍🍳" * 4
    shift = factories.shift(factories.opportunity(title=title[:120]))
    signup = factories.signup(shift, factories.volunteer())
    content = calendars.feed(calendars.new_address(signup.volunteer_id)) or b""
    (event,) = read(content).values()
    assert str(event["summary"]).startswith(title[:120])


def test_the_invitation_and_the_feed_speak_of_the_same_event(app: Flask) -> None:
    person = factories.volunteer()
    shift = factories.shift(starts_at=clock.now() + timedelta(days=9))
    places.claim(shift.id, person.id, way=Way.WEB)
    with clock.stopped_at(clock.now() + timedelta(hours=1)):
        cancelling.cancel_shift(shift.id, None, "Snow.")
    letters = db.session.scalars(
        select(Message.calendar).where(Message.calendar.is_not(None)).order_by(Message.id)
    ).all()
    invited, cancelled = ((text or "").encode() for text in letters)
    assert b"METHOD:REQUEST\r\n" in invited
    assert b"METHOD:CANCEL\r\n" in cancelled
    (first,), (second,) = read(invited).items(), read(cancelled).items()
    assert first[0] == second[0]
    assert second[1]["sequence"] > first[1]["sequence"]
    assert (str(first[1]["status"]), str(second[1]["status"])) == ("CONFIRMED", "CANCELLED")
    feed = read(calendars.feed(calendars.new_address(person.id)) or b"")
    assert feed[first[0]]["sequence"] == second[1]["sequence"]


def test_the_feed_needs_few_statements(client: FlaskClient, count_queries: Any) -> None:
    person = factories.volunteer()
    address, person_id = f"/calendar/{calendars.new_address(person.id)}.ics", person.id
    counted: list[int] = []
    for _ in range(2):
        for day in range(8):
            at = clock.now() + timedelta(days=day + 1, hours=len(counted) * 4)
            factories.signup(
                factories.shift(starts_at=at), db.session.get_one(Volunteer, person_id)
            )
        db.session.remove()
        with count_queries() as statements:
            client.get(address)
        counted.append(len(statements))
    assert counted == [2, 2]


# --- a group's feed ---------------------------------------------------------------------


@pytest.fixture
def manager(app: Flask) -> User:
    return factories.manager(factories.group(name="Hathern Library"))


def group_of(manager: User) -> int:
    return db.session.scalars(
        select(Membership.group_id).where(Membership.user_id == manager.id)
    ).one()


def address_of(manager: User, names: Names = Names.FULL, site_id: int | None = None) -> str:
    token = group_calendars.make(group_of(manager), site_id, names, manager.id)
    return f"/calendar/{token}.ics"


def test_a_manager_makes_an_address_and_stops_it(manager: User, sign_in: SignIn) -> None:
    client, group_id = sign_in(manager), group_of(manager)
    page = client.post(f"/groups/{group_id}/calendars", data={"site": "", "names": "full"})
    found = re.search(r'value="http://localhost(/calendar/[\w-]+\.ics)"', page.text)
    assert found is not None
    assert page.headers["Cache-Control"] == "no-store"
    assert client.get(found[1]).status_code == 200
    listed = client.get(f"/groups/{group_id}/calendars").text
    assert "Full names" in listed
    assert "just now" in listed
    calendar_id = db.session.scalars(select(GroupCalendar.id)).one()
    client.post(f"/groups/{group_id}/calendars/{calendar_id}/stop")
    assert client.get(found[1]).status_code == 404
    assert found[1][10:-4] not in repr(db.session.execute(select(GroupCalendar.token_hash)).all())


def test_a_site_of_others_is_refused_beside_its_field(manager: User, sign_in: SignIn) -> None:
    other = factories.site()
    answer = sign_in(manager).post(
        f"/groups/{group_of(manager)}/calendars", data={"site": str(other.id), "names": "full"}
    )
    assert "Choose one of the answers." in answer.text
    assert db.session.scalar(select(GroupCalendar.id)) is None


def test_another_groups_address_is_not_found(manager: User, sign_in: SignIn) -> None:
    other = factories.manager(factories.group())
    address_of(other)
    calendar_id = db.session.scalars(select(GroupCalendar.id)).one()
    answer = sign_in(manager).post(f"/groups/{group_of(manager)}/calendars/{calendar_id}/stop")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("names", "told", "hidden"),
    [
        (Names.FULL, "Ada Lovelace (Driver)", "nothing"),
        (Names.FIRST, "Ada (Driver)", "Lovelace"),
        (Names.NONE, "Driver: 1 of 1", "Ada"),
    ],
)
def test_it_tells_who_comes_as_its_maker_chose(
    manager: User, client: FlaskClient, names: Names, told: str, hidden: str
) -> None:
    shift = of_group(manager, places=3, minimum=2)
    duty = factories.save(Duty(opportunity_id=shift.opportunity_id, name="Driver"))
    slot = factories.save(Slot(shift_id=shift.id, duty_id=duty.id, places=1))
    factories.signup(shift, factories.volunteer(name="Ada Lovelace"), slot_id=slot.id)
    (event,) = read(client.get(address_of(manager, names)).data).values()
    said = str(event["description"])
    assert told in said
    assert hidden not in said
    assert "2 places free." in said
    assert "Below the minimum of 2." in said
    assert str(event["summary"]) == "Food parcel driver: 1 of 3, TOO FEW"


def of_group(manager: User, site: Any = None, **said: Any) -> Shift:
    group = db.session.get_one(Membership, membership_of(manager)).group
    role = factories.opportunity(at=site or factories.site(group))
    return factories.shift(role, **said)


def membership_of(manager: User) -> int:
    return db.session.scalars(select(Membership.id).where(Membership.user_id == manager.id)).one()


def test_one_site_only(manager: User, client: FlaskClient) -> None:
    group = db.session.get_one(Membership, membership_of(manager)).group
    here, there = factories.site(group), factories.site(group)
    shown = of_group(manager, here)
    of_group(manager, there)
    of_group(factories.manager(factories.group()))
    events = read(client.get(address_of(manager, site_id=here.id)).data)
    assert list(events) == [f"shift-{shown.id}@localhost"]
    assert len(read(client.get(address_of(manager)).data)) == 2


@pytest.mark.parametrize(
    ("of", "name"), [(Opportunity, "title"), (Site, "name"), (Site, "postcode")]
)
def test_a_group_program_hears_of_new_names(
    manager: User, client: FlaskClient, of: Any, name: str
) -> None:
    shift = of_group(manager)
    program = Subscriber(client, address_of(manager), keeps=True)
    program.poll()
    program.poll()
    assert program.answers[-1] == 304
    about = shift.opportunity_id if of is Opportunity else shift.site_id
    with transaction():
        setattr(db.session.get_one(of, about), name, "LE1 1AA")
    program.poll()
    assert program.answers[-1] == 200
    (event,) = program.events.values()
    assert "LE1 1AA" in f"{event['summary']} {event['location']}"


def test_a_group_program_hears_of_each_change(manager: User, client: FlaskClient) -> None:
    start = london(6, 1, 9)
    with clock.stopped_at(start):
        shift = of_group(manager, starts_at=london(6, 10, 10))
        program = Subscriber(client, address_of(manager), keeps=True)
        program.poll()
        person = factories.volunteer(name="Ada Lovelace")
    for hour, change, told in (
        (1, lambda: places.claim(shift.id, person.id, way=Way.WEB), "Ada Lovelace"),
        (2, lambda: places.withdraw(shift.id, person.id, way=Way.WEB), "3 places free."),
    ):
        with clock.stopped_at(start + timedelta(hours=hour)):
            change()
            program.poll()
            (event,) = program.events.values()
            assert told in str(event["description"])
            assert event["last-modified"].dt == (start + timedelta(hours=hour)).astimezone(UTC)
    with clock.stopped_at(start + timedelta(hours=3)):
        program.poll()
        assert program.answers[-1] == 304
        cancelling.cancel_shift(shift.id, None, "Snow.")
        assert program.poll() == {}


def test_whoever_manages_no_more_reads_no_more(manager: User, client: FlaskClient) -> None:
    of_group(manager)
    address = address_of(manager)
    assert client.get(address).status_code == 200
    with transaction():
        db.session.delete(db.session.get_one(Membership, membership_of(manager)))
    assert client.get(address).status_code == 404


def test_reading_is_noted_but_not_each_time(
    manager: User, client: FlaskClient, count_queries: Any
) -> None:
    for day in range(1, 9):
        factories.signup(
            of_group(manager, starts_at=clock.now() + timedelta(days=day)), factories.volunteer()
        )
    address = address_of(manager)
    now = clock.now()
    with clock.stopped_at(now):
        client.get(address)
    db.session.remove()
    with clock.stopped_at(now + timedelta(minutes=5)), count_queries() as statements:
        client.get(address)
    # Whose address it is not, whose it is, the shifts, their people, their slots.
    assert len(statements) == 5
    actions = db.session.scalars(
        select(AuditEvent.action).where(AuditEvent.action == "calendar program read shifts")
    ).all()
    assert len(actions) == 1
    with clock.stopped_at(now + timedelta(minutes=11)):
        client.get(address)
    db.session.rollback()
    assert db.session.scalars(select(GroupCalendar.last_read_at)).one() == now + timedelta(
        minutes=11
    )
