"""A county of any size for the benchmarks: the same people every time, made in bulk.

Nobody is real. The numbers only need the right spread: most people live in
and around the towns, travel a few miles, can do two or three things and have
told, about half of them, when they are free.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from app.accounts.models import User
from app.foundation.extensions import db
from app.foundation.places import Place, towns
from app.groups.models import Group, GroupKind, Site
from app.messaging.models import Message, State
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups.models import Signup, Standing, Way
from app.volunteers.models import (
    Channel,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    OptOut,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.vocabulary import Activity, AgeBand, DbsLevel, Skill, Training, Workforce

NOW = datetime(2026, 5, 12, 16, 40, tzinfo=UTC)  # a Tuesday
GROUPS = 400
SHIFTS = 5_000
_BATCH = 5_000
_KIND_WEIGHT = {"town": 12, "suburb": 8, "village": 1}

Row = dict[str, Any]


def build(people: int) -> None:
    """Fill an empty database with so many volunteers and all that surrounds them."""
    chance = random.Random(20260512)
    with db.engine.begin() as connection:
        _bulk(connection, Group, _groups())
        _bulk(connection, Site, _sites(chance))
        _bulk(connection, User, _users(people))
        _bulk(connection, Volunteer, _volunteers(chance, people))
        _bulk(connection, GroupVolunteer, _known(chance, people))
        _bulk(connection, OptOut, _opt_outs(chance, people))
        _bulk(connection, DbsCheck, _checks(chance, people))
        _bulk(connection, TrainingRecord, _trainings(chance, people))
        _bulk(connection, DatesAway, _away(chance, people))
        _bulk(connection, Opportunity, _opportunities(chance))
        _bulk(connection, Shift, _shifts(chance))
        _bulk(connection, Signup, _signups(chance, people))
        _bulk(connection, Message, _asks(chance, people))
    vacuum = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with vacuum.connect() as connection:
        command = "ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"
        connection.execute(text(command))


def _bulk(connection: Connection, model: Any, rows: Iterator[Row]) -> None:
    batch: list[Row] = []
    for row in rows:
        batch.append({"created_at": NOW} | row)
        if len(batch) == _BATCH:
            connection.execute(insert(model), batch)
            batch = []
    if batch:
        connection.execute(insert(model), batch)
    if connection.dialect.name == "postgresql":
        table = model.__table__.name
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        )


def _position(place: Place) -> Row:
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "east": place.east,
        "north": place.north,
        "cell": place.cell,
    }


def _somewhere(chance: random.Random) -> Callable[[], Place]:
    known = [town for town in towns() if town.name != "Leicester"]
    weights = [_KIND_WEIGHT[town.kind] for town in known]
    cumulative = [sum(weights[: n + 1]) for n in range(len(weights))]

    def draw() -> Place:
        town = chance.choices(known, cum_weights=cumulative)[0]
        north, east = chance.gauss(0, 0.012), chance.gauss(0, 0.02)
        return Place(town.name, town.latitude + north, town.longitude + east, town.district)

    return draw


def _some(chance: random.Random, vocabulary: type[Any], average: float) -> Any:
    found, share = vocabulary(0), average / len(vocabulary)
    for member in vocabulary:
        if chance.random() < share:
            found |= member
    return found


def _groups() -> Iterator[Row]:
    kinds = list(GroupKind)
    for n in range(1, GROUPS + 1):
        yield {"id": n, "name": f"Group {n}", "slug": f"group-{n}", "kind": kinds[n % 5]}


def _sites(chance: random.Random) -> Iterator[Row]:
    draw = _somewhere(chance)
    for n in range(1, GROUPS + 1):
        # The first site is in the middle of Loughborough, the second in that of Leicester.
        place = draw()
        if n == 1:
            place = Place("Loughborough", 52.7705, -1.2046, "Charnwood")
        if n == 2:
            place = Place("Leicester", 52.6343, -1.1332, "Leicester")
        yield {"id": n, "group_id": n, "name": "The hall", "postcode": "LE11 3TU"} | _position(
            place
        )


def _users(people: int) -> Iterator[Row]:
    for n in range(1, people + 1, 2):
        yield {"id": n, "name": f"Person {n}"}


def _volunteers(chance: random.Random, people: int) -> Iterator[Row]:
    draw = _somewhere(chance)
    travels = (3219, 4828, 8047, 8047, 8047, 16093, 16093, 32187)
    bands = [AgeBand.ADULT] * 90 + [AgeBand.NOT_TOLD] * 6 + [AgeBand.FROM_16] * 3
    bands.append(AgeBand.UNDER_16)
    for n in range(1, people + 1):
        consents = chance.random() < 0.92
        asked = chance.random() < 0.5
        yield {
            "id": n,
            "user_id": n if n % 2 else None,
            "name": f"Volunteer {n}",
            # Drama numbers, lengthened so that 200,000 differ; one in fifty is shared.
            "phone": f"+447700900{n - 1 if n % 50 == 0 else n:06d}",
            "phone_verified_at": NOW if chance.random() < 0.95 else None,
            "email": f"volunteer{n}@example.org",
            "sms_consent_at": NOW if consents else None,
            "postcode": "LE11 3TU",
            "travel_metres": chance.choice(travels),
            "interests": _some(chance, Activity, 3),
            "skills": _some(chance, Skill, 4),
            "free_times": chance.getrandbits(21) | chance.getrandbits(21)
            if chance.random() < 0.5
            else 0,
            "age_band": chance.choice(bands),
            "guardian_consent_at": NOW if n % 3 else None,
            "asks_per_week": chance.choice((0, 1, 2, 3, 3, 3, 5)),
            "paused_until": date(2026, 7, 1) if chance.random() < 0.04 else None,
            "last_asked_at": NOW - timedelta(days=chance.randrange(1, 200)) if asked else None,
        } | _position(draw())


def _known(chance: random.Random, people: int) -> Iterator[Row]:
    for n in range(1, people + 1):
        for group in {chance.randrange(1, GROUPS + 1) for _ in range(chance.choice((0, 1, 1, 2)))}:
            yield {"volunteer_id": n, "group_id": group, "how": ""}


def _opt_outs(chance: random.Random, people: int) -> Iterator[Row]:
    for n in sorted(chance.sample(range(1, people + 1), people // 50)):
        phone = f"+447700900{n:06d}"
        yield {"channel": Channel.SMS, "address": phone, "address_hash": f"{n:064d}", "how": "text"}


def _checks(chance: random.Random, people: int) -> Iterator[Row]:
    levels = (DbsLevel.BASIC, DbsLevel.ENHANCED, DbsLevel.ENHANCED)
    for n in range(1, people + 1):
        if chance.random() < 0.3:
            yield {
                "volunteer_id": n,
                "level": chance.choice(levels),
                "workforce": chance.choice(list(Workforce)),
                "issued_on": date(2020, 1, 1) + timedelta(days=chance.randrange(2300)),
            }


def _trainings(chance: random.Random, people: int) -> Iterator[Row]:
    trainings = list(Training)
    for n in range(1, people + 1):
        if chance.random() < 0.4:
            done = date(2022, 1, 1) + timedelta(days=chance.randrange(1500))
            yield {
                "volunteer_id": n,
                "training": chance.choice(trainings),
                "completed_on": done,
                "valid_until": done + timedelta(days=1095),
            }


def _away(chance: random.Random, people: int) -> Iterator[Row]:
    for n in range(1, people + 1):
        if chance.random() < 0.1:
            first = date(2026, 3, 1) + timedelta(days=chance.randrange(150))
            yield {
                "volunteer_id": n,
                "first_day": first,
                "last_day": first + timedelta(days=chance.randrange(15)),
            }


def _opportunities(chance: random.Random) -> Iterator[Row]:
    for n in range(1, GROUPS + 1):
        yield {
            "id": n,
            "group_id": n,
            "site_id": n,
            "title": f"Role {n}",
            "activity": Activity.FOOD | Activity.DRIVING,
            "stage": Stage.PUBLISHED,
            # The first asks for much, the second for nothing but an adult.
            "needs_skills": Skill.DRIVE_CAR if n == 1 else Skill(0),
            "likes_skills": Skill.FIRST_AID | Skill.LISTENING,
            "needs_training": Training.FOOD_HYGIENE if n == 3 else Training(0),
            "dbs_level": DbsLevel.ENHANCED if n == 3 else DbsLevel.NONE,
            "dbs_workforce": Workforce.ADULT if n == 3 else None,
        }


def _shifts(chance: random.Random) -> Iterator[Row]:
    """Four weeks to come and a year gone by; the first few are tonight at 18:00."""
    tonight = datetime(2026, 5, 12, 17, tzinfo=UTC)
    for n in range(1, SHIFTS * 4 + 1):
        starts_at = tonight
        if n > 3:
            ahead = chance.randrange(28) if n <= SHIFTS else -chance.randrange(1, 365)
            starts_at += timedelta(days=ahead, hours=chance.randrange(-8, 2))
        opportunity = n if n <= 3 else chance.randrange(1, GROUPS + 1)
        yield {
            "id": n,
            "opportunity_id": opportunity,
            "site_id": opportunity,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2),
            "places": 8,
            "minimum": 1,
            "stage": Stage.PUBLISHED,
        }


def _signups(chance: random.Random, people: int) -> Iterator[Row]:
    for n in range(1, SHIFTS * 4 + 1):
        takers = {chance.randrange(1, people + 1) for _ in range(4)}
        for volunteer in sorted(takers):
            standing = Standing.CONFIRMED if chance.random() < 0.8 else Standing.WITHDRAWN
            yield {
                "shift_id": n,
                "volunteer_id": volunteer,
                "standing": standing,
                "way": Way.DEMO,
            }


def _asks(chance: random.Random, people: int) -> Iterator[Row]:
    """A busy half year of asking: one text for every two volunteers, 10,000 this week."""
    for n in range(people // 2):
        days = chance.randrange(6) if n % 10 == 0 else chance.randrange(7, 180)
        volunteer = chance.randrange(1, people + 1)
        yield {
            "channel": Channel.SMS,
            "lane": "urgent",
            "cause": f"broadcast:{n}",
            "recipient": f"volunteer:{volunteer}",
            "purpose": "ask",
            "volunteer_id": volunteer,
            "token": f"{n:032d}",
            "to_address": f"+447700900{volunteer:06d}",
            "body": "Can you help tonight?",
            "state": State.DELIVERED,
            "not_before": NOW,
            "created_at": NOW - timedelta(days=days),
        }
