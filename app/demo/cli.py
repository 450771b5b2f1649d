"""`flask demo …`: fill an empty database with an invented county."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.demo import queries, service
from app.foundation.errors import Refusal

cli = AppGroup("demo", help="An invented county to look at and to rehearse with.")


@cli.command("seed")
@click.option(
    "--volunteers",
    type=click.IntRange(service.FEWEST, service.MOST),
    default=service.USUAL,
    show_default=True,
    help="How many invented people.",
)
def seed(volunteers: int) -> None:
    """Fill an empty database; do nothing when anything is there."""
    try:
        filled = service.seed(volunteers)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None
    if filled is None:
        click.echo("There is data already, so the demo county was not made.")
        return
    said = ", ".join(f"{number:,} {what}" for what, number in filled.items())
    click.echo(f"Made the demo county: {said}.")


@cli.command("sign-ins")
def sign_ins() -> None:
    """Say who can sign in to the demo county."""
    try:
        rows = queries.sign_ins()
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None
    if not rows:
        return
    width = max(len(email) for email, _ in rows)
    click.echo(f"Sign in with one of these and the password {service.PASSWORD}")
    for email, who in rows:
        click.echo(f"  {email:<{width}}  {who}")
