"""What became of one attempt to hand a message to a carrier: one table.

Sources: Twilio's error dictionary (twilio.com/docs/api/errors/<code>), its
page on 429 (twilio.com/docs/api/errors/20429: the request was not processed),
RFC 9110 for the classes of HTTP statuses, RFC 5321 for those of SMTP. A
message has no idempotency key, so whatever might have been accepted is
uncertain, and is never sent again until we know.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import Final


class Verdict(enum.StrEnum):
    """What to do with the message."""

    ACCEPTED = "accepted"
    TRY_LATER = "try-later"  # certainly not accepted
    FAILED = "failed"
    OPTED_OUT = "opted-out"  # failed, and the carrier knows of an opt-out that we did not
    UNCERTAIN = "uncertain"


class Fault(enum.StrEnum):
    """What the wire did instead of bringing an answer; carriers map their exceptions to these."""

    NOT_CONNECTED = "not-connected"  # refused, unreachable, no name, no TLS, no answer in time
    CUT_OFF = "cut-off"  # after the connection stood: reset, closed, half an answer
    TIMED_OUT = "timed-out"  # the request was sent, the answer did not come in time
    UNREADABLE = "unreadable"  # an answer that is not what the carrier's API promises


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt to hand a message to a carrier."""

    verdict: Verdict
    reason: str = ""
    carrier_id: str | None = None
    code: str | None = None
    # The carrier (not the message) is the cause: these make its health.
    is_carriers_fault: bool = False
    # Certainly not accepted until then: the carrier itself says so, and longer than we would wait.
    wait: timedelta | None = None


@dataclass(frozen=True)
class Rule:
    """One line of the table: what it means, the sentence for people, and why we think so."""

    verdict: Verdict
    sentence: str
    source: str
    is_carriers_fault: bool = False


_TWILIO: Final = "twilio.com/docs/api/errors/"
_TELL: Final = "tell an administrator."

OPTED_OUT_CODE: Final = 21610
SLOW_DOWN: Final = "The carrier asked us to slow down."

# A fault of our account loses no text: it waits for whoever mends it, or for another carrier.
# By the carrier's own code; it says more than the HTTP status, so it is looked up first.
BY_CODE: Final[dict[int, Rule]] = {
    code: Rule(verdict, sentence, f"{_TWILIO}{code}", fault)
    for code, verdict, sentence, fault in (
        (20003, Verdict.TRY_LATER, f"The carrier does not accept our credentials: {_TELL}", True),
        (20005, Verdict.TRY_LATER, f"The carrier's account is not active: {_TELL}", True),
        (20429, Verdict.TRY_LATER, SLOW_DOWN, False),
        (20503, Verdict.UNCERTAIN, "The carrier had a fault: it may have taken the text.", True),
        (21211, Verdict.FAILED, "The number is not a phone number.", False),
        (21212, Verdict.FAILED, f"Our own sender number is not right: {_TELL}", False),
        (21214, Verdict.FAILED, "The number cannot be reached.", False),
        (21217, Verdict.FAILED, "The number does not look like a phone number.", False),
        (21408, Verdict.FAILED, "We are not allowed to text that country.", False),
        (21601, Verdict.FAILED, f"Our sender cannot send texts: {_TELL}", False),
        (21602, Verdict.FAILED, "The text was empty.", False),
        (21603, Verdict.FAILED, f"No sender number is set: {_TELL}", False),
        (21604, Verdict.FAILED, "No number to send to was given.", False),
        (21606, Verdict.FAILED, f"Our sender cannot send texts: {_TELL}", False),
        (21608, Verdict.FAILED, "The carrier's trial account may not text this number.", False),
        (21609, Verdict.FAILED, f"The address for receipts is not right: {_TELL}", False),
        (OPTED_OUT_CODE, Verdict.OPTED_OUT, "This number has texted STOP.", False),
        (21611, Verdict.TRY_LATER, "The carrier's queue for our sender is full.", False),
        (21612, Verdict.FAILED, "The carrier has no route to this number.", False),
        (21614, Verdict.FAILED, "The number is not a mobile.", False),
        (21617, Verdict.FAILED, "The text is too long.", False),
        (21635, Verdict.FAILED, "The number is a landline.", False),
        (21654, Verdict.FAILED, f"The carrier found no such template: {_TELL}", False),
        (21703, Verdict.FAILED, f"Our messaging service has no sender: {_TELL}", False),
        (21705, Verdict.FAILED, f"Our messaging service does not exist: {_TELL}", False),
        (30001, Verdict.TRY_LATER, "The carrier's queue overflowed.", False),
        (30002, Verdict.TRY_LATER, f"The carrier's account is suspended: {_TELL}", True),
        (30034, Verdict.FAILED, f"Our sender is not registered: {_TELL}", False),
        (
            30039,
            Verdict.FAILED,
            "The carrier stopped a loop of answers.",
            False,
        ),
        (63038, Verdict.TRY_LATER, f"The carrier's limit for today is reached: {_TELL}", True),
    )
}

