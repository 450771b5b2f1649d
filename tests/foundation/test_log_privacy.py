"""No line tells a number, an address, a text or a key, whichever way the service is driven."""

from __future__ import annotations

import ast
import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rq import Queue
from sqlalchemy import text

from app.accounts.models import User
from app.foundation import clock, logs, queue, schedule, workers
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox import acting
from app.inbox import service as inbox
from app.messaging import delivery, receipts, recovery, service
from app.messaging.models import Message, State
from app.operations import alarms
from app.operations.rules.problems import Kind, Problem
from tests import factories
from tests.carrier import StubCarrier
from tests.messaging.test_delivery import letter

APP = Path(__file__).resolve().parents[2] / "app"
SECRET = "My sister Nadia is in hospital"
TOKEN = "AbC123_-xyz.sig"
# What a row or a form calls a person's own: never handed to a logger.
PERSONAL = {
    *("phone", "email", "address", "to_address", "from_address", "number", "sender"),
    *("body", "text", "subject", "html", "payload", "form", "args", "values", "token"),
    *("password", "secret", "code", "postcode", "headers", "url", "path_info", "full_path"),
}


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """The lines that this process writes as in production, whatever its libraries say."""
    paper = io.StringIO()
    handler = logging.StreamHandler(paper)
    handler.setFormatter(logs.JsonFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in paper.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)


def assert_private(lines: list[dict[str, object]], *own: str) -> None:
    assert lines, "Nothing was logged, so nothing was tested."
    whole = json.dumps(lines, ensure_ascii=False)
    for secret in ("7700900", "7700 900", "@example.org", SECRET, TOKEN, *own):
        assert secret not in whole, secret


def calls_of_loggers() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name | ast.Attribute)
                and node.func.attr
                in ("debug", "info", "warning", "error", "exception", "critical", "log")
                and "log" in ast.unparse(node.func.value).split(".")[-1]
            ):
                yield f"{path.relative_to(APP)}:{node.lineno}", node


def test_no_logger_is_handed_what_is_a_persons_own() -> None:
    calls = list(calls_of_loggers())
    assert len(calls) > 20
    told = []
    for where, call in calls:
        for value in [*call.args[1:], *(keyword.value for keyword in call.keywords)]:
            for node in ast.walk(value):
                name = getattr(node, "attr", None) or getattr(node, "id", None)
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    name = node.value  # a member of `extra`
                if name in PERSONAL:
                    told.append(f"{where}: {name}")
    assert told == []


def test_every_message_of_a_log_is_one_fixed_sentence() -> None:
    """What varies comes as an argument, so that lines can be counted and are masked alike."""
    made = [
        where
        for where, call in calls_of_loggers()
        if ast.unparse(call.func).endswith("log.log") is False
        and not (call.args and isinstance(call.args[0], ast.Constant))
    ]
    assert made == []


@pytest.mark.parametrize("answer", [None, (400, 21211), (429, 20429), (500, None), "drop"])
def test_a_delivery_tells_ids_and_one_line_for_all(
    app: Flask,
    stub_carrier: StubCarrier,
    written: Callable[[], list[dict[str, object]]],
    answer: object,
) -> None:
    ids = [
        service.write(letter(number, cause=f"test:{number}", body=SECRET)) for number in (1, 2, 3)
    ]
    token = db.session.get_one(Message, ids[0]).token
    stub_carrier.answer = lambda _form: answer
    delivery.deliver(queue.URGENT)
    lines = written()
    assert_private(lines, token)
    ended = [line for line in lines if line["message"] == "a worker's turn at a lane has ended"]
    assert len(ended) == 1
    assert ended[0]["lane"] == queue.URGENT


def test_a_reply_that_breaks_us_is_told_by_its_id(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    written: Callable[[], list[dict[str, object]]],
) -> None:
    def breaks(reply: object, *_: object) -> None:
        raise ValueError(f"no sense in {reply.from_address}")  # type: ignore[attr-defined]

    monkeypatch.setattr(acting, "act", breaks)
    inbox.store({"MessageSid": "SM1", "From": "+447700900123", "Body": SECRET})
    inbox.process_all()
    lines = written()
    assert_private(lines)
    assert "ValueError: no sense in [phone]" in str(lines[0]["exception"])


