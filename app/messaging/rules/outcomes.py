"""What an answer of the carrier means for a message: one table.

Sources: Twilio's API error dictionary (twilio.com/docs/api/errors) and its
note on 429 ("the request was not processed"). A message has no idempotency
key, so whatever might have been accepted is uncertain and never sent again
by itself.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta


class Verdict(enum.StrEnum):
    """What to do with the message."""

    ACCEPTED = "accepted"
    TRY_LATER = "try-later"  # certainly not accepted
    FAILED = "failed"
    OPTED_OUT = "opted-out"  # failed, and the carrier knows of an opt-out that we did not
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt to hand a message to a carrier."""

    verdict: Verdict
    reason: str = ""
    carrier_id: str | None = None
    code: str | None = None


# Twilio's codes for a request that it refuses; in words for the person who looks.
REFUSED: dict[int, str] = {
    21211: "The number is not a phone number.",
    21212: "Our own sender number is not right: tell an administrator.",
    21214: "The number cannot be reached.",
    21408: "We are not allowed to text that country.",
    21606: "Our sender cannot send texts: tell an administrator.",
    21608: "The carrier's trial account may not text this number.",
    21611: "The carrier's queue for our sender is full.",
    21612: "The carrier has no route to this number.",
    21614: "The number is not a mobile.",
    21617: "The text is too long.",
    21703: "Our messaging service has no sender: tell an administrator.",
    20003: "The carrier does not accept our credentials: tell an administrator.",
    30034: "Our sender is not registered: tell an administrator.",
}
OPTED_OUT_CODE = 21610
QUEUE_FULL_CODE = 21611
# Codes of a receipt: the carrier accepted the message, the network did not deliver it.
UNDELIVERED: dict[int, str] = {
    30001: "The carrier's queue overflowed.",
    30002: "The carrier's account is suspended: tell an administrator.",
    30003: "The phone is switched off or out of reach.",
    30004: "The phone's owner blocks our texts.",
    30005: "The number does not exist any more.",
    30006: "The number is a landline, or its network takes no texts.",
    30007: "The network took the text for spam.",
    30008: "The network did not say why.",
    30410: "The network took too long.",
}


def of_refusal(status: int, code: int | None) -> Outcome:
    """The outcome of an HTTP answer of 400 or more."""
    text_code = str(code) if code else str(status)
    if code == OPTED_OUT_CODE:
        return Outcome(Verdict.OPTED_OUT, "This number has texted STOP.", code=text_code)
    if status == 429 or code == QUEUE_FULL_CODE:
        return Outcome(Verdict.TRY_LATER, "The carrier asked us to slow down.", code=text_code)
    if status >= 500 or status == 408:
        return Outcome(
            Verdict.UNCERTAIN,
            "The carrier had a fault: it may have taken the text.",
            code=text_code,
        )
    known = REFUSED.get(code or 0)
    return Outcome(Verdict.FAILED, known or "The carrier refused the text.", code=text_code)


def undelivered_reason(code: str | None) -> str:
    """A receipt's error code in words."""
    if not code:
        return ""
    number = int(code) if code.isdigit() else 0
    if number == OPTED_OUT_CODE:
        return "This number has texted STOP."
    return UNDELIVERED.get(number) or REFUSED.get(number) or f"The carrier's code was {code}."


LONGEST_PAUSE = timedelta(minutes=5)
# An outage of the carrier loses nothing; a message a day late helps nobody.
GIVE_UP_AFTER = timedelta(hours=24)


def next_try_after(attempts: int, waited: timedelta) -> timedelta | None:
    """How long to wait after so many attempts that were certainly not accepted.

    `waited` is how long ago it was written; None says that it is given up. A
    deadline of its own ends it earlier.
    """
    if waited >= GIVE_UP_AFTER:
        return None
    return min(timedelta(seconds=2 ** min(attempts, 10)), LONGEST_PAUSE)
