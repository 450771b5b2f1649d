"""Rows for tests, plausible by themselves; say only what the test is about."""

from __future__ import annotations

import itertools
from datetime import datetime, time, timedelta
from typing import Any

from app.accounts.models import CountyRole, User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group, GroupKind, Membership, Part, Site
from app.opportunities.models import Duty, Opportunity, Pattern, Shift, Slot, Stage
from app.signups.models import Signup, Standing, Way
from app.signups.standing.models import StandingPlace, StandingState
from app.volunteers.models import GroupVolunteer, Volunteer
from app.volunteers.vocabulary import Activity, AgeBand

_number = itertools.count(1)
_phone = itertools.count(200)  # tests name those below by themselves

# Loughborough, on the flat grid's own terms only roughly: tests of distance say where.
LATITUDE, LONGITUDE = 52.7705, -1.2046


def begin_anew() -> None:
    """Count from the start, so that a test has the same names and numbers in each run."""
    global _number, _phone
    _number = itertools.count(1)
    _phone = itertools.count(200)


def save(row: Any) -> Any:
    with transaction():
        db.session.add(row)
    return row


def drama_phone(n: int) -> str:
    """One of Ofcom's numbers for drama: n from 0 to 999."""
    return f"+447700900{n:03d}"


def position(latitude: float = LATITUDE, longitude: float = LONGITUDE) -> dict[str, Any]:
    # Imported late so that the factories load before places does in its own tests.
    from app.foundation.places import Place  # noqa: PLC0415

    place = Place("here", latitude, longitude, "Charnwood")
    return {
        "latitude": latitude,
        "longitude": longitude,
        "east": place.east,
        "north": place.north,
        "cell": place.cell,
    }


def user(**said: Any) -> User:
    n = next(_number)
    said.setdefault("name", f"Person {n}")
    said.setdefault("email", f"person{n}@example.org")
    said.setdefault("email_verified_at", clock.now())
    return save(User(**said))


def coordinator(**said: Any) -> User:
    return user(county_role=CountyRole.COORDINATOR, **said)


def administrator(**said: Any) -> User:
    return user(county_role=CountyRole.ADMINISTRATOR, **said)


def group(**said: Any) -> Group:
    n = next(_number)
    said.setdefault("name", f"Group {n}")
    said.setdefault("slug", f"group-{n}")
    said.setdefault("kind", GroupKind.FOOD_BANK)
    said.setdefault("district", "Charnwood")
    return save(Group(**said))


def site(of: Group | None = None, **said: Any) -> Site:
    of = of or group()
    said = position() | {"name": "The hall", "postcode": "LE11 3TU"} | said
    return save(Site(group_id=of.id, **said))


def manager(of: Group, **said: Any) -> User:
    person = user(**said)
    save(Membership(user_id=person.id, group_id=of.id, part=Part.MANAGER))
    return person


def volunteer(**said: Any) -> Volunteer:
    """An adult in Loughborough who may be texted and emailed, and has told no free times."""
    n = next(_number)
    now = clock.now()
    defaults: dict[str, Any] = {
        "name": f"Volunteer {n}",
        "phone": drama_phone(next(_phone) % 1000),
        "phone_verified_at": now,
        "email": f"volunteer{n}@example.org",
        "email_verified_at": now,
        "sms_consent_at": now,
        "email_consent_at": now,
        "age_band": AgeBand.ADULT,
        "postcode": "LE11 3TU",
    }
    return save(Volunteer(**(position() | defaults | said)))


def known_to(person: Volunteer, of: Group) -> GroupVolunteer:
    return save(GroupVolunteer(volunteer_id=person.id, group_id=of.id))


def opportunity(of: Group | None = None, at: Site | None = None, **said: Any) -> Opportunity:
    at = at or site(of)
    defaults: dict[str, Any] = {
        "title": "Food parcel driver",
        "summary": "Bring food parcels to people's doors.",
        "activity": Activity.FOOD,
        "stage": Stage.PUBLISHED,
        "published_at": clock.now(),
    }
    return save(Opportunity(group_id=at.group_id, site_id=at.id, **(defaults | said)))


def shift(of: Opportunity | None = None, **said: Any) -> Shift:
    """A published shift of two hours, two days from now, with three places."""
    of = of or opportunity()
    starts_at: datetime = said.pop("starts_at", clock.now() + timedelta(days=2))
    defaults: dict[str, Any] = {
        "ends_at": starts_at + timedelta(hours=2),
        "places": 3,
        "minimum": 1,
        "stage": Stage.PUBLISHED,
    }
    return save(
        Shift(opportunity_id=of.id, site_id=of.site_id, starts_at=starts_at, **(defaults | said))
    )


def duty(of: Opportunity, **said: Any) -> Duty:
    said.setdefault("name", f"Duty {next(_number)}")
    return save(Duty(opportunity_id=of.id, **said))


def slot(on: Shift, of: Duty, **said: Any) -> Slot:
    """A slot as it stands: the shift's own places are not changed to fit."""
    said.setdefault("places", 1)
    return save(Slot(shift_id=on.id, duty_id=of.id, **said))


def pattern(of: Opportunity | None = None, **said: Any) -> Pattern:
    """Each Tuesday from 10 to 12, for a year from today; its shifts are not made."""
    of = of or opportunity()
    defaults: dict[str, Any] = {
        "rule": "FREQ=WEEKLY;BYDAY=TU",
        "starts": time(10),
        "ends": time(12),
        "first_day": clock.now().date(),
        "last_day": clock.now().date() + timedelta(days=365),
        "places": 3,
    }
    return save(Pattern(opportunity_id=of.id, **(defaults | said)))


def standing_place(on: Pattern, person: Volunteer, **said: Any) -> StandingPlace:
    """Each time from today until they say; its places are not made."""
    defaults: dict[str, Any] = {
        "weekdays": 0,
        "first_day": clock.now().date(),
        "state": StandingState.ACTIVE,
        "told_at": clock.now(),
    }
    return save(StandingPlace(pattern_id=on.id, volunteer_id=person.id, **(defaults | said)))


def signup(on: Shift, person: Volunteer, **said: Any) -> Signup:
    """A row as it stands, past the rules of `signups.service.claim`."""
    said.setdefault("standing", Standing.CONFIRMED)
    said.setdefault("way", Way.WEB)
    return save(Signup(shift_id=on.id, volunteer_id=person.id, **said))
