"""Somebody turns up who was not expected: a place while there is one, else extra and said so."""

from __future__ import annotations

from app.accounts import audit
from app.accounts.rules import acceptable_name
from app.foundation import phone
from app.foundation.errors import Refusal
from app.foundation.places import Place
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction
from app.groups.models import Site
from app.hours.models import Attendance, Seen
from app.hours.service.attendance import check_in, check_in_extra, must_be_open
from app.opportunities.models import Policy, Shift
from app.signups import rows, screens
from app.signups import service as signups
from app.signups.models import OCCUPYING, Standing, Way
from app.signups.placing import judge
from app.volunteers import service as volunteers
from app.volunteers.service.group_lists import same_person
from app.volunteers.vocabulary import AgeBand

SEE_SOMEBODY = N_("Please speak with the person in charge: they can let you in.")


def walk_in(
    shift_id: int, volunteer_id: int, seen: Seen, *, by_user_id: int | None = None
) -> Attendance:
    """Check in somebody from the group's list who had no place on the shift.

    While the shift has room, or a place is kept for them, they get it; when it
    is full they are noted as extra, which takes none. Never more than the shift holds, and never
    somebody whom the rules of the role keep out. Raises `Refusal`, also
    where only the group decides who comes and nobody of it is pressing.
    """
    with transaction():
        shift = _locked(shift_id)
        must_be_open(shift)
        volunteer = rows.lock_volunteer(volunteer_id)
        if not screens.on_list(shift.opportunity.group_id, [volunteer_id]):
            raise Refusal(gettext(SEE_SOMEBODY))
        live = rows.live([shift_id], volunteer_id)
        if live is not None and live.standing in OCCUPYING:
            return check_in(live.id, seen, by_user_id=by_user_id)
        by_themselves = seen not in (Seen.BOARD, Seen.STAFF)
        if by_themselves and (live is not None or shift.opportunity.policy != Policy.OPEN):
            raise Refusal(gettext(SEE_SOMEBODY))
        judged = judge(shift, volunteer)
        if judged.hindrance:
            raise Refusal(f"{volunteer.name} cannot do this shift. {judged.hindrance.sentence}")
        has_room = judged.room().is_free
        if by_themselves and not has_room:
            raise Refusal(
                gettext(
                    "This shift is full. "
                    "Please speak with the person in charge: they can let you in."
                )
            )
        # The place that is offered to them is theirs, though the shift is full with it.
        if live is not None and (live.standing == Standing.OFFERED or has_room):
            signups.confirm(live.id, by_user_id)
            return check_in(live.id, seen, by_user_id=by_user_id)
        if live is not None or not has_room:
            return check_in_extra(shift_id, volunteer_id, seen, by_user_id=by_user_id)
        signup = signups.claim(
            shift_id, volunteer_id, way=Way.SITE, by_user_id=by_user_id, tell=False
        )
        return check_in(signup.id, seen, by_user_id=by_user_id)


def newcomer(
    shift_id: int,
    name: str,
    mobile: str,
    age_band: AgeBand,
    seen: Seen,
    *,
    by_user_id: int | None = None,
) -> Attendance:
    """Check in somebody new, who goes on the group's list with a name, a phone and an age.

    The same name with the same phone is the same person: not made twice, and
    what they told others is neither shown nor changed. Nothing is sent to
    them: they have not said that we may. Raises `Refusal` beside `name`,
    `phone` or `age_band`, and then keeps nothing.
    """
    name = acceptable_name(name)
    number = phone.parse(mobile)
    with transaction():
        shift = _locked(shift_id)
        must_be_open(shift)
        group_id = shift.opportunity.group_id
        person = same_person(name, number, None)
        if person is None:
            person = volunteers.create(
                name, _place_of(shift.site), mobile=number, age_band=age_band
            )
        volunteers.know(person.id, group_id, "came to a shift", sees_profile=False)
        audit.record("added volunteer", subject=person, group_id=group_id, actor_id=by_user_id)
        return walk_in(shift_id, person.id, seen, by_user_id=by_user_id)


def _place_of(site: Site) -> Place:
    """Where somebody is taken to start from of whom we know only that they came here."""
    return Place("", site.latitude, site.longitude, site.district)


def _locked(shift_id: int) -> Shift:
    shifts = rows.locked([shift_id])
    if not shifts:
        raise Refusal(gettext("This shift does not exist any more."))
    return shifts[0]
