"""What an import would do, worked out from the file and from who is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask import current_app
from sqlalchemy import select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.places import Place, Postcode, outward_code
from app.groups.models import Site
from app.volunteers.models import Channel, Consent, GroupVolunteer, Volunteer
from app.volunteers.service.opt_outs import opted_out_among
from app.volunteers.spreadsheet import table as tables
from app.volunteers.spreadsheet.rows import Person, read_person
from app.volunteers.vocabulary import AgeBand

CHUNK: Final = 1000
# Hears how many rows have been read, of how many.
Tell = Callable[[int, int], None]
_TOLD_EVERY: Final = 250
_METRES_PER_MILE: Final = 1609.344


@dataclass(frozen=True)
class Rejected:
    """A row that cannot come in, and the reason in words."""

    number: int
    cells: list[str]
    reason: str


@dataclass
class Change:
    """What the file adds to somebody who is there: blanks filled, nothing overwritten."""

    volunteer_id: int
    row: int
    values: dict[str, Any]
    allowed: list[Channel]


@dataclass
class Plan:
    """Everything that carrying out an import will write."""

    table: tables.Table
    rows: int = 0
    people: list[Person] = field(default_factory=list)
    new: list[tuple[Person, Place]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    joining: list[int] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    opted_out: dict[Channel, set[str]] = field(default_factory=dict)

    def allowed(self, person: Person) -> list[Channel]:
        """The channels that the person's row allows and no opt-out forbids."""
        return [
            channel
            for channel, allowed, address in (
                (Channel.SMS, person.sms_allowed, person.phone),
                (Channel.EMAIL, person.email_allowed, person.email),
            )
            if allowed and address and address not in self.opted_out[channel]
        ]

    def summary(self) -> dict[str, Any]:
        """The plan in numbers, with examples, as values that JSON can write."""
        return {
            "rows": self.rows,
            "new": len(self.new),
            "changed": len(self.changes),
            "joining": len(self.joining),
            "rejected": len(self.rejected),
            **{name: self.counts[name] for name in _COUNTED},
            "reasons": [[each.number, each.reason] for each in self.rejected[:20]],
            "columns": [
                [heading or f"Column {index + 1}", self.table.columns[index].value]
                if index in self.table.columns
                else [heading or f"Column {index + 1}", ""]
                for index, heading in enumerate(self.table.header[:60])
            ],
        }


_COUNTED: Final = ("unchanged", "merged", "texts", "emails", "silent", "opted_out", "landlines")


def read_people(text: str, tell: Tell = lambda _done, _total: None) -> Plan:
    """The people in a CSV text and the rows that cannot be read; asks no database.

    `tell` hears how far it is. Raises `Refusal` for a file that is not a table of people.
    """
    table = tables.read(text)
    plan = Plan(table, rows=len(table.rows))
    plan.people = _people(plan, tell)
    return plan


def make_plan(plan: Plan, group_id: int | None) -> Plan:
    """Complete what was read with what it would do to those who are there; reads only."""
    cells = dict(plan.table.rows)
    people = plan.people
    _look_up_opt_outs(plan, people)
    known = _Known(people, group_id)
    places = _places({person.postcode for person in people if person.postcode})
    home = _home(group_id)
    for person in people:
        there = known.find(person)
        if there is not None:
            _meet(plan, known, person, there, places)
            continue
        place = places.get(person.postcode) if person.postcode else home
        if place is None:
            reason = "The postcode is not one that we know." if person.postcode else _NO_POSTCODE
            plan.rejected.append(Rejected(person.row, cells[person.row], reason))
            continue
        plan.new.append((person, place))
        _count(plan, person, plan.allowed(person))
    plan.rejected.sort(key=lambda each: each.number)
    return plan


_NO_POSTCODE: Final = "There is no postcode."


def _people(plan: Plan, tell: Tell) -> list[Person]:
    """One person for each row that can be read; rows of the same person become one."""
    today = clock.today(current_app.config["TIMEZONE"])
    people: list[Person] = []
    seen: dict[tuple[str, str], Person] = {}
    for place, (number, cells) in enumerate(plan.table.rows):
        if place % _TOLD_EVERY == 0:
            tell(place, plan.rows)
        try:
            person = read_person(number, cells, plan.table, today)
        except Refusal as refusal:
            plan.rejected.append(Rejected(number, cells, refusal.sentence))
            continue
        plan.counts["landlines"] += len(person.notes)
        first = next((seen[key] for key in person.keys if key in seen), None)
        if first is None:
            first = person
            people.append(person)
        else:
            first.fill_from(person)
            plan.counts["merged"] += 1
        for key in first.keys:
            seen.setdefault(key, first)
    return people


def _look_up_opt_outs(plan: Plan, people: list[Person]) -> None:
    plan.opted_out = {
        Channel.SMS: opted_out_among(Channel.SMS, {p.phone for p in people if p.phone}),
        Channel.EMAIL: opted_out_among(Channel.EMAIL, {p.email for p in people if p.email}),
    }
    plan.counts["opted_out"] = sum(len(found) for found in plan.opted_out.values())


