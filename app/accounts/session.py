"""What a visitor's session holds on the way in, and how long it lasts once in.

The cookie is signed, not secret: it holds numbers and moments, never an
address or a code.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from flask import current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from app.accounts import rules
from app.accounts.intents import Held
from app.accounts.models import ProofPurpose, User
from app.accounts.service import sign_in
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.sentences import gettext

IDLE: Final = timedelta(hours=12)
IDLE_COUNTY: Final = timedelta(minutes=30)  # for those who see the whole county
LONGEST: Final = timedelta(days=14)
STEP: Final = timedelta(minutes=15)  # between two steps on the way in

# Pages that a coordinator without a second factor can still reach.
_OPEN_BEFORE_SECOND_FACTOR: Final = frozenset(
    {"static", "accounts.second_factor", "accounts.sign_out", "web.accessibility", "web.privacy"}
)


def step(name: str, **holds: Any) -> None:
    """Remember where on the way in the visitor is; forgotten after 15 minutes."""
    session[name] = {"at": _now(), **holds}


def at_step(name: str) -> dict[str, Any] | None:
    """What a step holds, if the visitor is at it."""
    held: dict[str, Any] | None = session.get(name)
    if held is None or _now() - int(held.get("at", 0)) > STEP.total_seconds():
        return None
    return held


def ask_for_code(
    user: User, channel: str, next_path: str | None = None, intent: Held | None = None
) -> ResponseReturnValue:
    """Go to the page where a new user types the code that `send_verification` sent.

    It signs them in, does their `intent` (accounts.intents) and goes on where that
    says, or without one to `next_path`, a path on this site.
    """
    step("signing up", user=user.id, channel=channel, next=next_path, intent=intent)
    return redirect(url_for("accounts.confirm_sign_up"))


def await_code(proof_id: int, purpose: ProofPurpose, next_path: str | None) -> ResponseReturnValue:
    """Go to the page where the code of a sign-in or a reset is typed."""
    step("code", proof=proof_id, purpose=purpose.value, next=next_path)
    return redirect(url_for("accounts.enter_code"))


def proceed(
    users: Sequence[User], purpose: ProofPurpose, way: str, next_path: str | None
) -> ResponseReturnValue:
    """Go on with those who may be at the door: one, or several who share a phone."""
    if len(users) > 1:
        step(
            "who",
            users=[user.get_id() for user in users],
            purpose=purpose.value,
            way=way,
            next=next_path,
        )
        return redirect(url_for("accounts.choose_who"))
    (user,) = users
    if purpose == ProofPurpose.RESET:
        step("reset", user=user.get_id())
        return redirect(url_for("accounts.new_password"))
    return begin(user, way, next_path)


def begin(user: User, way: str, next_path: str | None = None) -> ResponseReturnValue:
    """Sign in somebody whose first proof is good; the second factor comes before, if set."""
    if user.has_second_factor:
        step("second", user=user.get_id(), way=way, next=next_path)
        return redirect(url_for("accounts.enter_second_factor"))
    return enter(user, way, next_path)


def enter(user: User, way: str, next_path: str | None = None) -> ResponseReturnValue:
    """Make this session, emptied first, the user's; note it; go on."""
    session.clear()
    login_user(user)
    session.permanent = True
    session["signed_in_at"] = session["seen_at"] = _now()
    sign_in.note_sign_in(user.id, way)
    return redirect(rules.own_path(next_path) or "/")


def leave() -> None:
    """Sign out on this device."""
    logout_user()
    session.clear()


def user_of(session_id: str) -> User | None:
    """The user of a session or a step, unless disabled or signed out everywhere since."""
    number, _, epoch = session_id.partition(".")
    if not (number.isdigit() and epoch.isdigit()):
        return None
    user = db.session.get(User, int(number))
    if user is None or not user.is_enabled or user.session_epoch != int(epoch):
        return None
    return user


def keep_watch() -> ResponseReturnValue | None:
    """Before each request: end a session that was idle, and ask for the second factor."""
    if request.endpoint == "static" or not current_user.is_authenticated:
        return None
    now = _now()
    began = session.setdefault("signed_in_at", now)
    seen = session.setdefault("seen_at", now)
    idle = IDLE_COUNTY if current_user.is_coordinator else IDLE
    if now - seen > idle.total_seconds() or now - began > LONGEST.total_seconds():
        leave()
        flash(gettext("You were signed out because you had been away for a while."), "info")
        return None
    if now - seen >= 60:
        session["seen_at"] = now
    if (
        current_app.config["SECOND_FACTOR_REQUIRED"]
        and current_user.is_coordinator
        and not current_user.has_second_factor
        and request.endpoint not in _OPEN_BEFORE_SECOND_FACTOR
    ):
        return redirect(url_for("accounts.second_factor"))
    return None


def _now() -> int:
    return int(clock.now().timestamp())
