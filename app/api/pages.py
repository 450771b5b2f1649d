"""The API's own page for people, and its description for programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.api import description, door, problems, rates
from app.api.examples import examples
from app.api.rules import Scope
from app.web.language import english

bp = Blueprint("api_pages", __name__, template_folder="templates")


@bp.get("/api")
@public
@english
def guide() -> ResponseReturnValue:
    """How to use the API, for people who write programs."""
    return render_template(
        "api/guide.html",
        address=f"{current_app.config['PUBLIC_URL']}/api/v1",
        examples=examples(str(current_app.config["PUBLIC_URL"])),
        scopes=[[scope.value, scope.label] for scope in Scope],
        kinds=problems.KINDS,
        operations=_operations(),
        limits=(rates.WITH_TOKEN, rates.WITHOUT),
        key_length=(door.SHORTEST_KEY, door.LONGEST_KEY),
    )


def _operations() -> list[tuple[str, list[list[str]]]]:
    """(subject, rows of method and address, what it does, scope), in the order of the tags."""
    found: dict[str, list[list[str]]] = {}
    paths: dict[str, Any] = description.describe()["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            scope = operation.get("description", "")
            needs = scope.removeprefix("Needs the scope `").removesuffix("`.") or (
                "Any token" if operation["security"] else "No token"
            )
            row = [f"{method.upper()} {path}", operation["summary"], needs]
            found.setdefault(operation["tags"][0], []).append(row)
    return list(found.items())


@bp.get("/api/v1/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    """The description in OpenAPI 3.1."""
    response = Response(description.as_text(), mimetype="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
