"""Notify's wire: what is sent, what each answer means, what its lists tell."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from app.foundation import clock
from app.messaging import carrier_health
from app.messaging.carriers import Doubtful, Parcel, Receives, Remembers
from app.messaging.carriers import notify as carrier
from app.messaging.rules.outcomes import Fault, Outcome, Verdict, of_fault
from tests.notify import SECRET, SENDER, SERVICE, TEMPLATE, StubNotify


def parcel(number: int = 1, body: str = "Can you help?") -> Parcel:
    return Parcel(
        message_id=number,
        token=f"{number:032x}",
        written_at=clock.now(),
        attempts=1,
        to=f"+447700900{number:03d}",
        body=body,
    )


def send(*parcels: Parcel) -> list[Outcome]:
    async def all_at_once() -> list[Outcome]:
        async with carrier.NotifyCarrier().open() as line:
            return list(await asyncio.gather(*(line.send(one) for one in parcels)))

    return asyncio.run(all_at_once())


@contextmanager
def nobody_answers() -> Iterator[str]:
    """The address of a port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_text_leaves_with_our_token_as_its_reference(stub_notify: StubNotify) -> None:
    [outcome] = send(parcel(7))
    [text] = stub_notify.taken
    assert outcome == Outcome(Verdict.ACCEPTED, carrier_id=text["id"])
    assert text["reference"] == parcel(7).token
    assert text["phone_number"] == "+447700900007"
    assert text["body"] == "Can you help?"
    assert text["sms_sender_id"] is None


def test_a_sender_of_our_own_is_named(
    app: Flask, stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "NOTIFY_SMS_SENDER_ID", SENDER)
    assert send(parcel())[0].verdict == Verdict.ACCEPTED
    assert stub_notify.taken[0]["sms_sender_id"] == SENDER


def test_letters_of_every_kind_arrive_as_written(stub_notify: StubNotify) -> None:
    body = "નમસ્તે, ((name)) \N{GRINNING FACE} £5 & <b>more</b>\nReply 27 YES"
    send(parcel(body=body))
    assert stub_notify.taken[0]["body"] == body


@pytest.mark.parametrize(
    ("answer", "verdict", "code"),
    [
        ((400, "ValidationError", "phone_number x"), Verdict.FAILED, "ValidationError"),
        ((400, "BadRequestError", "trial mode"), Verdict.FAILED, "BadRequestError"),
        ((403, "AuthError", "Invalid token"), Verdict.TRY_LATER, "AuthError"),
        ((429, "RateLimitError", "Exceeded"), Verdict.TRY_LATER, "RateLimitError"),
        ((429, "TooManyRequestsError", "Exceeded"), Verdict.TRY_LATER, "TooManyRequestsError"),
        ((500, "Exception", "Internal server error"), Verdict.UNCERTAIN, "Exception"),
        ((503, "Exception", "Busy"), Verdict.UNCERTAIN, "Exception"),
        ("fault", Verdict.UNCERTAIN, "Exception"),
        ("drop", Verdict.UNCERTAIN, None),
    ],
)
def test_each_answer_is_asked_for_once_and_understood(
    stub_notify: StubNotify, answer: object, verdict: Verdict, code: str | None
) -> None:
    stub_notify.answer = lambda _request: answer
    [outcome] = send(parcel())
    assert (outcome.verdict, outcome.code) == (verdict, code)
    assert outcome.reason.endswith(".")
    assert stub_notify.asked == 1


def test_a_refused_connection_was_certainly_not_accepted(
    app: Flask, stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "NOTIFY_API_URL", "http://127.0.0.1:9")
    [outcome] = send(parcel())
    assert outcome == of_fault(Fault.NOT_CONNECTED)


def test_an_unknown_host_was_certainly_not_asked(
    app: Flask, stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "NOTIFY_API_URL", "http://notify.invalid:1")
    assert send(parcel())[0].verdict == Verdict.TRY_LATER


