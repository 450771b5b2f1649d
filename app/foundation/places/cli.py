"""`flask places`: the door to the postcode table."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from app.foundation.errors import Refusal
from app.foundation.places import service

cli = AppGroup("places", help="Where postcodes are.")


@cli.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_places(path: Path) -> None:
    """Read exact positions from a Code-Point Open CSV file, or a folder of them."""
    try:
        count = service.import_code_point(path)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    click.echo(f"{count:,} postcodes imported.")