class _Known:
    """The volunteers who are there already and might be somebody in the file."""

    def __init__(self, people: list[Person], group_id: int | None) -> None:
        self.group_id = group_id
        self.met: set[int] = set()
        self.by_key: dict[tuple[str, str], Volunteer] = {}
        for column, addresses in (
            (Volunteer.phone, {p.phone for p in people if p.phone}),
            (Volunteer.email, {p.email for p in people if p.email}),
        ):
            for part in chunks(addresses):
                for volunteer in db.session.scalars(
                    select(Volunteer).where(column.in_(part)).order_by(Volunteer.id)
                ):
                    name = volunteer.name.casefold()
                    for address in (volunteer.phone, volunteer.email):
                        if address:
                            self.by_key.setdefault((name, address), volunteer)
        ids = {volunteer.id for volunteer in self.by_key.values()}
        self.decided = self._rows(ids, Consent, Consent.channel)
        self.sees = dict(
            self._rows(ids, GroupVolunteer, GroupVolunteer.sees_profile, group_id)
            if group_id is not None
            else ()
        )

    def _rows(
        self, ids: Collection[int], model: Any, column: Any, group_id: int | None = None
    ) -> set[tuple[int, Any]]:
        found: set[tuple[int, Any]] = set()
        for part in chunks(ids):
            query = select(model.volunteer_id, column).where(model.volunteer_id.in_(part))
            if group_id is not None:
                query = query.where(model.group_id == group_id)
            found |= {(volunteer_id, value) for volunteer_id, value in db.session.execute(query)}
        return found

    def find(self, person: Person) -> Volunteer | None:
        return next((self.by_key[key] for key in person.keys if key in self.by_key), None)


def _meet(
    plan: Plan, known: _Known, person: Person, there: Volunteer, places: dict[str, Place]
) -> None:
    """A row about somebody who is there: fill blanks, or only put them on the group's list."""
    if known.group_id is not None and not known.sees.get(there.id):
        # What others were told is neither shown to this group nor changed by it.
        if there.id in known.sees:
            plan.counts["unchanged"] += 1
        else:
            plan.joining.append(there.id)
        return
    if there.id in known.met:
        # Two rows, one by phone and one by email: the first one counts.
        plan.counts["merged"] += 1
        return
    known.met.add(there.id)
    values = _blanks(person, there, places)
    allowed = [
        channel
        for channel in plan.allowed(person)
        if (there.id, channel) not in known.decided
        and (there.sms_consent_at if channel == Channel.SMS else there.email_consent_at) is None
    ]
    if values or allowed:
        plan.changes.append(Change(there.id, person.row, values, allowed))
    else:
        plan.counts["unchanged"] += 1


def _blanks(person: Person, there: Volunteer, places: dict[str, Place]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in ("phone", "email", "skills", "interests", "languages", "transport", "free_times",
                 "emergency_name", "emergency_phone"):  # fmt: skip
        if not getattr(there, name) and (said := getattr(person, name)):
            values[name] = said
    if there.age_band == AgeBand.NOT_TOLD and person.age_band != AgeBand.NOT_TOLD:
        values["age_band"] = person.age_band
    if not there.postcode and (place := places.get(person.postcode)):
        values |= position(place)
    return values


def position(place: Place) -> dict[str, Any]:
    """The columns of `Volunteer` that say where somebody starts from."""
    return {
        "postcode": place.label,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "east": place.east,
        "north": place.north,
        "cell": place.cell,
    }


def metres(person: Person) -> int:
    """How far the person will travel: as said, else five miles."""
    return round((person.miles or 5) * _METRES_PER_MILE)


def _count(plan: Plan, person: Person, allowed: Sequence[Channel]) -> None:
    plan.counts["texts"] += Channel.SMS in allowed
    plan.counts["emails"] += Channel.EMAIL in allowed
    plan.counts["silent"] += not allowed


def _home(group_id: int | None) -> Place | None:
    """Where people without a postcode are taken to start from: the group's first site."""
    if group_id is None:
        return None
    site = db.session.scalar(select(Site).where(Site.group_id == group_id).order_by(Site.id))
    return Place("", site.latitude, site.longitude, site.district) if site else None


def _places(postcodes: set[str]) -> dict[str, Place]:
    """Where postcodes are, in few queries; those that we do not know are left out."""
    found: dict[str, Place] = {}
    for part in chunks(postcodes):
        for row in db.session.scalars(select(Postcode).where(Postcode.postcode.in_(part))):
            found[row.postcode] = Place(row.postcode, row.latitude, row.longitude, row.district)
    for postcode in postcodes - found.keys():
        if outward := outward_code(postcode.partition(" ")[0]):
            at = outward.place
            found[postcode] = Place(postcode, at.latitude, at.longitude, at.district)
    return found


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """The values in lists that one statement can take."""
    everything = list(values)
    for start in range(0, len(everything), CHUNK):
        yield everything[start : start + CHUNK]


def sentences(summary: dict[str, Any], *, done: bool) -> list[str]:
    """A plan's numbers as sentences, for the screen and the command line."""
    will, are = ("was", "were") if done else ("will be", "will be")

    def said(name: str, one: str, many: str) -> list[str]:
        number = int(summary[name])
        if not number:
            return []
        verb = will if number == 1 else are
        return [f"{number:,} {one if number == 1 else many}".replace("[be]", verb)]

    return [
        *said("new", "person [be] added", "people [be] added"),
        *said(
            "changed",
            "person who is there already [be] completed",
            "people who are there already [be] completed",
        ),
        *said(
            "joining",
            "person whom other groups know [be] put on your list",
            "people whom other groups know [be] put on your list",
        ),
        *said("unchanged", "person is there already", "people are there already"),
        *said("merged", "row is about somebody named above it", "rows are about somebody above"),
        *said("texts", "person allows texts", "people allow texts"),
        *said("emails", "person allows emails", "people allow emails"),
        *said(
            "silent",
            "new person has not said yes to texts or emails, and gets none",
            "new people have not said yes to texts or emails, and get none",
        ),
        *said(
            "opted_out",
            "number or address asked us to stop before. It stays opted out",
            "numbers or addresses asked us to stop before. They stay opted out",
        ),
        *said(
            "landlines",
            "landline cannot get texts and is left out",
            "landlines cannot get texts and are left out",
        ),
        *said("rejected", "row cannot be imported", "rows cannot be imported"),
    ]
