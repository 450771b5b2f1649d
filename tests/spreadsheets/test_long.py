"""A long rota is looked through and brought in by a worker, whole or not at all."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.errands import jobs
from app.errands.models import Errand, Progress
from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.spreadsheets import service
from app.spreadsheets.models import ImportState, RotaImport
from app.spreadsheets.rules import Kind
from app.volunteers import service as volunteers
from tests.spreadsheets.conftest import Rota, as_csv, tables


@pytest.fixture(autouse=True)
def _little_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LONG", 1)
    monkeypatch.setattr(service, "MANY", 0)


def changed(rota: Rota) -> bytes:
    """The rota with one more place on its first shift."""
    table = tables(rota)[Kind.SHIFTS]
    table[1][table[0].index("Places")] = "4"
    return as_csv(table)


def latest() -> Errand:
    db.session.rollback()
    return db.session.scalars(select(Errand).order_by(Errand.id.desc())).first()


def places(rota: Rota) -> int:
    db.session.rollback()
    return db.session.scalar(select(Shift.places).where(Shift.id == rota.shift.id))


def test_from_the_file_to_the_rota_in_two_errands(rota: Rota, boss: FlaskClient) -> None:
    base = f"/groups/{rota.group.id}/spreadsheets"
    file = {"file": (io.BytesIO(changed(rota)), "rota.csv")}
    answer = boss.post(base, data=file, follow_redirects=True)
    looking = latest().id
    assert answer.request.path == f"/my/work/{looking}"
    assert f'href="/my/work/{looking}"' in boss.get(base).text
    jobs.work(looking)
    page = boss.get(f"/my/work/{looking}/result", follow_redirects=True)
    assert "Make 1 change" in page.text
    assert places(rota) == 1
    answer = boss.post(f"{page.request.path}/apply", follow_redirects=True)
    doing = latest().id
    assert answer.request.path == f"/my/work/{doing}"
    assert places(rota) == 1
    jobs.work(doing)
    jobs.work(doing)  # a nudge that comes twice
    assert places(rota) == 4
    assert "1 change was made" in latest().outcome
    assert "What was done" in boss.get(f"/my/work/{doing}/result", follow_redirects=True).text


def test_a_rota_that_changed_meanwhile_is_shown_again(rota: Rota) -> None:
    group_id, user_id = rota.group.id, rota.manager.id
    import_id = service.preview(changed(rota), "rota.csv", group_id, user_id)
    jobs.work(latest().id)
    service.start(import_id, group_id, user_id)
    volunteers.erase(rota.bo.id)
    with db.engine.begin() as connection:
        connection.execute(
            Shift.__table__.update().where(Shift.id == rota.shift.id).values(version=7)
        )
    jobs.work(latest().id)
    assert places(rota) == 1
    assert latest().progress == Progress.REFUSED


def test_a_worker_that_dies_in_the_middle_leaves_nothing(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    group_id, user_id = rota.group.id, rota.manager.id
    import_id = service.preview(changed(rota), "rota.csv", group_id, user_id)
    jobs.work(latest().id)
    service.start(import_id, group_id, user_id)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(service, "_left_over", die)
        with pytest.raises(KeyboardInterrupt):
            jobs.work(latest().id)
    assert places(rota) == 1
    assert db.session.scalar(select(func.count(RotaImport.id))) == 1
    row = db.session.get_one(RotaImport, import_id)
    assert (row.state, latest().progress) == (ImportState.PREVIEW, Progress.WORKING)