def test_silence_is_uncertain_and_has_an_end(
    app: Flask, stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "TIMEOUT", (1, 0.2))
    with nobody_answers() as url:
        monkeypatch.setitem(app.config, "NOTIFY_API_URL", url)
        [outcome] = send(parcel())
    assert outcome == of_fault(Fault.TIMED_OUT)


@pytest.mark.parametrize("answer", [b"<html>", b"", b"[]", b"null", b"{}", b'{"id": null}'])
def test_an_answer_that_nobody_can_read_is_uncertain(
    stub_notify: StubNotify, answer: bytes
) -> None:
    stub_notify.answer = lambda _request: answer
    [outcome] = send(parcel())
    assert outcome == of_fault(Fault.UNREADABLE)


def test_the_time_out_is_ten_seconds_and_nothing_is_tried_again(stub_notify: StubNotify) -> None:
    client = carrier.Account.of_the_app().client()
    try:
        assert client.timeout == (3, 10)
        assert client.request_session.max_redirects == 0
        for scheme in ("https://", "http://"):
            retries = client.request_session.get_adapter(scheme).max_retries
            assert retries.total == 0
            assert retries.read is not True
            assert not retries.status
    finally:
        client.request_session.close()


def test_connections_are_kept_and_never_more_than_may_be_at_once(stub_notify: StubNotify) -> None:
    most = carrier.NotifyCarrier.at_once
    together, lock, seen = 0, threading.Lock(), []

    def count(_request: object) -> None:
        nonlocal together
        with lock:
            together += 1
            seen.append(together)
        threading.Event().wait(0.01)
        with lock:
            together -= 1

    stub_notify.answer = count
    outcomes = send(*(parcel(number) for number in range(1, 101)))
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    assert 1 < max(seen) <= most
    assert stub_notify.connections <= most
    assert set(stub_notify.times_texted().values()) == {1}


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """The https:// address of a server whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            with suppress(OSError):  # the caller hangs up, and so does the test
                here, _ = listener.accept()
                with here, context.wrap_socket(here, server_side=True) as there:
                    there.recv(1)

        thread = threading.Thread(target=greet)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_server_that_nobody_vouches_for_is_told_nothing(
    app: Flask, stub_notify: StubNotify, untrusted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "NOTIFY_API_URL", untrusted)
    assert send(parcel()) == [of_fault(Fault.NOT_CONNECTED)]


def test_nobodys_number_or_words_are_logged(
    stub_notify: StubNotify, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = (400, "ValidationError", f"phone_number {parcel(7).to} Not enough digits")
    answers = iter([None, refusal, "drop"])
    stub_notify.answer = lambda _request: next(answers)
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            send(parcel(7, "Can you help Nadia?"))
    assert caplog.records
    assert "7700900007" not in caplog.text
    assert "Nadia" not in caplog.text


def test_a_wrong_key_is_noticed(
    app: Flask, stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "NOTIFY_API_KEY", f"key-{SERVICE}-{SECRET[::-1]}")
    assert send(parcel())[0].code == "AuthError"
    assert "credentials" in carrier.NotifyCarrier().trouble()


def doubt(number: int, ago: timedelta = timedelta(seconds=20)) -> Doubtful:
    one = parcel(number)
    return Doubtful(
        message_id=number,
        token=one.token,
        to=one.to,
        body=one.body,
        sending_at=clock.now() - ago,
    )


@pytest.mark.parametrize("number", [1, carrier.ASKED_ONE_BY_ONE, carrier.ASKED_ONE_BY_ONE + 5])
def test_what_was_taken_is_found_by_its_token_alone(stub_notify: StubNotify, number: int) -> None:
    """All have the same words, as a broadcast has; every other one was taken, and not answered."""
    stub_notify.answer = lambda request: (
        "drop" if int(request["reference"], 16) % 2 else (500, "Exception", "Internal server error")
    )
    numbers = range(1, number + 1)
    send(*(parcel(each) for each in numbers))
    found = carrier.NotifyCarrier().taken_of([doubt(each) for each in numbers])
    ids = {text["reference"]: text["id"] for text in stub_notify.taken}
    assert {each: [one.carrier_id for one in listed] for each, listed in found.items()} == {
        each: [ids[parcel(each).token]] for each in numbers if each % 2
    }
    [listed] = found[1]
    assert (listed.to, listed.body, listed.status) == (parcel(1).to, parcel(1).body, "created")
    assert abs(listed.created_at - clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize("number", [1, carrier.ASKED_ONE_BY_ONE + 5])
def test_what_it_never_had_is_certain_only_when_the_list_no_longer_lags(
    stub_notify: StubNotify, number: int
) -> None:
    ask = carrier.NotifyCarrier().taken_of
    soon = [doubt(each, carrier.LIST_LAGS - timedelta(minutes=1)) for each in range(number)]
    assert ask(soon) == {}
    late = [doubt(each, carrier.LIST_LAGS + timedelta(minutes=1)) for each in range(number)]
    assert ask(late) == {each: [] for each in range(number)}
    assert ask([]) == {}


def test_a_list_that_is_too_long_proves_nothing(
    stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = range(1, carrier.ASKED_ONE_BY_ONE + 6)
    send(*(parcel(each) for each in numbers))
    monkeypatch.setattr(carrier, "MOST_LISTED", 7)
    late = carrier.LIST_LAGS + timedelta(minutes=1)
    assert len(carrier.NotifyCarrier().taken_of([doubt(each, late) for each in numbers])) == 7


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", None])
def test_what_cannot_be_asked_is_not_taken_for_an_answer(
    app: Flask, stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    if url:
        monkeypatch.setitem(app.config, "NOTIFY_API_URL", url)
    else:
        monkeypatch.setitem(app.config, "NOTIFY_API_KEY", f"key-{SERVICE}-{SECRET[::-1]}")
    with pytest.raises(OSError, match=r"carrier"):
        carrier.NotifyCarrier().taken_of([doubt(1)])
    with pytest.raises(OSError, match=r"carrier"):
        carrier.NotifyCarrier().received_since(clock.now())


def test_texts_that_came_in_are_listed_over_all_pages(stub_notify: StubNotify) -> None:
    ids = [stub_notify.bring(f"text {n}", ago=timedelta(hours=30 - n)) for n in range(30)]
    since = clock.now() - timedelta(hours=10, minutes=30)
    listed = carrier.NotifyCarrier().received_since(since)
    assert [one.carrier_id for one in listed] == ids[:-11:-1]
    assert {(one.sender, one.to) for one in listed} == {("+447700900123", "+447700900999")}
    assert listed[0].body == "text 29"
    assert abs(listed[0].at - (clock.now() - timedelta(hours=1))) < timedelta(minutes=1)


def test_nothing_came_in(stub_notify: StubNotify) -> None:
    assert carrier.NotifyCarrier().received_since(clock.now() - timedelta(days=1)) == []


def test_it_remembers_and_receives_and_can_be_asked(app: Flask) -> None:
    for promise in (Remembers, Receives, carrier_health.Askable):
        assert isinstance(carrier.NotifyCarrier(), promise)


@pytest.mark.parametrize("template", ["((message))", " (( message ))\n"])
def test_a_fitting_template_is_no_trouble(stub_notify: StubNotify, template: str) -> None:
    stub_notify.template = template
    assert carrier.NotifyCarrier().trouble() == ""


@pytest.mark.parametrize("template", ["Hello ((message))", "((text))", ""])
def test_another_template_is_told(stub_notify: StubNotify, template: str) -> None:
    stub_notify.template = template
    assert "((message))" in carrier.NotifyCarrier().trouble()


def test_a_template_that_is_not_there_is_told(
    app: Flask, stub_notify: StubNotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "NOTIFY_SMS_TEMPLATE_ID", TEMPLATE[::-1])
    assert carrier.NotifyCarrier().trouble()
