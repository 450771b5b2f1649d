"""Shifts and opportunities as the shared parts of a page take them (components/shift_card.html)."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_login import current_user

from app.foundation.places import Place
from app.groups.models import Site
from app.opportunities import rules, search
from app.opportunities.models import Opportunity, Shift
from app.opportunities.search import Found, Pin
from app.web.filters import plural
from app.web.pages import public_url

Card = dict[str, Any]


def page_of(opportunity: Opportunity, *, external: bool = False) -> str:
    """The address of an opportunity's public page."""
    return _address(opportunity.id, opportunity.title, external)


def _address(opportunity_id: int, title: str, external: bool = False) -> str:
    make = public_url if external else url_for
    return make("opportunities.show", opportunity_id=opportunity_id, slug=rules.slug(title))


def claim_page(shift_id: int) -> str:
    """Where this visitor takes a place on the shift: with one button, or as a newcomer."""
    known = current_user.is_authenticated
    return url_for("signups.claim" if known else "signups.join", shift_id=shift_id)


def place_words(site: Site) -> str:
    """Where a site is, for everybody: its name and district, no address."""
    return ", ".join(dict.fromkeys(part for part in (site.name, site.district) if part))


def shift_card(shift: Shift, miles: float | None = None, href: str | None = None) -> Card:
    """One shift for `shift_card`; its opportunity, group and site should be loaded."""
    opportunity = shift.opportunity
    return {
        "title": opportunity.title,
        "href": href or page_of(opportunity),
        "claim": claim_page(shift.id),
        "group": opportunity.group.name,
        "place": place_words(shift.site),
        "start": shift.starts_at,
        "end": shift.ends_at,
        "zone": shift.site.zone,
        "miles": miles,
        "confirmed": shift.taken,
        "places": shift.places,
        # How many are too few is for its managers; a visitor sees that there is room.
        "minimum": 0,
        "tag": "Full" if shift.is_full else "",
        "tag_colour": "grey",
    }


def found_card(found: Found) -> Card:
    """One opportunity of a search, with the time that comes next."""
    opportunity = found.opportunity
    left = f"{plural(found.places_left, 'place')} left"
    reasons = [left if found.shifts == 1 else f"{left}, {found.shifts} times to choose from"]
    if opportunity.under_18_welcome:
        reasons.append("Under 18 welcome")
    return {
        "title": opportunity.title,
        "href": page_of(opportunity),
        "summary": opportunity.summary,
        "group": opportunity.group.name,
        "place": place_words(found.site),
        "start": found.next_start,
        "end": found.next_end,
        "zone": found.site.zone,
        "miles": found.miles,
        "reasons": reasons,
    }


def upcoming_cards(
    group_id: int | None = None,
    near: Place | None = None,
    *,
    metres: int = 0,
    limit: int = 6,
) -> list[Card]:
    """The next shifts with a place free, for `opportunities/_list.html`, the soonest first.

    Of one group or of all. `near` tells the distance; with `metres` too, only
    shifts within reach are taken.
    """
    return [
        shift_card(shift, miles)
        for shift, miles in search.upcoming(
            group_id=group_id, near=near, metres=metres, limit=limit
        )
    ]


def map_places(pins: list[Pin]) -> list[dict[str, Any]]:
    """What `map.js` draws."""
    return [
        {
            "lat": pin.latitude,
            "lon": pin.longitude,
            "title": pin.title,
            "href": _address(pin.opportunity_id, pin.title),
            "line": pin.group,
        }
        for pin in pins
    ]


def pin_of(opportunity: Opportunity) -> Pin:
    """Where one opportunity is, for the map on its own page."""
    site = opportunity.site
    return Pin(opportunity.id, opportunity.title, opportunity.group.name, *site.spot)
