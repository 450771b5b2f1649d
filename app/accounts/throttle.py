"""How often one may try, by address entered and by where one comes from."""

from __future__ import annotations

from flask import request, session

from app.accounts import secrets
from app.accounts.service.sign_in import read_address
from app.foundation.errors import Refusal
from app.foundation.extensions import limiter


def _entered_address() -> str:
    """A key for the address that was typed: its hash, so that Redis holds no address."""
    typed = request.form.get("address", "").strip()
    try:
        _channel, typed = read_address(typed)
    except Refusal:
        typed = typed.lower()
    return secrets.keyed_hash("throttle", typed)


def _half_way() -> str:
    """A key for the person who has passed the first factor."""
    held = session.get("second") or {}
    return f"second:{str(held.get('user', '')).partition('.')[0]}"


# A form that answers 200 has found fault with what was typed; success is a redirect.
failures_by_address = limiter.limit(
    "10 per 15 minutes;60 per day",
    key_func=_entered_address,
    methods=["POST"],
    deduct_when=lambda response: response.status_code == 200,
)
failures_of_second_factor = limiter.limit(
    "10 per 15 minutes;60 per day",
    key_func=_half_way,
    methods=["POST"],
    deduct_when=lambda response: response.status_code == 200,
)
# A library's visitors share one address on the internet, so this one is wide.
by_origin = limiter.limit("120 per 15 minutes", methods=["POST"])
