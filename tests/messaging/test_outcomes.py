"""What an answer of a carrier means: the whole table, row by row.

The rows stand here once more, as plain facts, so that a change of meaning is
a change of two files. That they are all here is tested too.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.messaging.rules import outcomes
from app.messaging.rules.outcomes import Fault, Rule, Verdict

LATER, FAILED, UNCERTAIN = Verdict.TRY_LATER, Verdict.FAILED, Verdict.UNCERTAIN

# (HTTP status, Twilio's code): what becomes of the text, and is the carrier to blame?
REFUSALS = [
    (401, 20003, LATER, True),
    (403, 20005, LATER, True),
    (429, 20429, LATER, False),
    (503, 20503, UNCERTAIN, True),
    (400, 21211, FAILED, False),
    (400, 21212, FAILED, False),
    (400, 21214, FAILED, False),
    (400, 21217, FAILED, False),
    (400, 21408, FAILED, False),
    (400, 21601, FAILED, False),
    (400, 21602, FAILED, False),
    (400, 21603, FAILED, False),
    (400, 21604, FAILED, False),
    (400, 21606, FAILED, False),
    (400, 21608, FAILED, False),
    (400, 21609, FAILED, False),
    (400, 21610, Verdict.OPTED_OUT, False),
    (400, 21611, LATER, False),
    (400, 21612, FAILED, False),
    (400, 21614, FAILED, False),
    (400, 21617, FAILED, False),
    (400, 21635, FAILED, False),
    (400, 21654, FAILED, False),
    (400, 21703, FAILED, False),
    (400, 21705, FAILED, False),
    (400, 30001, LATER, False),
    (403, 30002, LATER, True),
    (400, 30034, FAILED, False),
    (400, 30039, FAILED, False),
    (429, 63038, LATER, True),
    # no code, or one that we do not know
    (301, None, FAILED, True),
    (400, None, FAILED, False),
    (400, 99999, FAILED, False),
    (401, None, LATER, True),
    (404, None, FAILED, False),
    (408, None, UNCERTAIN, True),
    (425, None, LATER, False),
    (429, None, LATER, False),
    (500, None, UNCERTAIN, True),
    (502, None, UNCERTAIN, True),
    (504, None, UNCERTAIN, True),
    # a fault on the way out says nothing of what was done before it
    (500, 21614, UNCERTAIN, True),
    (500, 20429, UNCERTAIN, True),
    (299, None, UNCERTAIN, True),
]
FAULTS = [
    (Fault.NOT_CONNECTED, LATER),
    (Fault.CUT_OFF, UNCERTAIN),
    (Fault.TIMED_OUT, UNCERTAIN),
    (Fault.UNREADABLE, UNCERTAIN),
]


@pytest.mark.parametrize(("status", "code", "verdict", "is_carriers_fault"), REFUSALS)
def test_a_refusal_has_one_meaning(
    status: int, code: int | None, verdict: Verdict, is_carriers_fault: bool
) -> None:
    outcome = outcomes.of_refusal(status, code)
    assert outcome.verdict == verdict
    assert outcome.is_carriers_fault is is_carriers_fault
    assert outcome.code == str(code or status)


@pytest.mark.parametrize(("fault", "verdict"), FAULTS)
def test_an_answer_that_did_not_come_has_one_meaning(fault: Fault, verdict: Verdict) -> None:
    for outcome in (outcomes.of_fault(fault), outcomes.of_mail_fault(fault)):
        assert (outcome.verdict, outcome.is_carriers_fault) == (verdict, True)
        assert outcome.code is None


@pytest.mark.parametrize(
    ("code", "to_address", "to_email"),
    [
        (421, LATER, LATER),
        (450, LATER, LATER),
        (452, LATER, LATER),
        (550, FAILED, FAILED),
        (554, FAILED, FAILED),
        (999, UNCERTAIN, UNCERTAIN),
        (-1, UNCERTAIN, UNCERTAIN),
    ],
)
def test_a_mail_servers_reply_has_one_meaning(
    code: int, to_address: Verdict, to_email: Verdict
) -> None:
    assert outcomes.of_mail_refusal(code, outcomes.BY_REPLY_TO_ADDRESS).verdict == to_address
    assert outcomes.of_mail_refusal(code, outcomes.BY_REPLY_TO_EMAIL).verdict == to_email


def every_rule() -> list[Rule]:
    tables = (
        outcomes.BY_CODE,
        outcomes.BY_STATUS,
        outcomes.BY_CLASS,
        outcomes.BY_FAULT,
        outcomes.BY_MAIL_FAULT,
        outcomes.BY_REPLY_TO_ADDRESS,
        outcomes.BY_REPLY_TO_EMAIL,
    )
    alone = [outcomes.NO_MAIL_SERVER, outcomes.NOT_COMPOSED, outcomes.LETTERS_NOT_TAKEN]
    return [rule for table in tables for rule in table.values()] + alone


def test_each_row_of_the_table_is_tested_here() -> None:
    tested = {(code, status) for status, code, _, _ in REFUSALS}
    assert {code for code, _ in tested if code} >= set(outcomes.BY_CODE)
    without_code = {status for code, status in tested if code is None}
    assert without_code >= set(outcomes.BY_STATUS)
    assert {status // 100 for status in without_code} >= set(outcomes.BY_CLASS)
    assert {fault for fault, _ in FAULTS} == set(Fault)


def test_each_row_has_a_sentence_for_people_and_a_source() -> None:
    for rule in every_rule():
        assert rule.sentence[0].isupper()
        assert rule.sentence.endswith(".")
        assert rule.source


def test_only_what_certainly_did_not_arrive_is_tried_again() -> None:
    """The heart of it: nothing that might have been taken is sent a second time by itself."""
    again = {rule.source for rule in every_rule() if rule.verdict == LATER}
    assert again == {
        "twilio.com/docs/api/errors/20429",
        "twilio.com/docs/api/errors/20429: not processed",
        "twilio.com/docs/api/errors/20003",
        "twilio.com/docs/api/errors/20005",
        "twilio.com/docs/api/errors/21611",
        "twilio.com/docs/api/errors/30002",
        "twilio.com/docs/api/errors/63038",
        "RFC 9110, 15.5.2: not processed",
        "twilio.com/docs/api/errors/30001",
        "RFC 8470, 5.2: not processed",
        "RFC 5321, 4.2.1: not taken",
        "no connection stood, so no byte of the request has left",
        "no session stood, so no email has left",
    }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, ""),
        ("30003", "switched off"),
        ("21610", "STOP"),
        ("99999", "99999"),
        ("odd", "odd"),
        ("²", "²"),
    ],
)
def test_an_undelivered_text_says_why(code: str | None, words: str) -> None:
    assert words in outcomes.undelivered_reason(code)


@pytest.mark.parametrize(
    ("attempts", "hours", "seconds"),
    [(1, 0, 2), (3, 0, 8), (9, 1, 300), (500, 23, 300), (2, 24, None)],
)
def test_the_pause_grows_and_a_day_is_enough(
    attempts: int, hours: int, seconds: int | None
) -> None:
    pause = outcomes.next_try_after(attempts, timedelta(hours=hours))
    assert pause == (None if seconds is None else timedelta(seconds=seconds))
