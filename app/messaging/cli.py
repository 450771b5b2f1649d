"""`flask messages …`: what an operator may need by hand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.messaging import recovery

cli = AppGroup("messages", help="The ledger of texts and emails.")


@cli.command("sweep")
def sweep() -> None:
    """Put right what was interrupted; safe at any time."""
    found = recovery.sweep()
    click.echo(", ".join(f"{name}: {number}" for name, number in found.items()))


@cli.command("reconcile")
def reconcile() -> None:
    """Heal uncertain texts by the carrier's own list."""
    found = recovery.reconcile()
    click.echo(", ".join(f"{name}: {number}" for name, number in found.items()))
