"""`flask messages fetch-missed`: beside the ledger's own commands."""

from __future__ import annotations

import click

from app.inbox import missed
from app.messaging.cli import cli


@cli.command("fetch-missed")
def fetch_missed() -> None:
    """Look in the carrier's list for texts that never reached us."""
    click.echo(f"found: {missed.fetch()}")
