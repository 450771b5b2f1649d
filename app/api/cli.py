"""`flask api describe`: the API's description, for docs/openapi.json."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.api import description

api = AppGroup("api", help="The JSON API.")


@api.command("describe")
def describe() -> None:
    """Print the description in OpenAPI 3.1."""
    click.echo(description.as_text(), nl=False)
