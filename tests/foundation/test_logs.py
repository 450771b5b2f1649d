"""The logs tell what happened and nobody's number."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import time

import pytest

from app.foundation import logs


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("app.test", logging.INFO, __file__, 1, message, args, None)
    made.__dict__.update(extra)
    return made


@pytest.mark.parametrize(
    "number",
    [
        "+447700900123",
        "07700900123",
        "07700 900123",
        "07700 900 123",
        "07700-900-123",
        "(01509) 123 456",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "447700900123",
        "7700900123",
        "+1 202 555 0123",
        "%2B447700900123",
    ],
)
def test_a_phone_number_is_masked_however_it_is_written(number):
    masked = logs.redacted(f"sent to {number}, then waited")
    assert "[phone]" in masked
    assert "900" not in masked
    assert "555" not in masked
    assert masked.endswith(", then waited")


@pytest.mark.parametrize(
    "text",
    [
        "signup 12345678901 confirmed",
        "2026-11-22 05:24:09.123456+00:00",
        "took 0.123456789012 s",
        "job 6f1c0700-90a1-4c3b-9f00-07700900123a",
        "lease until 2026-11-22T05:24:09Z held by host.7903.02b9b8",
        "127.0.0.1 answered 200",
    ],
)
def test_what_is_no_phone_number_stays(text):
    assert logs.redacted(text) == text


def test_an_email_address_is_masked():
    assert logs.redacted("to Jo <jo.o'neill+rota@mail.example.org>.") == "to Jo <[email]>."


def test_a_link_that_is_a_key_is_masked():
    assert logs.redacted("GET /r/AbC123_-xyz.sig 200") == "GET /r/[token] 200"


@pytest.mark.parametrize("before", ["/statements/", "/statements?code=", "/statements?a=b&code="])
@pytest.mark.parametrize(
    "code", ["ABCDEFGHJKLM", "ABCD-EFGH-JKLM", "ABCD+EFGH+JKLM", "abcd%20efgh"]
)
def test_the_code_of_a_statement_is_masked(before, code):
    assert logs.redacted(f"GET {before}{code} 200") == f"GET {before}[token] 200"


def test_the_number_of_a_statement_is_none_of_its_code():
    line = "GET /my/statements/7 and /my/statements/12.pdf"
    assert logs.redacted(line) == line


def test_arguments_are_masked_too():
    line = logs.PlainFormatter().format(record("to %s and %r", "07700900123", ["a@example.org"]))
    assert line.endswith("to [phone] and ['[email]']")


def test_an_exception_is_masked_and_kept():
    try:
        raise ValueError("no such number: +447700900123")
    except ValueError:
        failed = record("failed")
        failed.exc_info = sys.exc_info()
    for formatter in (logs.PlainFormatter(), logs.JsonFormatter()):
        line = formatter.format(failed)
        assert "ValueError: no such number: [phone]" in line
        assert "7700" not in line


def test_production_writes_one_json_object_a_line():
    made = record("page %s\nforged line", "x", status=200, who="a@example.org")
    line = logs.JsonFormatter().format(made)
    entry = json.loads(line)
    assert "\n" not in line
    assert entry["message"] == "page x\nforged line"
    assert entry["status"] == 200
    assert entry["who"] == "[email]"


def test_the_access_log_names_the_door_and_not_the_visitor(app, caplog):
    caplog.set_level(logging.INFO, logger="app.access")
    with app.test_request_context("/nowhere?phone=07700900123"):
        logs.note_start()
        logs.note_end(app.response_class("", 404))
    assert caplog.messages == ["GET (no such page) 404"]


def test_what_holds_inside_stands_on_every_line_and_ends_with_it():
    formatter = logs.JsonFormatter()
    with logs.about(worker="w1"), logs.about(job_id="j1"):
        inside = json.loads(formatter.format(record("done", message_ids=[1, 2])))
    outside = json.loads(formatter.format(record("done")))
    assert (inside["worker"], inside["job_id"], inside["message_ids"]) == ("w1", "j1", [1, 2])
    assert "worker" not in outside
    assert "job_id" not in outside


def test_a_long_list_of_ids_is_cut_and_says_so():
    line = json.loads(logs.JsonFormatter().format(record("done", message_ids=list(range(150)))))
    assert len(line["message_ids"]) == logs.MOST_IDS + 1
    assert line["message_ids"][-1] == "150 in all"


def test_each_request_has_an_id_of_its_own_which_its_caller_is_given(client, caplog):
    caplog.set_level(logging.INFO, logger="app.access")
    theirs = {"X-Request-ID": "forged"}
    first = client.get("/privacy", headers=theirs).headers["X-Request-ID"]
    second = client.get("/privacy").headers["X-Request-ID"]
    assert len(first) == 16
    assert len({first, second, "forged"}) == 3
    # Nothing of a request is left for what comes after it.
    assert "request_id" not in json.loads(logs.JsonFormatter().format(record("later")))


def test_what_a_database_tells_of_a_row_is_left_out():
    told = (
        "psycopg.errors.NotNullViolation: null value\n"
        "DETAIL:  Failing row contains (7, My knee\nhurts, null).\n\n"
        "The above exception was the direct cause of the following exception:\n"
        "sqlalchemy.exc.IntegrityError: null value\nDETAIL:  Failing row contains (7, My knee).\n"
        "[SQL: UPDATE message SET token=NULL]"
    )
    masked = logs.redacted(told)
    assert "knee" not in masked
    assert "hurts" not in masked
    assert "The above exception was the direct cause" in masked
    assert masked.endswith("[SQL: UPDATE message SET token=NULL]")


def test_lines_are_gathered_and_a_warning_brings_them_at_once() -> None:
    stream = io.StringIO()
    handler = logs.GatheringHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))

    def say(level: int, words: str) -> None:
        handler.handle(logging.LogRecord("app", level, "", 0, words, None, None))

    say(logging.INFO, "one")
    say(logging.INFO, "two")
    assert stream.getvalue() == ""
    say(logging.WARNING, "three")
    assert stream.getvalue() == "one\ntwo\nthree\n"


def test_what_was_gathered_is_written_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "GATHERED_FOR", 0.01)
    stream = io.StringIO()
    handler = logs.GatheringHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.handle(logging.LogRecord("app", logging.INFO, "", 0, "one", None, None))
    deadline = time.monotonic() + 10
    while not stream.getvalue() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert stream.getvalue() == "one\n"


def test_the_last_lines_of_a_process_are_written_at_its_end() -> None:
    program = (
        "import logging, sys; from app.foundation.logs import GatheringHandler;"
        "h = GatheringHandler(sys.stdout);"
        "h.handle(logging.makeLogRecord({'msg': 'goodbye', 'levelno': logging.INFO}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout == "goodbye\n"
