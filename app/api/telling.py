"""From rows to the shapes that the API tells."""

from __future__ import annotations

from collections.abc import Sequence

from app.api import problems, queries, shapes
from app.api.problems import Problem
from app.api.queries import Given, Known
from app.api.rules import Scope
from app.api.tokens import Bearer
from app.groups.models import Site
from app.opportunities import cards
from app.opportunities.models import Opportunity, Shift, Slot
from app.opportunities.slots import of_shifts
from app.signups.models import Signup
from app.volunteers.models import Channel
from app.web.pages import public_url


def site(row: Site) -> shapes.SiteInfo:
    return shapes.SiteInfo(
        id=row.id,
        group_id=row.group_id,
        name=row.name,
        postcode=row.postcode,
        district=row.district,
        zone=row.zone,
    )


def opportunity(row: Opportunity) -> shapes.Opportunity:
    return shapes.Opportunity(
        id=row.id,
        group_id=row.group_id,
        site_id=row.site_id,
        title=row.title,
        summary=row.summary,
        about=row.about,
        status=row.stage,
        policy=row.policy,
        minimum_age=row.minimum_age,
        url=cards.page_of(row, external=True),
    )


def shift(row: Shift, slots: Sequence[Slot] = ()) -> shapes.Shift:
    return shapes.Shift(
        id=row.id,
        group_id=row.opportunity.group_id,
        opportunity_id=row.opportunity_id,
        opportunity=row.opportunity.title,
        site_id=row.site_id,
        series=row.pattern.series if row.pattern else None,
        occurrence_day=row.occurrence_day,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.site.zone,
        places=row.places,
        minimum=row.minimum,
        taken=row.taken,
        status=row.stage,
        cancel_reason=row.cancel_reason,
        slots=[
            shapes.SlotInfo(
                id=slot.id,
                duty=slot.duty.name,
                in_charge=slot.duty.in_charge,
                places=slot.places,
                minimum=slot.minimum,
                taken=slot.taken,
            )
            for slot in slots
        ],
        version=row.version,
    )


def shifts(rows: Sequence[Shift]) -> list[shapes.Shift]:
    slots = of_shifts([row.id for row in rows])
    return [shift(row, slots.get(row.id, ())) for row in rows]


def shift_of(bearer: Bearer, shift_id: int) -> shapes.Shift:
    """A shift that the bearer may see. Raises 404."""
    row = queries.shift(bearer, shift_id)
    if row is None:
        raise Problem(problems.NOT_FOUND)
    return shifts([row])[0]


def signup(row: Signup) -> shapes.SignupInfo:
    return shapes.SignupInfo(
        id=row.id,
        shift_id=row.shift_id,
        volunteer_id=row.volunteer_id,
        slot_id=row.slot_id,
        status=row.standing,
        way=row.way,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
        notice=row.notice,
        attended_minutes=row.attended_minutes,
    )


def signup_of(bearer: Bearer, signup_id: int) -> shapes.SignupInfo:
    """A sign-up that the bearer may see. Raises 404."""
    row = queries.signup(bearer, signup_id)
    if row is None:
        raise Problem(problems.NOT_FOUND)
    return signup(row)


def hours(row: Given) -> shapes.Hours:
    return shapes.Hours(**vars(row))


def volunteers(bearer: Bearer, known: Sequence[Known]) -> list[shapes.Volunteer]:
    """People, with contact points only for whom and to whom that is allowed."""
    with_contact = bearer.may(Scope.VOLUNTEERS_CONTACT)
    stopped = queries.opted_out([one for one, _, _ in known]) if with_contact else set()
    told = []
    for person, since, is_open in known:
        contact = None
        if with_contact and is_open:
            contact = shapes.Contact(
                phone=person.phone,
                email=person.email,
                may_text=bool(
                    person.phone
                    and person.sms_consent_at
                    and (Channel.SMS, person.phone) not in stopped
                ),
                may_email=bool(
                    person.email
                    and person.email_consent_at
                    and (Channel.EMAIL, person.email) not in stopped
                ),
            )
        told.append(
            shapes.Volunteer(
                id=person.id,
                name=person.name,
                known_since=since,
                skills=_words(person.skills.label) if is_open else [],
                languages=_words(person.languages.label) if is_open else [],
                contact=contact,
            )
        )
    return told


def _words(label: str) -> list[str]:
    return [word for word in label.split(", ") if word]


def public_opportunity(row: Opportunity) -> shapes.PublicOpportunity:
    return shapes.PublicOpportunity(
        id=row.id,
        group_id=row.group_id,
        group=row.group.name,
        title=row.title,
        summary=row.summary,
        about=row.about,
        minimum_age=row.minimum_age,
        place=cards.place_words(row.site),
        area=row.site.area,
        url=cards.page_of(row, external=True),
    )


def public_shift(row: Shift) -> shapes.PublicShift:
    return shapes.PublicShift(
        id=row.id,
        opportunity_id=row.opportunity_id,
        group_id=row.opportunity.group_id,
        title=row.opportunity.title,
        place=cards.place_words(row.site),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.site.zone,
        places_left=row.places_left,
        url=public_url("signups.claim", shift_id=row.id),
    )
