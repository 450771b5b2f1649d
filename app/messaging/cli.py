"""`flask messages …`: what an operator may need by hand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.messaging import carrier_health, recovery, ways_out

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


@cli.command("carriers")
def carriers() -> None:
    """Ask each carrier of texts whether it would take one; sends nothing."""
    fine = True
    for row in carrier_health.overview():
        carrier = ways_out.carrier_named(row.name)
        if not isinstance(carrier, carrier_health.Askable):
            continue
        trouble = carrier.trouble()
        fine = fine and not trouble
        place = "in use" if row.is_in_use else "resting" if row.is_resting else "in reserve"
        click.echo(f"{row.name} ({place}): {trouble or 'answers'}")
    if not fine:
        raise click.exceptions.Exit(1)
