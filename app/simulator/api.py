"""Twilio's own HTTP API, as far as messages go, so that its library talks to us unchanged.

Shapes, names and codes: twilio.com/docs/messaging/api/message-resource.
"""

from __future__ import annotations

import hmac
import json
import random
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app.accounts.access import View, mark
from app.foundation.extensions import csrf, limiter
from app.simulator import queries, service
from app.simulator.service import Refused

bp = Blueprint("simulator_api", __name__, url_prefix=f"/simulator/api/{queries.API_VERSION}")
csrf.exempt(bp)
limiter.exempt(bp)

FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")
MOST_PER_PAGE = 1000


@bp.errorhandler(Refused)
def refused(refusal: Refused) -> ResponseReturnValue:
    answer = {
        "code": refusal.code,
        "message": refusal.message,
        "more_info": f"https://www.twilio.com/docs/errors/{refusal.code}",
        "status": refusal.status,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if refusal.status == 401 else {}
    return jsonify(answer), refusal.status, headers


def account(view: View) -> View:
    """Our own account may enter, by its SID and token as the library sends them.

    Marked `public`: no session opens this door, and none is needed.
    """

    @wraps(view)
    def guarded(sid: str, **rest: Any) -> Any:
        said = request.authorization
        user, password = (said.username or "", said.password or "") if said else ("", "")
        right_user = hmac.compare_digest(user.encode(), _config("TWILIO_ACCOUNT_SID"))
        right_token = hmac.compare_digest(password.encode(), _config("TWILIO_AUTH_TOKEN"))
        if not (right_user and right_token):
            raise Refused(401, 20003, "Authenticate")
        if sid != user:
            raise Refused(404, 20404, "The requested resource was not found")
        return view(**rest)

    return mark(guarded, "public")  # type: ignore[return-value] # the account is taken off


def _config(name: str) -> bytes:
    return str(current_app.config[name]).encode()


@bp.post("/Accounts/<sid>/Messages.json")
@account
def create() -> ResponseReturnValue:
    taken = service.accept(request.form.to_dict())
    answer = queries.resource(queries.text_by_id(taken.text_id))
    if taken.answer_is_lost:
        return _lost(answer)
    return jsonify(answer), 201


def _lost(answer: dict[str, Any], which: Callable[[], float] = random.random) -> Response:
    """An answer that tells nothing, about a text that was taken: a fault, or half a line."""
    if which() < 0.5:
        return Response("", 500)
    whole = json.dumps(answer).encode()
    broken = Response(whole[:20], 201, mimetype="application/json")
    broken.content_length = len(whole)  # the connection ends before so much has come
    return broken


@bp.get("/Accounts/<sid>/Messages/<message>.json")
@account
def fetch(message: str) -> ResponseReturnValue:
    text = queries.text_by_sid(message)
    if text is None:
        raise Refused(404, 20404, f"The requested resource {request.path} was not found")
    return jsonify(queries.resource(text))


@bp.get("/Accounts/<sid>/Messages.json")
@account
def listed() -> ResponseReturnValue:
    asked = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    size = min(max(request.args.get("PageSize", 50, type=int), 1), MOST_PER_PAGE)
    page = max(request.args.get("Page", 0, type=int), 0)
    token = request.args.get("PageToken", "")
    before = queries.text_by_sid(token.removeprefix("PA")) if token else None
    if token and before is None:
        raise Refused(400, 20001, "Invalid PageToken")
    try:
        texts, more = queries.texts(asked, size, before)
    except ValueError:
        raise Refused(400, 20001, "A date was not valid") from None

    def uri(number: int, after: str = "") -> str:
        rest = {"PageSize": str(size), **asked, "Page": str(number)}
        if after:
            rest["PageToken"] = f"PA{after}"
        return f"{request.path.removeprefix('/simulator/api')}?{urlencode(rest)}"

    return jsonify(
        {
            "messages": [queries.resource(text) for text in texts],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(len(texts) - 1, 0),
            "uri": uri(page, token.removeprefix("PA")),
            "first_page_uri": uri(0),
            "previous_page_uri": None,  # the library walks forward only
            "next_page_uri": uri(page + 1, texts[-1].sid) if more else None,
        }
    )