def test_a_row_that_the_database_refuses_is_not_told(
    app: Flask, written: Callable[[], list[dict[str, object]]]
) -> None:
    """PostgreSQL repeats the row in the detail of its error; SQLite does not."""
    message_id = service.write(letter(body=f"{SECRET}\nand {SECRET} again"))

    def spoil() -> None:
        with transaction():
            db.session.execute(
                text("UPDATE message SET token = NULL WHERE id = :id"), {"id": message_id}
            )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "import_string", lambda _path: spoil)
        assert not schedule.run(schedule.Every("app.tests.spoil", schedule.LEASE))
    lines = written()
    assert_private(lines)
    assert "IntegrityError" in str(lines[0]["exception"])
    assert lines[0]["task"] == "app.tests.spoil"


def test_receipts_opt_outs_sweeps_and_alarms_tell_nobody(
    app: Flask, stub_carrier: StubCarrier, written: Callable[[], list[dict[str, object]]]
) -> None:
    factories.administrator(email="ada@example.org")
    receipts.receive(TOKEN, {"MessageSid": "SM1", "MessageStatus": "read by Nadia"})
    message_id = service.write(letter(body=SECRET))
    stub_carrier.answer = lambda _form: (400, 21610)
    delivery.deliver(queue.URGENT)
    receipts.receive(
        db.session.get_one(Message, message_id).token,
        {"MessageSid": "SM1", "MessageStatus": "no such status", "To": "+447700900001"},
    )
    recovery.sweep()
    problem = Problem(Kind.REDIS, "", "Redis does not answer.", "")
    for minutes in (0, 6):
        with clock.stopped_at(clock.now() + timedelta(minutes=minutes)):
            alarms.settle([problem])
    assert_private(written())


def test_a_page_that_breaks_is_told_by_its_rule_and_request(
    app: Flask,
    client: FlaskClient,
    sign_in: Callable[[User], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    written: Callable[[], list[dict[str, object]]],
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "TESTING", False)

    def breaks(*_: object, **__: object) -> None:
        raise ValueError("+447700900123 and jo@example.org")

    monkeypatch.setitem(app.view_functions, "broadcasts.answer", breaks)
    answer = client.get(f"/r/{TOKEN}?phone=07700900123&to=jo@example.org")
    client.post(
        "/sign-in", data={"email": "jo@example.org", "password": "hunter2-and-more", "phone": "x"}
    )
    assert answer.status_code == 500
    lines = written()
    assert_private(lines, "hunter2-and-more")
    broken = [line for line in lines if "exception" in line]
    assert broken[0]["request_id"] == answer.headers["X-Request-ID"]
    entry = next(line for line in lines if line["logger"] == "app.access")
    assert entry["message"] == "GET /r/<token> 500"
    assert entry["request_id"] == answer.headers["X-Request-ID"]


def test_a_job_tells_its_id_its_worker_and_how_it_ended(
    app: Flask, redis_url: str, written: Callable[[], list[dict[str, object]]]
) -> None:
    """In a worker of this process: what is logged inside a job carries the job's id."""
    service.write(letter(body=SECRET))
    jobs = Queue(queue.URGENT, connection=queue.connection())
    jobs.empty()
    good = jobs.enqueue_call("app.messaging.jobs.sweep", job_id="good")
    bad = jobs.enqueue_call("app.messaging.jobs.deliver", args=(1, 2, 3), job_id="bad")
    stopping = workers.threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers.JobWorker, "_install_signal_handlers", lambda _self: None)
        worker = workers.JobWorker(app, [queue.URGENT], "w1", queue.connection(), stopping)
        worker.work(burst=True, logging_level=None)
    lines = written()
    assert_private(lines)
    ended = {line["job_id"]: line for line in lines if str(line["message"]).startswith("job app")}
    assert ended[good.id]["message"] == "job app.messaging.jobs.sweep ended"
    assert (ended[good.id]["level"], ended[good.id]["worker"]) == ("info", "w1")
    assert ended[bad.id]["message"] == "job app.messaging.jobs.deliver failed"
    assert ended[bad.id]["level"] == "error"


def test_without_redis_the_warnings_are_few_and_tell_nothing(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    stub_carrier: StubCarrier,
    written: Callable[[], list[dict[str, object]]],
) -> None:
    kept = app.extensions.pop("redis", None)
    monkeypatch.setitem(app.config, "REDIS_URL", "redis://:topsecret@127.0.0.1:1/0")
    try:
        message_id = service.write(letter(body=SECRET))
        delivery.deliver(queue.URGENT, 2)
    finally:
        app.extensions.pop("redis", None)
        if kept is not None:
            app.extensions["redis"] = kept
    db.session.rollback()
    assert db.session.get_one(Message, message_id).state == State.ACCEPTED
    lines = written()
    assert_private(lines, "topsecret")
    assert {line["level"] for line in lines} <= {"warning", "info"}
