"""flask volunteers: what an operator does from the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.models import Group
from app.volunteers.service import imports
from app.volunteers.service.import_plan import make_plan, read_people, sentences
from app.volunteers.spreadsheet.table import decode

volunteers = AppGroup("volunteers", help="Bring volunteers in.")


@volunteers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--group", "slug", help="The short name of the group whose people they are.")
@click.option("--apply", "carry_out", is_flag=True, help="Do it, rather than say what it would do.")
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the rows that cannot come in to this file, with the reason in the last column.",
)
def import_(file: Path, slug: str | None, carry_out: bool, rejected: Path | None) -> None:
    """Import volunteers from a spreadsheet saved as CSV.

    Without --apply it only says what would happen. With rows that cannot come
    in, --apply wants --rejected, so that none is lost unseen.
    """
    try:
        group_id = _group_id(slug)
        plan = make_plan(read_people(decode(file.read_bytes())), group_id)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    if carry_out and plan.rejected and rejected is None:
        _say(plan.summary(), done=False)
        raise click.ClickException(
            "Nothing was imported: some rows cannot be. Give --rejected OUT.csv to import "
            "the others and keep those, or mend the file."
        )
    if rejected is not None:
        rejected.write_bytes(imports.rejected_file(plan))
    if carry_out:
        imports.carry_out(plan, group_id, file.name, None)
    _say(plan.summary(), done=carry_out)
    if not carry_out:
        click.echo("Nothing was written. Run it again with --apply to import.")


def _say(summary: dict[str, object], *, done: bool) -> None:
    for sentence in sentences(summary, done=done):
        click.echo(f"{sentence}.")
    for number, reason in summary["reasons"]:  # type: ignore[attr-defined] # pairs
        click.echo(f"  row {number}: {reason}")


def _group_id(slug: str | None) -> int | None:
    if slug is None:
        return None
    found = db.session.scalar(select(Group.id).where(Group.slug == slug))
    if found is None:
        raise Refusal(f"There is no group with the short name {slug}.")
    return found
