"""The people on a group's own list."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, or_, select

from app.accounts import audit
from app.accounts.rules import acceptable_name, email_address
from app.foundation import clock, phone
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.places import locate_postcode
from app.foundation.transaction import transaction
from app.foundation.upsert import insert
from app.volunteers.models import Channel, GroupVolunteer, Volunteer
from app.volunteers.service.consent import give_consent
from app.volunteers.service.opt_outs import is_opted_out
from app.volunteers.service.profile import create


def know(volunteer_id: int, group_id: int, how: str, *, sees_profile: bool = True) -> None:
    """Put a volunteer on a group's list; again is harmless and never shows less.

    Signing up for a shift does so, and from then on the group's managers see
    the profile. `how` says where the group knows the person from.
    """
    row = {
        "volunteer_id": volunteer_id,
        "group_id": group_id,
        "how": how[:60],
        "sees_profile": sees_profile,
        "created_at": clock.now(),
    }
    with transaction():
        db.session.execute(_listing(db.engine.dialect.name, sees_profile), row)


@cache
def _listing(_dialect: str, sees_profile: bool) -> Any:
    """The INSERT of one entry, made once for a database."""
    table: Any = GroupVolunteer.__table__
    columns = ("volunteer_id", "group_id", "how", "sees_profile", "created_at")
    listed = insert(table).values(
        {name: bindparam(name, type_=table.c[name].type) for name in columns}
    )
    if not sees_profile:
        return listed.on_conflict_do_nothing()
    return listed.on_conflict_do_update(
        index_elements=[table.c.volunteer_id, table.c.group_id],
        set_={"sees_profile": True},
        where=~table.c.sees_profile,
    )


def add_by_hand(
    group_id: int,
    name: str,
    postcode: str,
    *,
    mobile: str | None = None,
    email: str | None = None,
    sms_allowed: bool = False,
    email_allowed: bool = False,
    by_user_id: int,
) -> Volunteer:
    """A manager puts somebody they spoke with on the group's list.

    Consent is noted as told to this manager. Somebody with the same name and
    the same phone or email is the same person: not made twice, and nothing
    told to others is shown or changed. Raises `Refusal`.
    """
    number = phone.parse(mobile) if mobile else None
    address = email_address(email) if email else None
    place = locate_postcode(postcode)
    with transaction():
        known = same_person(acceptable_name(name), number, address)
        if known is not None:
            know(known.id, group_id, "added by a manager", sees_profile=False)
            audit.record("added volunteer", subject=known, group_id=group_id)
            return known
        volunteer = create(name, place, mobile=number, email=address)
        know(volunteer.id, group_id, "added by a manager")
        for channel, allowed, at in (
            (Channel.SMS, sms_allowed, number),
            (Channel.EMAIL, email_allowed, address),
        ):
            if allowed and not at:
                what = "a mobile number" if channel == Channel.SMS else "an email address"
                raise Refusal(f"Enter {what}, or do not tick this.", f"{channel.value}_allowed")
            if allowed and at and not is_opted_out(channel, at):
                give_consent(
                    volunteer.id, channel, "told to a group's manager", by_user_id=by_user_id
                )
        audit.record("added volunteer", subject=volunteer, group_id=group_id)
    return volunteer


def same_person(name: str, number: str | None, address: str | None) -> Volunteer | None:
    """Somebody of this name with this phone or this email address, or None."""
    conditions = [
        column == value
        for column, value in ((Volunteer.phone, number), (Volunteer.email, address))
        if value
    ]
    if not conditions:
        return None
    # Compared here: SQLite's lower() knows the letters of English only.
    found = db.session.scalars(select(Volunteer).where(or_(*conditions)).order_by(Volunteer.id))
    return next((each for each in found if each.name.casefold() == name.casefold()), None)


def remove_from_group(group_id: int, volunteer_id: int) -> None:
    """Take a person off the group's list; the person and their record stay. Again is harmless."""
    with transaction():
        db.session.execute(
            delete(GroupVolunteer).where(
                GroupVolunteer.group_id == group_id, GroupVolunteer.volunteer_id == volunteer_id
            )
        )
        audit.record(
            "removed volunteer from group",
            subject=db.session.get(Volunteer, volunteer_id),
            group_id=group_id,
        )
