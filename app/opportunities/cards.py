"""Shifts and opportunities as the shared parts of a page take them (components/parts.html)."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.foundation.places import Place
from app.groups.models import Site
from app.opportunities import rules, search
from app.opportunities.models import Opportunity, Shift
from app.opportunities.search import Found
from app.web.filters import plural

Card = dict[str, Any]


def page_of(opportunity: Opportunity, *, external: bool = False) -> str:
    """The address of an opportunity's public page."""
    return url_for(
        "opportunities.show",
        opportunity_id=opportunity.id,
        slug=rules.slug(opportunity.title),
        _external=external,
    )


def place_words(site: Site) -> str:
    """Where a site is, for everybody: its name and district, no address."""
    return ", ".join(dict.fromkeys(part for part in (site.name, site.district) if part))


def shift_card(shift: Shift, miles: float | None = None, href: str | None = None) -> Card:
    """One shift for `shift_card`; its opportunity, group and site should be loaded."""
    opportunity = shift.opportunity
    return {
        "title": opportunity.title,
        "href": href or page_of(opportunity),
        "group": opportunity.group.name,
        "place": place_words(shift.site),
        "start": shift.starts_at,
        "end": shift.ends_at,
        "zone": shift.site.zone,
        "miles": miles,
        "confirmed": shift.taken,
        "places": shift.places,
        "minimum": shift.minimum,
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


def map_places(found: list[Found]) -> list[dict[str, Any]]:
    """What `map.js` draws: one pin for each opportunity, at its postcode's rough position."""
    places = []
    for one in found:
        latitude, longitude = search.map_spot(one.site)
        places.append(
            {
                "lat": latitude,
                "lon": longitude,
                "title": one.opportunity.title,
                "href": page_of(one.opportunity),
                "line": one.opportunity.group.name,
            }
        )
    return places
