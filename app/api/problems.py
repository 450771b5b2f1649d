"""Everything that goes wrong, told to a program: problem+json, as RFC 9457 has it.

An answer names what is wrong and where, and never repeats what was sent: that
may be somebody's name or number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, current_app
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from app.foundation.errors import Refusal

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its status, its title, and what to do about it."""

    slug: str
    status: int
    title: str
    advice: str


UNREADABLE = Kind(
    "unreadable", 400, "The request could not be read", "Mend the request; it will not work as is."
)
NO_TOKEN = Kind(
    "no-token",
    401,
    "There is no token, or it does not work any more",
    "Send a token in the Authorization header. Ask who made yours whether it has ended.",
)
NO_SCOPE = Kind(
    "no-scope", 403, "The token may not do this", "Make a token that has the scope it names."
)
NOT_FOUND = Kind(
    "not-found",
    404,
    "There is nothing here",
    "Check the number. Another group’s data looks as if it were not there.",
)
METHOD = Kind(
    "method", 405, "This address does not take this method", "See the Allow header for those."
)
REFUSED = Kind(
    "refused",
    409,
    "It cannot be done as things are",
    "Read the detail: it is the sentence that a person would see. Nothing was changed.",
)
CHANGED = Kind(
    "changed-meanwhile",
    412,
    "It was changed since you read it",
    "Read it again, look at what is new, then send your change with the new ETag.",
)
TOO_LARGE = Kind("too-large", 413, "The request is too large", "Send 64 kB at most.")
MEDIA = Kind(
    "media-type", 415, "The body is not JSON", "Send JSON, with Content-Type: application/json."
)
INVALID = Kind(
    "invalid",
    422,
    "Something in the request is not as described",
    "Each of the errors says where it is and what is wrong.",
)
KEY_REUSED = Kind(
    "key-reused",
    422,
    "This Idempotency-Key was used for another request",
    "Make a new key for each new request.",
)
NO_IF_MATCH = Kind(
    "if-match-missing",
    428,
    "Say which version you are changing",
    "Send the ETag that you read in the If-Match header.",
)
TOO_MANY = Kind("too-many", 429, "Too many requests", "Wait as many seconds as Retry-After says.")
FAULT = Kind(
    "fault",
    500,
    "Something went wrong here",
    "It is our fault. Try again later; a POST with the same Idempotency-Key is safe to repeat.",
)
KINDS: Final = (
    UNREADABLE,
    NO_TOKEN,
    NO_SCOPE,
    NOT_FOUND,
    METHOD,
    REFUSED,
    CHANGED,
    TOO_LARGE,
    MEDIA,
    INVALID,
    KEY_REUSED,
    NO_IF_MATCH,
    TOO_MANY,
    FAULT,
)
_BY_STATUS: Final = {kind.status: kind for kind in reversed(KINDS)}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where ("body", "/places"), and the sentence."""

    within: str  # "body", "query" or "header"
    where: str
    sentence: str


class Problem(Exception):
    """A request that is answered with a problem."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.title)
        self.kind, self.detail, self.faults = kind, detail, faults
        self.headers = dict(headers or {})


def invalid(error: ValidationError, within: str) -> Problem:
    """The problem of a body or a query that is not as described."""
    faults = [
        Fault(within, _pointer(one), _sentence(one))
        for one in error.errors(include_url=False, include_input=False)[:20]
    ]
    return Problem(INVALID, faults=faults)


def _pointer(error: Any) -> str:
    """Where it is; a name that we do not know is the caller's word, and is not repeated."""
    parts = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
    return "/" + "/".join(str(part) for part in parts)


def _sentence(error: Any) -> str:
    said = {
        "missing": "This is missing.",
        "extra_forbidden": "There is a name here that we do not know.",
        "json_invalid": "This is not JSON.",
    }.get(error["type"])
    # What our own checks say is a sentence already; pydantic's others begin small.
    return said or str(error["msg"]).removeprefix("Value error, ")


def answer(problem: Problem) -> Response:
    """The problem as an answer."""
    kind = problem.kind
    told: dict[str, Any] = {
        "type": f"{current_app.config['PUBLIC_URL']}/api#problem-{kind.slug}",
        "title": kind.title,
        "status": kind.status,
    }
    if problem.detail:
        told["detail"] = problem.detail
    if problem.faults:
        told["errors"] = [
            {"in": fault.within, "pointer": fault.where, "detail": fault.sentence}
            for fault in problem.faults
        ]
    body = json.dumps(told, ensure_ascii=False)
    response = Response(body, kind.status, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def of(error: HTTPException | Refusal) -> Response:
    """What any failure below the API's addresses is answered with."""
    if isinstance(error, Refusal):
        return answer(refused(error))
    status = error.code or 500
    kind = _BY_STATUS.get(status) or (UNREADABLE if status < 500 else FAULT)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return answer(Problem(kind, headers=kept))


def refused(refusal: Refusal) -> Problem:
    """The problem of what our rules do not allow, in the sentence that a person would see."""
    faults = [Fault("body", f"/{refusal.field}", refusal.sentence)] if refusal.field else []
    return Problem(REFUSED, refusal.sentence, faults)
