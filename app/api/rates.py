"""How often one may ask, and the headers that say so."""

from __future__ import annotations

import time
from typing import Final

from flask import Response, request
from flask_limiter.util import get_remote_address

from app.api import tokens
from app.api.resources import bp
from app.foundation.extensions import limiter

WITH_TOKEN: Final = "600 per minute"
WITHOUT: Final = "120 per minute"
# Of one address, whatever tokens it sends: many programs may stand behind one.
FROM_ONE_ADDRESS: Final = "1800 per minute"


def _secret() -> str:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret if kind.lower() == "bearer" else ""


def _caller() -> str:
    secret = _secret()
    return f"token:{tokens.rate_key(secret)}" if secret else f"address:{get_remote_address()}"


def _allowance() -> str:
    return WITH_TOKEN if _secret() else WITHOUT


def say(response: Response) -> Response:
    """How much of the caller's allowance is left.

    The fields of draft-ietf-httpapi-ratelimit-headers: quota and window in the
    policy, what remains and for how many seconds beside it.
    """
    limits = limiter.current_limits
    if not limits:
        return response
    current = min(limits, key=lambda limit: limit.remaining)
    window, quota = current.limit.get_expiry(), current.limit.amount
    left = max(0, current.remaining)
    wait = min(max(1, round(current.reset_at - time.time())), window)
    response.headers["RateLimit-Policy"] = f'"caller";q={quota};w={window}'
    response.headers["RateLimit"] = f'"caller";r={left};t={wait}'
    if response.status_code == 429:
        response.headers["Retry-After"] = str(wait)
    return response


def init_app() -> None:
    """Put the limits on the API's blueprint."""
    limiter.limit(FROM_ONE_ADDRESS)(bp)
    limiter.limit(_allowance, key_func=_caller)(bp)
    bp.after_request(say)
