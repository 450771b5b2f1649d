"""Commands about users; `flask users create` stands in groups, for it may name a group."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.accounts import queries
from app.accounts.models import CountyRole, ProofPurpose, User
from app.accounts.service import people, proofs, second_factor, sign_in
from app.foundation.errors import Refusal

users = AppGroup("users", help="Accounts: make one, give a role, let somebody in.")
ROLES = click.Choice([role.value for role in CountyRole])


def found(email: str) -> User:
    """The user of an email address. Raises what click shows."""
    user = queries.user_by_email(email.strip().lower())
    if user is None:
        raise click.ClickException("No user has this email address.")
    return user


@users.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Print a link that signs a user in once, within 15 minutes."""
    user = found(email)
    click.echo(proofs.new_link(ProofPurpose.SIGN_IN, user.id, str(user.email)))


@users.command("role")
@click.argument("email")
@click.argument("role", type=ROLES)
def role(email: str, role: str) -> None:
    """Give a user a county-wide role, or take it with "none"."""
    try:
        people.set_county_role(found(email).id, CountyRole(role))
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    click.echo("Saved.")


@users.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take the authenticator app off the account of somebody who has lost it."""
    second_factor.remove(found(email).id)
    click.echo("Taken off.")


@users.command("sign-out")
@click.argument("email")
def sign_out(email: str) -> None:
    """End every session of a user."""
    sign_in.sign_out_everywhere(found(email).id)
    click.echo("Signed out everywhere.")
