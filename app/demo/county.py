"""The groups of the demo county: invented names in real towns, with sites and managers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from app.accounts.models import CountyRole, User
from app.demo import names
from app.demo.rows import Rows
from app.foundation.places import Place, Town, towns
from app.groups.models import Group, GroupKind, Membership, Part, Site

FOOD_BANK: Final = "Gorse Covert Food Bank"  # tonight's drivers are missing here
STORY_FOOD_BANK: Final = "Coalville Food Bank"  # filled by text two days ago
LIBRARY: Final = "Kibworth Community Library"
RESPONSE: Final = "Barrow upon Soar Flood Wardens"
CENTRE: Final = "Woodhouse Eaves Community Centre"
# The groups whose managers have a sign-in: each offers every role of its kind.
SHOWN: Final = (FOOD_BANK, LIBRARY, RESPONSE, CENTRE)
# Where one shift may overlap the next, in minutes.
HANDOVER: Final = {LIBRARY: 15}

_LIBRARIES: Final = (
    "Kibworth, Anstey, Barwell, Bottesford, Braunstone Town, Burbage, Castle Donington, "
    "Countesthorpe, Desford, East Goscote, Enderby, Fleckney, Glenfield, Great Glen, Groby, "
    "Hathern, Ibstock, Kegworth, Kirby Muxloe, Leicester Forest East, Market Bosworth, Markfield, "
    "Measham, Mountsorrel, Narborough, Newbold Verdon, Quorn, Ratby, Rothley, Sapcote, Sileby, "
    "Stoney Stanton, Thurmaston, Thringstone, Barrow upon Soar"
)
_FOOD_BANKS: Final = (
    "Gorse Covert, Coalville, Ashby-de-la-Zouch, Hinckley, Earl Shilton, Market Harborough, "
    "Lutterworth, Melton Mowbray, Oadby, Wigston, South Wigston, Oakham, Uppingham, Syston, "
    "Shepshed, Shelthorpe, Birstall, Blaby, Whetstone, Broughton Astley, Belgrave, "
    "Beaumont Leys, Braunstone, Eyres Monsell, Highfields, New Parks, Saffron Lane, "
    "Spinney Hills, Thurnby Lodge, West End, Evington, Whitwick, Measham, Castle Donington, "
    "Asfordby, Barlestone, Mountsorrel, Kibworth, Bottesford, Narborough"
)
_RESPONSE_GROUPS: Final = (
    "Barrow upon Soar, Loughborough, Thorpe Acre, Sileby, Quorn, Syston, Melton Mowbray, "
    "Frisby on the Wreake, Market Harborough, Great Glen, Hallaton, Lutterworth, Hinckley, "
    "Burbage, Market Bosworth, Ashby-de-la-Zouch, Coalville, Kegworth, Castle Donington, "
    "Oadby, Wigston, Blaby, Oakham, Belgrave, Humberstone"
)
_CENTRES: Final = (
    "Woodhouse Eaves, Thurcaston, Wymeswold, Billesdon, Husbands Bosworth, Stoke Golding, "
    "Long Clawson, Moira, Glen Parva, Knighton, Whissendine, Rushey Mead"
)
_OTHERS: Final = {
    "Soar Valley Shared Garden": "Rothley",
    "Charnwood Mending Shed": "Loughborough",
    "Bosworth Vale Gardeners": "Newbold Verdon",
    "Welland Repair Friends": "Market Harborough",
    "Forest Edge Re-Use Barn": "Coalville",
    "Vale of Belvoir Green Hands": "Harby",
}
_NAMES: Final = {
    GroupKind.LIBRARY: ("Community Library",),
    GroupKind.FOOD_BANK: ("Food Bank", "Food Bank", "Community Larder", "Pantry"),
    GroupKind.RESPONSE: ("Flood Wardens", "Good Neighbours", "Community Response"),
    GroupKind.COMMUNITY_CENTRE: ("Community Centre", "Village Hall"),
}
_ABOUT: Final = {
    GroupKind.LIBRARY: "A library that its village runs itself: books, computers, a warm room.",
    GroupKind.FOOD_BANK: "Food for three days for anybody who has none, and a cup of tea with it.",
    GroupKind.RESPONSE: "Neighbours who help when there is flood, snow or illness.",
    GroupKind.COMMUNITY_CENTRE: "Clubs, classes, a café: the place where people meet.",
    GroupKind.OTHER: "People who like to make and mend things together.",
}
_STREETS: Final = (
    "High Street",
    "Church Lane",
    "Station Road",
    "Main Street",
    "Mill Lane",
    "School Lane",
    "Chapel Street",
    "The Green",
    "Park Road",
    "Queen Street",
    "Meadow Lane",
    "Forest Road",
)
_ROOMS: Final = {
    GroupKind.LIBRARY: "The library",
    GroupKind.FOOD_BANK: "The food store",
    GroupKind.RESPONSE: "The parish room",
    GroupKind.COMMUNITY_CENTRE: "The hall",
    GroupKind.OTHER: "The yard",
}
_NOTES: Final = (
    "Ring the bell at the side door. There is a ramp.",
    "Park behind the building. The door code is on the list that the lead has.",
    "The step is high; ask and we put the ramp out. Toilets are on the left.",
)
_INWARD: Final = "ABDEFGHJLNPQRSTUWXYZ"

METRES_NORTH: Final = 111_195  # of a degree
METRES_EAST: Final = 67_450  # of a degree, at the county's latitude


@dataclass(frozen=True)
class Host:
    """A group with the site where it works and its manager, as the rest of the demo needs it."""

    id: int
    name: str
    kind: GroupKind
    site_id: int
    manager_id: int
    contact: str
    site_name: str
    east: int
    north: int


def near(town: Town, metres: float, random: Random) -> Place:
    """Somewhere about a town: two in three within so many metres of its middle."""
    latitude = town.latitude + random.gauss(0, metres / 1.5) / METRES_NORTH
    longitude = town.longitude + random.gauss(0, metres / 1.5) / METRES_EAST
    return Place(town.name, round(latitude, 5), round(longitude, 5), town.district)


def postcode(town: Town, random: Random) -> str:
    """One that looks right for the town; whether it exists nobody asked."""
    letters = random.choice(_INWARD) + random.choice(_INWARD)
    return f"{town.outward} {random.randint(1, 9)}{letters}"


def _named() -> Iterator[tuple[str, GroupKind, str]]:
    for kind, listed in (
        (GroupKind.LIBRARY, _LIBRARIES),
        (GroupKind.FOOD_BANK, _FOOD_BANKS),
        (GroupKind.RESPONSE, _RESPONSE_GROUPS),
        (GroupKind.COMMUNITY_CENTRE, _CENTRES),
    ):
        endings = _NAMES[kind]
        for number, town in enumerate(listed.split(", ")):
            yield f"{town} {endings[number % len(endings)]}", kind, town
    for name, town in _OTHERS.items():
        yield name, GroupKind.OTHER, town


def add_groups(rows: Rows, random: Random, now: datetime, password_hash: str) -> list[Host]:
    """Every group with its site and manager."""
    by_name = {town.name: town for town in towns()}
    fixed = {
        LIBRARY: "library@example.org",
        FOOD_BANK: "foodbank@example.org",
        RESPONSE: "response@example.org",
        CENTRE: "centre@example.org",
    }
    found = []
    for name, kind, town_name in _named():
        town = by_name[town_name]
        place = near(town, 250, random)
        slug = re.sub(r"[^a-z]+", "-", name.lower())
        group_id = rows.add(
            Group,
            name=name,
            slug=slug,
            kind=kind,
            district=town.district,
            about=_ABOUT[kind],
            public_email=f"{slug}@example.org",
            created_at=now - timedelta(days=random.randint(400, 1500)),
            handover_minutes=HANDOVER.get(name, 0),
        )
        site_id = rows.add(
            Site,
            group_id=group_id,
            name=_ROOMS[kind],
            address=f"{random.randint(2, 120)} {random.choice(_STREETS)}, {town.name}",
            postcode=postcode(town, random),
            latitude=place.latitude,
            longitude=place.longitude,
            east=place.east,
            north=place.north,
            cell=place.cell,
            district=town.district,
            access_notes=random.choice(_NOTES),
            created_at=now - timedelta(days=400),
        )
        contact, _ = names.full_name(random)
        manager_id = add_user(
            rows, contact, fixed.get(name, f"manager.{slug}@example.org"), now, password_hash
        )
        rows.add(
            Membership,
            user_id=manager_id,
            group_id=group_id,
            part=Part.MANAGER,
            created_at=now - timedelta(days=400),
        )
        found.append(
            Host(
                group_id,
                name,
                kind,
                site_id,
                manager_id,
                contact,
                _ROOMS[kind],
                place.east,
                place.north,
            )
        )
    return found


def add_user(
    rows: Rows,
    name: str,
    email: str,
    now: datetime,
    password_hash: str,
    *,
    role: CountyRole = CountyRole.NONE,
    phone: str | None = None,
) -> int:
    """A user who can sign in with the demo's password."""
    return rows.add(
        User,
        name=name,
        email=email,
        email_verified_at=now,
        phone=phone,
        phone_verified_at=now if phone else None,
        password_hash=password_hash,
        county_role=role,
        created_at=now - timedelta(days=300),
    )
