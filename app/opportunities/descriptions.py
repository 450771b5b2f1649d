"""An opportunity in words for people, and in schema.org's words for search engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from app.foundation.flags import Vocabulary
from app.groups.models import Site
from app.opportunities import cards
from app.opportunities.models import Opportunity, Shift
from app.volunteers.vocabulary import DbsLevel
from app.web.language import english_words
from app.web.pages import public_url


def needs(opportunity: Opportunity) -> list[tuple[str, str]]:
    """What the role asks for: (what it is about, the need in words), for `facts`."""
    said: list[tuple[str, str]] = []
    if opportunity.minimum_age >= 18:
        age = gettext("18 or over")
    elif opportunity.minimum_age == 16:
        age = gettext("16 or over. Under 18 with a guardian’s consent")
    else:
        age = gettext("All ages. Under 16 together with their family")
    said.append((gettext("Age"), age))
    for label, words in (
        (gettext("Must have"), _phrase(opportunity.needs_skills)),
        (gettext("Good to have"), _phrase(opportunity.likes_skills)),
        # The names of languages keep their capital letters.
        (gettext("Must speak"), opportunity.needs_languages.label),
        (gettext("Training"), _phrase(opportunity.needs_training)),
    ):
        if words:
            said.append((label, words))
    if opportunity.dbs_level != DbsLevel.NONE:
        check = opportunity.dbs_level.check
        if opportunity.dbs_workforce:
            check = f"{check}, {opportunity.dbs_workforce.label.lower()}"
        helped = gettext("%(check)s. The group helps you to apply", check=check)
        said.append((gettext("Check"), helped))
    said.append((gettext("Getting a place"), opportunity.policy.words))
    if opportunity.what_to_bring:
        said.append((gettext("Bring or wear"), english_words(opportunity.what_to_bring)))
    return said


def _phrase(wanted: Vocabulary) -> str:
    return wanted.phrase if wanted else ""


def structured(opportunity: Opportunity, shifts: Sequence[Shift]) -> dict[str, Any]:
    """JSON-LD of schema.org: the role as a JobPosting of volunteers, its times as Events.

    schema.org has no type for voluntary roles; `VOLUNTEER` is a value of
    employmentType in https://developers.google.com/search/docs/appearance/structured-data/job-posting
    Places are told as on the page: the outward code, and a position to about a kilometre.
    """
    site = opportunity.site
    address = cards.page_of(opportunity, external=True)
    organiser = {"@type": "Organization", "name": opportunity.group.name}
    if opportunity.group.website:
        organiser["url"] = opportunity.group.website
    began = opportunity.published_at or opportunity.created_at
    posting: dict[str, Any] = {
        "@type": "JobPosting",
        "title": opportunity.title,
        "description": "\n\n".join(filter(None, (opportunity.summary, opportunity.about))),
        "datePosted": began.date().isoformat(),
        "employmentType": "VOLUNTEER",
        "hiringOrganization": organiser,
        "jobLocation": _place(site),
        "directApply": True,
        "url": address,
    }
    if shifts:
        posting["validThrough"] = _local(shifts[-1].starts_at, site.zone)
    events = [
        {
            "@type": "Event",
            "name": opportunity.title,
            "description": opportunity.summary,
            "startDate": _local(shift.starts_at, shift.site.zone),
            "endDate": _local(shift.ends_at, shift.site.zone),
            "eventStatus": "https://schema.org/EventScheduled",
            "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
            "location": _place(shift.site),
            "organizer": organiser,
            "isAccessibleForFree": True,
            "maximumAttendeeCapacity": shift.places,
            "remainingAttendeeCapacity": shift.places_left,
            "url": public_url("signups.claim", shift_id=shift.id),
        }
        for shift in shifts[:5]
    ]
    return {"@context": "https://schema.org", "@graph": [posting, *events]}


def _place(site: Site) -> dict[str, Any]:
    latitude, longitude = site.spot
    return {
        "@type": "Place",
        "name": site.name,
        "address": {
            "@type": "PostalAddress",
            "addressLocality": site.district or "Leicestershire",
            "postalCode": site.outward,
            "addressCountry": "GB",
        },
        "geo": {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude},
    }


def _local(moment: Any, zone: str) -> str:
    return str(moment.astimezone(ZoneInfo(zone)).isoformat())
