"""Groups: made, changed, closed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.accounts import audit
from app.accounts.rules import email_address
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups import rules
from app.groups.models import Group, GroupKind

_TAKEN = "There is a group with this name already."


def make_group(name: str, kind: GroupKind, **details: Any) -> Group:
    """A new group; `details` as in `change_group`. Raises `Refusal` beside a field."""
    group = Group(kind=kind)
    checked = _checked(name=name, kind=kind, **details)
    try:
        with transaction():
            _refuse_taken(checked["name"])
            _set(group, checked)
            group.slug = _free_slug(group.name)
            db.session.add(group)
            db.session.flush()
            audit.record("group made", subject=group, group_id=group.id)
    except IntegrityError:
        raise Refusal(_TAKEN, "name") from None
    return group


def change_group(group_id: int, **details: Any) -> None:
    """Change name, kind, district, about, public_phone, public_email, website, recheck_months,
    handover_minutes, late_hours, swaps_need_yes.

    The group's address on this site stays: others have linked to it. Raises
    `Refusal` beside a field.
    """
    checked = _checked(**details)
    try:
        with transaction():
            group = db.session.get_one(Group, group_id)
            if checked.get("name", group.name) != group.name:
                _refuse_taken(checked["name"], group_id)
            _set(group, checked)
            audit.record("group details changed", subject=group, group_id=group_id)
            db.session.flush()
    except IntegrityError:
        raise Refusal(_TAKEN, "name") from None


def close_group(group_id: int) -> None:
    """Take the group out of what people find; nothing is deleted."""
    _set_closed(group_id, True)


def reopen_group(group_id: int) -> None:
    _set_closed(group_id, False)


def _set_closed(group_id: int, closed: bool) -> None:
    with transaction():
        group = db.session.get_one(Group, group_id)
        if group.is_closed != closed:
            group.is_closed = closed
            audit.record(
                "group closed" if closed else "group opened again",
                subject=group,
                group_id=group_id,
            )


def _checked(**details: Any) -> dict[str, Any]:
    """The details as they are kept. Raises `Refusal` beside a field."""
    for field, kept in details.items():
        if isinstance(kept, str) and not isinstance(kept, GroupKind):
            details[field] = kept.strip()
    if "name" in details:
        details["name"] = " ".join(details["name"].split())
        if not 1 <= len(details["name"]) <= 120:
            raise Refusal("Enter the group's name, up to 120 letters.", "name")
    if details.get("website"):
        details["website"] = rules.website(details["website"])
    if details.get("public_email"):
        details["public_email"] = email_address(details["public_email"], "public_email")
    if len(details.get("public_phone") or "") > 30:
        raise Refusal("That is too long for a phone number.", "public_phone")
    return details


def _set(group: Group, details: dict[str, Any]) -> None:
    for field, kept in details.items():
        setattr(group, field, kept)


def _refuse_taken(name: str, group_id: int | None = None) -> None:
    other = db.session.scalar(select(Group.id).where(func.lower(Group.name) == name.lower()))
    if other not in (None, group_id):
        raise Refusal(_TAKEN, "name")


def _free_slug(name: str) -> str:
    """The slug of the name, with a number when another group has it."""
    wanted = rules.slug(name)
    taken = set(
        db.session.scalars(select(Group.slug).where(Group.slug.startswith(wanted, autoescape=True)))
    )
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(free for free in (wanted, *numbered) if free not in taken)
