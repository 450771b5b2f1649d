"""Who may enter a group's own pages."""

from __future__ import annotations

from functools import wraps
from typing import Any

from flask import abort
from flask_login import current_user
from sqlalchemy import select

from app.accounts.access import View, ask_to_sign_in, mark
from app.foundation.extensions import db
from app.groups.models import Group, Membership, Part


def manages(group_id: int) -> bool:
    """Whether the signed-in user manages this group; administrators manage each."""
    if not current_user.is_authenticated:
        return False
    if current_user.is_administrator:
        return db.session.get(Group, group_id) is not None
    part = db.session.scalar(
        select(Membership.part).where(
            Membership.user_id == current_user.id, Membership.group_id == group_id
        )
    )
    return part == Part.MANAGER


def group_manager(view: View) -> View:
    """The group's managers may enter; the route's address carries `group_id`.

    A group that one does not manage answers 404, as one that does not exist:
    what others have is not told.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if not manages(kwargs["group_id"]):
            abort(404)
        return view(*args, **kwargs)

    return mark(guarded, "group manager")  # type: ignore[return-value] # same signature
