"""Commands that need both a user and a group."""

from __future__ import annotations

import click

from app.accounts import cli
from app.accounts import service as accounts
from app.accounts.models import CountyRole, ProofPurpose
from app.accounts.service import proofs
from app.foundation.errors import Refusal
from app.foundation.transaction import transaction
from app.groups import queries, service


@cli.users.command("create")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--role", type=cli.ROLES, default=CountyRole.NONE.value, show_default=True)
@click.option("--group", "slug", help="Make the user a manager of the group with this address.")
@click.option("--link", is_flag=True, help="Print a sign-in link rather than ask for a password.")
def create(name: str, email: str, role: str, slug: str | None, link: bool) -> None:
    """Make a user; asks for the password, or prints a link that signs in once."""
    group = queries.group_by_slug(slug) if slug else None
    if slug and group is None:
        raise click.ClickException("No group has this address.")
    password = None
    if not link:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with transaction():
            user = accounts.create_verified_user(name, email, password, CountyRole(role))
            if group is not None:
                service.add_manager(group.id, user.id)
            click.echo(f"{user.name} can sign in as {user.email}.")
            if link:
                click.echo(proofs.new_link(ProofPurpose.SIGN_IN, user.id, str(user.email)))
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
