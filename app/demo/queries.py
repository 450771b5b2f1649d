"""Reads of the demo: whether there is anything yet, and who can sign in."""

from __future__ import annotations

from typing import Final

from flask import current_app
from sqlalchemy import select

from app.accounts.models import User
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.models import Group, Membership
from app.volunteers.models import Volunteer

# Who can sign in, and what they are; a manager's group is read from the rows.
SIGN_INS: Final = {
    "volunteer@example.org": "Volunteer",
    "polish@example.org": "Volunteer who reads it in Polish",
    "urdu@example.org": "Volunteer who reads it in Urdu, from right to left",
    "library@example.org": "Manager of a community library",
    "foodbank@example.org": "Manager of a food bank",
    "response@example.org": "Manager of a response group",
    "centre@example.org": "Manager of a community centre",
    "coordinator@example.org": "Coordinator",
    "administrator@example.org": "Administrator",
}


def refuse_in_production() -> None:
    """Raise `Refusal` where real people may be."""
    if current_app.config["APP_ENV"] == "production":
        raise Refusal("The demo county is refused in production: its passwords are public.")


def is_empty() -> bool:
    """Whether there is no user, group or volunteer yet."""
    return all(
        db.session.scalar(select(model.id).limit(1)) is None for model in (User, Group, Volunteer)
    )


def sign_ins() -> list[tuple[str, str]]:
    """(email, who) of the demo's users that are there. Refused in production."""
    refuse_in_production()
    found = db.session.execute(
        select(User.email, Group.name)
        .outerjoin(Membership, Membership.user_id == User.id)
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(User.email.in_(SIGN_INS))
    )
    groups = {row.email: row.name for row in found}
    return [
        (email, f"{who}: {groups[email]}" if groups[email] else who)
        for email, who in SIGN_INS.items()
        if email in groups
    ]
