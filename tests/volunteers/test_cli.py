"""flask volunteers import, as an operator types it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.foundation.extensions import db
from app.volunteers.models import GroupVolunteer, Volunteer
from tests import factories

GOOD = "Name;Mobile;Post code\nAsha Patel;07700 900123;LE11 3TU\n"


@pytest.fixture
def run(app, tmp_path):
    """Import a text with some options; return the command's result."""

    def invoke(text: str, *options: str):
        file = tmp_path / "people.csv"
        file.write_bytes(text.encode("cp1252"))
        command = ["volunteers", "import", str(file), *options]
        return app.test_cli_runner().invoke(args=command)

    return invoke


def volunteers() -> int:
    return db.session.scalar(select(func.count(Volunteer.id)))


def test_without_apply_it_only_says_what_would_happen(run):
    result = run(GOOD)
    assert result.exit_code == 0
    assert "1 person will be added." in result.output
    assert volunteers() == 0


def test_with_apply_the_group_has_the_people(run):
    group = factories.group(slug="gorse")
    result = run(GOOD, "--group", "gorse", "--apply")
    assert "1 person was added." in result.output
    assert db.session.scalar(select(GroupVolunteer.group_id)) == group.id


def test_rejected_rows_stop_an_import_that_has_nowhere_to_put_them(run):
    result = run(GOOD + "Ravi;;\n", "--apply")
    assert result.exit_code == 1
    assert "row 3: There is no mobile number" in result.output
    assert volunteers() == 0


def test_rejected_rows_go_to_the_file(run, tmp_path):
    out = tmp_path / "rejected.csv"
    result = run(GOOD + "Ravi;;\n", "--apply", "--rejected", str(out))
    assert result.exit_code == 0
    assert volunteers() == 1
    assert out.read_text("utf-8-sig").splitlines()[1] == (
        "Ravi,,,There is no mobile number and no email address."
    )


def test_an_unknown_group_is_told_in_a_sentence(run):
    result = run(GOOD, "--group", "nowhere")
    assert result.exit_code == 1
    assert "no group with the short name nowhere" in result.output
