"""The one way into each address of the API: who asks, what they may, what they said.

A view wears `door`, which says everything that the description tells of it;
so what is described and what is done cannot come apart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from flask import Response, request
from pydantic import BaseModel, ValidationError

from app.accounts.access import mark
from app.api import problems, tokens
from app.api.models import ApiCall
from app.api.problems import Fault, Problem
from app.api.rules import Scope, etag_matches
from app.api.tokens import Bearer
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.web.pages import public_url

MOST_BYTES: Final = 64 * 1024
SHORTEST_KEY: Final = 8
LONGEST_KEY: Final = 100
# What the two headers may be; the description tells the same.
KEY: Final = f"^[A-Za-z0-9_-]{{{SHORTEST_KEY},{LONGEST_KEY}}}$"
_TAG: Final = '(W/)?"[!#-~]{0,100}"'
IF_MATCH: Final = f"^([*]|{_TAG}(, ?{_TAG}){{0,9}})$"
_REALM: Final = 'Bearer realm="Many Hands"'


@dataclass(frozen=True)
class Door:
    """What one address takes and gives, for the door itself and for the description."""

    summary: str
    gives: type[BaseModel]
    tag: str
    scope: Scope | None = None  # None: any token, or none at all where `open`
    open: bool = False
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    matched: bool = False  # wants If-Match
    personal: bool = False  # tells of people: nothing on the way keeps it
    made: int = 200  # the status of success
    may_be_there: bool = False  # a POST that may find what it would make: 200 then
    shown: Callable[[Bearer, int], BaseModel] | None = None  # of a POST: what came of it
    links: dict[str, Any] = field(default_factory=dict)  # OpenAPI's, to what comes next


@dataclass(frozen=True)
class Call:
    """One request, read and allowed."""

    bearer: Bearer
    query: Any = None
    body: Any = None
    match: str = ""

    def must_match(self, shape: BaseModel) -> None:
        """Raise 412 unless this is what the caller has read."""
        if not etag_matches(self.match, etag_of(_bytes(shape))):
            raise Problem(problems.CHANGED)


@dataclass(frozen=True)
class Answer:
    """What a view gives: a shape, and where a list goes on."""

    shape: BaseModel
    next_cursor: str | None = None


def door(described: Door) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Guard a view of the API; it is called with a `Call`, and what its address names.

    A view of a POST returns the number of the row that it made or changed, and
    the status where that is not `made`.
    """

    def wrap(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(**named: Any) -> Response:
            try:
                call = _read(described)
                if described.shown is not None:
                    return _once(described, view, call, named)
                return _told(described, view(call, **named))
            except Problem as problem:
                return problems.answer(problem)
            except Refusal as refusal:
                return problems.answer(problems.refused(refusal))

        guarded.door = described  # type: ignore[attr-defined] # a function takes attributes
        return mark(guarded, "public" if described.open else "token")

    return wrap


NOBODY: Final = Bearer(0, None, 0, "", frozenset(), datetime.min.replace(tzinfo=UTC))


def _read(described: Door) -> Call:
    bearer = NOBODY if described.open else _bearer(described)
    query = _query(described.query)
    match = request.headers.get("If-Match", "")
    body = _body(described.body) if described.body else None
    if described.matched and not match:
        raise Problem(problems.NO_IF_MATCH)
    if match and not re.match(IF_MATCH, match, re.ASCII):
        fault = Fault("header", "/If-Match", "Send the ETag with its quotation marks.")
        raise Problem(problems.UNREADABLE, faults=[fault])
    return Call(bearer, query, body, match)


def _bearer(described: Door) -> Bearer:
    given = request.headers.get("Authorization", "")
    kind, _, secret = given.partition(" ")
    bearer = tokens.bearer_of(secret.strip()) if kind.lower() == "bearer" else None
    if bearer is None:
        why = f'{_REALM}, error="invalid_token"' if given else _REALM
        raise Problem(problems.NO_TOKEN, headers={"WWW-Authenticate": why})
    if described.scope is not None and not bearer.may(described.scope):
        raise Problem(
            problems.NO_SCOPE,
            f"This needs the scope {described.scope.value}.",
            headers={
                "WWW-Authenticate": f'{_REALM}, error="insufficient_scope", '
                f'scope="{described.scope.value}"'
            },
        )
    return bearer


def _query(shape: type[BaseModel] | None) -> Any:
    """What stands behind the question mark, each name once and each one that we know."""
    said = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
    values = dict(said)
    if len(values) != len(said):
        raise Problem(problems.INVALID, faults=[Fault("query", "/", "Say each name once.")])
    if shape is None:
        if values:
            fault = Fault("query", "/", "This address takes nothing behind a question mark.")
            raise Problem(problems.INVALID, faults=[fault])
        return None
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        raise problems.invalid(error, "query") from None


def _body(shape: type[BaseModel]) -> Any:
    if request.mimetype != "application/json":
        raise Problem(problems.MEDIA)
    if (request.content_length or 0) > MOST_BYTES:
        raise Problem(problems.TOO_LARGE)
    content = request.get_data(cache=True)
    if len(content) > MOST_BYTES:
        raise Problem(problems.TOO_LARGE)
    try:
        return shape.model_validate_json(content, strict=True)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
            raise Problem(problems.UNREADABLE, "The body is not JSON.") from None
        raise problems.invalid(error, "body") from None


def _bytes(shape: BaseModel) -> bytes:
    return shape.model_dump_json(by_alias=True).encode()


def etag_of(content: bytes) -> str:
    """A strong tag: the same only for the same bytes (RFC 9110, section 8.8.1)."""
    return hashlib.sha256(content).hexdigest()[:32]


def _told(described: Door, answer: Answer, status: int = 200) -> Response:
    content = _bytes(answer.shape)
    response = Response(content, status, mimetype="application/json")
    response.set_etag(etag_of(content))
    if not described.open:
        kept = "no-store" if described.personal else "private, no-cache"
        response.headers["Cache-Control"] = kept
        response.headers["Vary"] = "Authorization"
    else:
        response.headers["Access-Control-Allow-Origin"] = "*"
    if answer.next_cursor:
        said = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
        kept_query = [(name, value) for name, value in said if name != "cursor"]
        more = urlencode([*kept_query, ("cursor", answer.next_cursor)])
        address = public_url(request.endpoint or "", **(request.view_args or {}))
        response.headers["Link"] = f'<{address}?{more}>; rel="next"'
    reads = request.method in ("GET", "HEAD")
    if reads and request.if_none_match.contains_weak(etag_of(content)):
        response.status_code = 304
        response.set_data(b"")
        del response.headers["Content-Type"]
    return response


def _once(described: Door, view: Callable[..., Any], call: Call, named: dict[str, Any]) -> Response:
    """Carry a POST out once for its key, however often it arrives."""
    key = request.headers.get("Idempotency-Key", "")
    if not re.match(KEY, key, re.ASCII):
        fault = Fault(
            "header",
            "/Idempotency-Key",
            f"Send {SHORTEST_KEY} to {LONGEST_KEY} letters, digits, _ or -, new for each request.",
        )
        raise Problem(problems.UNREADABLE, faults=[fault])
    asked = hashlib.sha256(
        b"\0".join([request.method.encode(), request.path.encode(), request.get_data(cache=True)])
    ).hexdigest()
    mine = {
        "token_id": call.bearer.token_id,
        "key_hash": hashlib.sha256(key.encode()).hexdigest(),
    }
    table: Any = ApiCall.__table__
    with transaction():
        row = {**mine, "request_hash": asked, "created_at": clock.now()}
        # A second request of the same moment waits here until the first has ended.
        put = insert_ignoring(table).values(row).returning(table.c.id)
        first = db.session.scalar(put) is not None
        done = db.session.query(ApiCall).filter_by(**mine).one()
        if not first and done.request_hash != asked:
            raise Problem(problems.KEY_REUSED)
        if first:
            came = view(call, **named)
            done.row_id, done.status = came if isinstance(came, tuple) else (came, described.made)
        row_id, status = done.row_id or 0, done.status or described.made
    assert described.shown is not None
    shape = described.shown(call.bearer, row_id)
    response = _told(described, Answer(shape), status)
    if not first:
        response.headers["Idempotent-Replayed"] = "true"
    return response
