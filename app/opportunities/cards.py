"""Shifts and opportunities as the shared parts of a page take them (components/shift_card.html)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from app.foundation.places import Place
from app.groups.models import Site
from app.opportunities import rules, search
from app.opportunities.models import Opportunity, Policy, Shift
from app.opportunities.search import Found, Pin
from app.volunteers.vocabulary import DbsLevel
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
        "tag": gettext("Full") if shift.is_full else "",
        "tag_colour": "grey",
    }


def found_card(found: Found) -> Card:
    """One opportunity of a search, with the time that comes next."""
    opportunity = found.opportunity
    left = ngettext("%(num)d place left", "%(num)d places left", found.places_left)
    if found.shifts > 1:
        left = gettext("%(left)s, %(times)d times to choose from", left=left, times=found.shifts)
    return {
        "title": opportunity.title,
        "href": page_of(opportunity),
        "claim": claim_page(found.next_id),
        "times": found.shifts,
        "summary": opportunity.summary,
        "group": opportunity.group.name,
        "place": place_words(found.site),
        "start": found.next_start,
        "end": found.next_end,
        "zone": found.site.zone,
        "miles": found.miles,
        "reasons": [left, *_asks(opportunity)],
    }


def _asks(opportunity: Opportunity) -> list[str]:
    """What a visitor wants to know first: what it asks of them, or that it asks nothing."""
    said = []
    if opportunity.policy == Policy.MEMBERS:
        said.append(gettext("For people whom the group knows"))
    if opportunity.dbs_level != DbsLevel.NONE:
        said.append(gettext("Needs a DBS check"))
    if opportunity.needs_training:
        said.append(gettext("Needs training"))
    if opportunity.needs_skills:
        said.append(gettext("Needs: %(skills)s", skills=opportunity.needs_skills.label.lower()))
    asks_more = opportunity.needs_induction or opportunity.needs_languages
    if not said and opportunity.policy == Policy.OPEN and not asks_more:
        said.append(gettext("Begin at once"))
    if opportunity.under_18_welcome:
        said.append(gettext("Under 18 welcome"))
    return said


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


def found_places(found: Iterable[Found]) -> list[dict[str, Any]]:
    """What `map.js` draws of the roles on this page of a search."""
    return map_places([pin_of(one.opportunity, one.site) for one in found])


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


def pin_of(opportunity: Opportunity, site: Site) -> Pin:
    """Where one opportunity is, for a map."""
    return Pin(opportunity.id, opportunity.title, opportunity.group.name, *site.spot)