# By HTTP status, where the code is missing or unknown. First the single ones, then the classes.
BY_STATUS: Final[dict[int, Rule]] = {
    401: Rule(
        Verdict.TRY_LATER,
        f"The carrier does not accept our credentials: {_TELL}",
        "RFC 9110, 15.5.2: not processed",
        is_carriers_fault=True,
    ),
    408: Rule(
        Verdict.UNCERTAIN,
        "The carrier lost patience: it may have taken the text.",
        "RFC 9110, 15.5.9: the server did not get the whole request in time, or a proxy says so",
        is_carriers_fault=True,
    ),
    425: Rule(Verdict.TRY_LATER, SLOW_DOWN, "RFC 8470, 5.2: not processed"),
    429: Rule(Verdict.TRY_LATER, SLOW_DOWN, f"{_TWILIO}20429: not processed"),
}
BY_CLASS: Final[dict[int, Rule]] = {
    3: Rule(
        Verdict.FAILED,
        f"The carrier's address has moved: {_TELL}",
        "RFC 9110, 15.4; a POST is not followed",
        is_carriers_fault=True,
    ),
    4: Rule(Verdict.FAILED, "The carrier refused the text.", "RFC 9110, 15.5"),
    5: Rule(
        Verdict.UNCERTAIN,
        "The carrier had a fault: it may have taken the text.",
        "RFC 9110, 15.6: says nothing of whether the request was processed",
        is_carriers_fault=True,
    ),
}
BY_FAULT: Final[dict[Fault, Rule]] = {
    Fault.NOT_CONNECTED: Rule(
        Verdict.TRY_LATER,
        "The carrier could not be reached.",
        "no connection stood, so no byte of the request has left",
        is_carriers_fault=True,
    ),
    Fault.CUT_OFF: Rule(
        Verdict.UNCERTAIN,
        "The carrier's answer was lost.",
        "RFC 9110, 9.2.2: a POST is not safe to repeat when the answer is lost",
        is_carriers_fault=True,
    ),
    Fault.TIMED_OUT: Rule(
        Verdict.UNCERTAIN,
        "The carrier's answer did not come in time.",
        "as for an answer that was lost",
        is_carriers_fault=True,
    ),
    Fault.UNREADABLE: Rule(
        Verdict.UNCERTAIN,
        "The carrier's answer could not be read.",
        "an answer came, so the request was read by somebody",
        is_carriers_fault=True,
    ),
}

