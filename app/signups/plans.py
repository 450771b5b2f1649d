"""A place as its volunteer plans for it: where, the way there, who else comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select

from app.foundation.extensions import db
from app.foundation.places import metres_to_miles
from app.groups.models import Site
from app.opportunities.models import Shift
from app.signups import assuring, new_times, screens
from app.signups.models import OCCUPYING, Signup, Standing
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import AgeBand

# So many are named; a hall full of people is a number.
NAMED: Final = 8


@dataclass(frozen=True)
class Company:
    """Who else has a place: first names, and how many are not named."""

    names: Sequence[str] = ()
    more: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.names and not self.more


@dataclass(frozen=True)
class Plan:
    """One sign-up with all that helps its volunteer to come."""

    place: screens.Place
    company: Company = field(default_factory=Company)
    directions: str = ""  # a map's address; empty while the way may not be told
    asks: bool = False
    is_assured: bool = False
    has_new_time: bool = False

    @property
    def shift(self) -> Shift:
        return self.place.signup.shift

    @property
    def standing(self) -> Standing:
        return self.place.signup.standing


def plan_of(signup: Signup) -> Plan:
    """The sign-up as a plan; the way and the company only for who has a place."""
    return plans_of([signup])[0]


def plans_of(signups: Sequence[Signup]) -> list[Plan]:
    """One volunteer's sign-ups as plans, in their order."""
    with_place = [one for one in signups if one.standing in OCCUPYING]
    others = companies(with_place)
    return [_plan(one, others.get(one.shift_id, Company())) for one in signups]


def _plan(signup: Signup, others: Company) -> Plan:
    place = screens.place_of(signup)
    return Plan(
        place=place,
        company=others,
        directions=directions(signup.shift.site) if place.shows_address else "",
        asks=assuring.is_asked(signup),
        is_assured=signup.standing in OCCUPYING and assuring.is_assured(signup),
        has_new_time=new_times.is_unanswered(signup),
    )


def companies(mine: Sequence[Signup]) -> dict[int, Company]:
    """By shift the others who have a place, by first name in order of arrival.

    `mine` are one volunteer's own places: only who has one learns who else has. Nobody
    who may be under 18 is named: they are among the number.
    """
    if not mine:
        return {}
    rows = db.session.execute(
        select(Signup.shift_id, Volunteer.name, Volunteer.age_band)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .where(
            Signup.shift_id.in_([one.shift_id for one in mine]),
            Signup.standing.in_(OCCUPYING),
            Signup.volunteer_id != mine[0].volunteer_id,
        )
        .order_by(Signup.id)
    ).all()
    names: dict[int, list[str]] = {}
    numbers: dict[int, int] = {}
    for shift_id, name, band in rows:
        numbers[shift_id] = numbers.get(shift_id, 0) + 1
        named = names.setdefault(shift_id, [])
        if band == AgeBand.ADULT and name.strip() and len(named) < NAMED:
            named.append(name.split()[0])
    return {
        shift_id: Company(names[shift_id], number - len(names[shift_id]))
        for shift_id, number in numbers.items()
    }


def directions(site: Site) -> str:
    """A map that leads to the site; it says nothing of who asks, nor from where."""
    return f"https://www.openstreetmap.org/directions?to={site.latitude:.5f}%2C{site.longitude:.5f}"


def miles_to(volunteer: Volunteer, site: Site) -> float:
    """How far the site is from where the volunteer starts, as the crow flies, in miles."""
    east, north = site.east - volunteer.east, site.north - volunteer.north
    return metres_to_miles((east * east + north * north) ** 0.5)
