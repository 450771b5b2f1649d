"""The API in OpenAPI 3.1's words, made from the doors themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from flask import Flask, current_app
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from app.api import problems, shapes
from app.api.door import IF_MATCH, KEY, Door
from app.api.rules import LARGEST_ID, Scope

VERSION: Final = "1.0.0"
_REF: Final = "#/components/schemas/{model}"
_ABOUT: Final = (
    "What a group’s other programs can read and do. It keeps the same rules, writes the same "
    "letters and leaves the same trail as the pages. Moments are UTC; each shift says its zone."
)


def doors(app: Flask) -> Iterator[tuple[Rule, str, Door]]:
    """(rule, method, door) of each address of the API, in order."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        described = getattr(app.view_functions[rule.endpoint], "door", None)
        if described is not None:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, described


def describe() -> dict[str, Any]:
    """The whole description, for the app in hand."""
    return _describe(current_app._get_current_object())  # type: ignore[attr-defined] # the app


def as_text() -> str:
    """The description as the file that programs read."""
    return json.dumps(describe(), indent=1, ensure_ascii=False) + "\n"


@lru_cache(maxsize=2)
def _describe(app: Flask) -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], str], None] = {(shapes.ProblemInfo, "serialization"): None}
    for _, _, described in doors(app):
        wanted[described.gives, "serialization"] = None
        for asked in (described.query, described.body):
            if asked is not None:
                wanted[asked, "validation"] = None
    schemas, found = models_json_schema(
        list(wanted),  # type: ignore[arg-type] # the modes are those two words
        ref_template=_REF,
    )
    definitions = found["$defs"]
    for schema in definitions.values():
        _say_plainly(schema)
    paths: dict[str, Any] = {}
    for rule, method, described in doors(app):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)).removeprefix("/api/v1")
        operation = _operation(rule, described, schemas, definitions)
        paths.setdefault(path, {})[method.lower()] = operation
    for asked in {described.query for _, _, described in doors(app) if described.query}:
        definitions.pop(asked.__name__)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Many Hands", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that a manager made. Scopes: "
                    + "; ".join(f"{scope.value}: {scope.label}" for scope in Scope),
                }
            },
        },
    }


def _say_plainly(schema: Any) -> None:
    """What is left out is left out: no `null` where a default only stands for that."""
    if isinstance(schema, dict):
        if schema.get("default", 0) is None:
            del schema["default"]
        for part in schema.values():
            _say_plainly(part)
    elif isinstance(schema, list):
        for part in schema:
            _say_plainly(part)


def _operation(
    rule: Rule, described: Door, schemas: Any, definitions: dict[str, Any]
) -> dict[str, Any]:
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
        }
        for name in sorted(rule.arguments)
    ]
    if described.query is not None:
        asked = definitions[described.query.__name__]
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema.get("description", ""),
                "schema": {key: part for key, part in schema.items() if key != "description"},
            }
            for name, schema in asked["properties"].items()
        ]
    if described.matched:
        parameters.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "The ETag of the shift as you read it.",
                "schema": {"type": "string", "pattern": IF_MATCH},
            }
        )
    if described.shown is not None:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "New for each request. The same again within a day changes nothing.",
                "schema": {"type": "string", "pattern": KEY},
            }
        )
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.removeprefix("api."),
        "summary": described.summary,
        "tags": [described.tag],
        "security": [] if described.open else [{"token": []}],
        "parameters": parameters,
        "responses": _responses(rule, described, schemas),
    }
    if described.scope is not None:
        operation["description"] = f"Needs the scope `{described.scope.value}`."
    if described.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[described.body, "validation"]}},
        }
    return operation


def _responses(rule: Rule, described: Door, schemas: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": described.summary,
        "headers": {
            "ETag": {"description": "Names this very answer.", "schema": {"type": "string"}},
            "RateLimit": {
                "description": "What is left of your allowance, and for how many seconds.",
                "schema": {"type": "string"},
            },
        },
        "content": {"application/json": {"schema": schemas[described.gives, "serialization"]}},
    }
    if issubclass(described.gives, shapes.Page):
        told["headers"]["Link"] = {
            "description": "The address of the next page, as rel=next.",
            "schema": {"type": "string"},
        }
    if described.links:
        told["links"] = described.links
    responses: dict[str, Any] = {str(described.made): told}
    if described.may_be_there:
        responses["200"] = {**told, "description": "They were on it already."}
    if "GET" in (rule.methods or set()):
        responses["304"] = {"description": "It is as your If-None-Match says."}
    kinds = [problems.INVALID, problems.TOO_MANY, problems.FAULT, problems.UNREADABLE]
    if not described.open:
        kinds += [problems.NO_TOKEN, problems.NO_SCOPE]
    if rule.arguments:
        kinds.append(problems.NOT_FOUND)
    if described.body is not None:
        kinds += [problems.MEDIA, problems.TOO_LARGE, problems.REFUSED]
    if described.matched:
        kinds += [problems.CHANGED, problems.NO_IF_MATCH]
    for kind in sorted(kinds, key=lambda one: one.status):
        responses[str(kind.status)] = {
            "description": kind.title,
            "content": {
                problems.MEDIA_TYPE: {"schema": schemas[shapes.ProblemInfo, "serialization"]}
            },
        }
    return responses