# What a mail server says: by the first digit of its reply, to the address or to the email.
BY_REPLY_TO_ADDRESS: Final[dict[int, Rule]] = {
    4: Rule(Verdict.TRY_LATER, "The mail server asked us to wait.", "RFC 5321, 4.2.1: not taken"),
    5: Rule(Verdict.FAILED, "The mail server refused the address.", "RFC 5321, 4.2.1"),
}
BY_REPLY_TO_EMAIL: Final[dict[int, Rule]] = {
    4: Rule(Verdict.TRY_LATER, "The mail server asked us to wait.", "RFC 5321, 4.2.1: not taken"),
    5: Rule(Verdict.FAILED, "The mail server refused the email.", "RFC 5321, 4.2.1"),
}
BY_MAIL_FAULT: Final[dict[Fault, Rule]] = {
    Fault.NOT_CONNECTED: Rule(
        Verdict.TRY_LATER,
        "The mail server could not be reached.",
        "no session stood, so no email has left",
        is_carriers_fault=True,
    ),
    Fault.CUT_OFF: Rule(
        Verdict.UNCERTAIN,
        "The mail server's answer was lost.",
        "RFC 5321, 4.2.5 and 6.1: who has said 250 to the end of data must deliver",
        is_carriers_fault=True,
    ),
    Fault.TIMED_OUT: Rule(
        Verdict.UNCERTAIN,
        "The mail server's answer did not come in time.",
        "as for an answer that was lost",
        is_carriers_fault=True,
    ),
    Fault.UNREADABLE: Rule(
        Verdict.UNCERTAIN,
        "The mail server's answer could not be read.",
        "RFC 5321, 4.2: replies begin with 2 to 5",
        is_carriers_fault=True,
    ),
}
NO_MAIL_SERVER: Final = Rule(Verdict.FAILED, f"No mail server is set: {_TELL}", "SMTP_URL is empty")
NOT_COMPOSED: Final = Rule(
    Verdict.FAILED, "The email could not be put together.", "RFC 5322: nothing has left"
)
LETTERS_NOT_TAKEN: Final = Rule(
    Verdict.FAILED,
    "The mail server does not take an address with such letters.",
    "RFC 6531: the server does not offer SMTPUTF8",
)

# Codes of a receipt: the carrier accepted the message, the network did not deliver it.
UNDELIVERED: Final[dict[int, str]] = {
    30001: "The carrier's queue overflowed.",
    30002: f"The carrier's account is suspended: {_TELL}",
    30003: "The phone is switched off or out of reach.",
    30004: "The phone's owner blocks our texts.",
    30005: "The number does not exist any more.",
    30006: "The number is a landline, or its network takes no texts.",
    30007: "The network took the text for spam.",
    30008: "The network did not say why.",
    30410: "The network took too long.",
}


def rule_of_refusal(status: int, code: int | None) -> Rule:
    """The line of the table for an HTTP answer of 300 or more."""
    # A known code tells more than the status; but what a 5xx says of itself proves nothing.
    if code in BY_CODE and status < 500:
        return BY_CODE[code]
    return BY_STATUS.get(status) or BY_CLASS.get(status // 100) or BY_FAULT[Fault.UNREADABLE]


def of_refusal(status: int, code: int | None) -> Outcome:
    """The outcome of an HTTP answer of 300 or more, with the carrier's own code if it gave one."""
    return _outcome(rule_of_refusal(status, code), str(code) if code else str(status))


def of_fault(fault: Fault) -> Outcome:
    """The outcome when no answer came."""
    return _outcome(BY_FAULT[fault], None)


def of_mail_refusal(code: int, by: dict[int, Rule]) -> Outcome:
    """The outcome of a mail server's reply of 400 or more, to the address or to the email."""
    return _outcome(by.get(code // 100, BY_MAIL_FAULT[Fault.UNREADABLE]), str(code))


def of_mail_fault(fault: Fault) -> Outcome:
    """The outcome when a mail server gave no reply."""
    return _outcome(BY_MAIL_FAULT[fault], None)


def of_rule(rule: Rule) -> Outcome:
    """The outcome that one line of the table says, without a code."""
    return _outcome(rule, None)


def _outcome(rule: Rule, code: str | None) -> Outcome:
    return Outcome(rule.verdict, rule.sentence, code=code, is_carriers_fault=rule.is_carriers_fault)


def undelivered_reason(code: str | None) -> str:
    """A receipt's error code in words."""
    if not code:
        return ""
    number = int(code) if code.isascii() and code.isdigit() else 0
    if number in UNDELIVERED:
        return UNDELIVERED[number]
    if number in BY_CODE:
        return BY_CODE[number].sentence
    return f"The carrier's code was {code}."


LONGEST_PAUSE: Final = timedelta(minutes=5)
# An outage of the carrier loses nothing; a message a day late helps nobody.
GIVE_UP_AFTER: Final = timedelta(hours=24)


def next_try_after(attempts: int, waited: timedelta) -> timedelta | None:
    """How long to wait after so many attempts that were certainly not accepted.

    `waited` is how long ago it was written; None says that it is given up. A
    deadline of its own ends it earlier.
    """
    if waited >= GIVE_UP_AFTER:
        return None
    return min(timedelta(seconds=2 ** min(attempts, 10)), LONGEST_PAUSE)
