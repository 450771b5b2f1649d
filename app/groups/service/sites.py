"""The sites where a group works."""

from __future__ import annotations

from app.accounts import audit
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.places import Place, locate_postcode
from app.foundation.transaction import transaction
from app.groups.models import Site


def add_site(
    group_id: int, name: str, postcode: str, address: str = "", access_notes: str = ""
) -> Site:
    """A new site at the position of its postcode. Raises `Refusal` beside a field."""
    name, place = _checked(name, postcode)  # before the transaction: it may ask a server
    site = Site(group_id=group_id)
    with transaction():
        _set(site, name, place, address, access_notes)
        db.session.add(site)
        db.session.flush()
        audit.record("site added", subject=site, group_id=group_id)
    return site


def change_site(
    site_id: int, name: str, postcode: str, address: str = "", access_notes: str = ""
) -> None:
    """Change a site; its shifts move with it. Raises `Refusal` beside a field."""
    name, place = _checked(name, postcode)
    with transaction():
        site = db.session.get_one(Site, site_id)
        _set(site, name, place, address, access_notes)
        audit.record("site changed", subject=site, group_id=site.group_id)


def _checked(name: str, postcode: str) -> tuple[str, Place]:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120:
        raise Refusal("Enter a name for the site, up to 120 letters.", "name")
    return name, locate_postcode(postcode)


def _set(site: Site, name: str, place: Place, address: str, access_notes: str) -> None:
    site.name, site.address, site.access_notes = name, address.strip(), access_notes.strip()
    site.postcode, site.district = place.label, place.district
    site.latitude, site.longitude = place.latitude, place.longitude
    site.east, site.north, site.cell = place.east, place.north, place.cell
