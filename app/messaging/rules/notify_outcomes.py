"""What GOV.UK Notify's answers and statuses mean for a message: one table.

Sources: the error tables of docs.notifications.service.gov.uk (python.html,
"Send a text message" and "General errors"), which also say that the type of
an error is stable and its words are not. So the verdict comes from the status
and the type alone; words only choose the sentence that a person reads.

Notify has no idempotency key, and its 500 may follow after the text was
kept, so what might have been accepted is uncertain. Unlike elsewhere the
doubt ends: our token is Notify's `reference`, and a list by reference tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from app.messaging.rules.outcomes import Outcome, Verdict
from app.messaging.rules.states import State

DAILY_LIMIT = "TooManyRequestsError"
# Refusals that speak of us and not of the message: every other would be refused as well.
# None of them was accepted, so nothing is lost once somebody has put it right.
ABOUT_US = (401, 403, 404, 405)


@dataclass(frozen=True)
class NotifyError:
    """One entry of the `errors` in an answer: its stable type, its changeable words."""

    kind: str
    words: str = ""


# (part of the words, what a person should read); the first that fits is taken.
SENTENCES: tuple[tuple[str, str], ...] = (
    ("team-only API key", "The carrier's key may only text our own team: tell an administrator."),
    ("trial mode", "The carrier's account is in trial mode: tell an administrator."),
    ("international", "The carrier's account may not text other countries."),
    ("sms_sender_id", "Our sender number is not right: tell an administrator."),
    ("emplate", "The carrier's template is not right: tell an administrator."),
    ("personalisation", "The carrier's template is not right: tell an administrator."),
    ("character count", "The text is too long for this carrier."),
    ("longer than", "The text is too long for this carrier."),
    ("phone_number", "The number is not a mobile."),
)


def of_refusal(status: int, errors: Sequence[NotifyError], now: datetime) -> Outcome:
    """The outcome of an HTTP answer that is not a success; `now` is aware."""
    kind = errors[0].kind if errors else ""
    words = " ".join(error.words for error in errors)
    code = (kind or str(status))[:20]
    if status == 429 and kind == DAILY_LIMIT:
        return Outcome(
            Verdict.TRY_LATER,
            "The carrier has taken all that it may today.",
            code=code,
            wait=until_midnight(now),
            is_carriers_fault=True,
        )
    if status == 429:
        return Outcome(Verdict.TRY_LATER, "The carrier asked us to slow down.", code=code)
    if status in ABOUT_US:
        why = "The carrier does not accept our credentials: tell an administrator."
        if "clock" in words:
            why = "The clock of our server is wrong: tell an administrator."
        elif status in (404, 405):
            why = "The carrier's address is not right: tell an administrator."
        return Outcome(Verdict.TRY_LATER, why, code=code, is_carriers_fault=True)
    if status == 413:
        return Outcome(Verdict.FAILED, "The text is too long for this carrier.", code=code)
    if 400 <= status < 500 and status != 408:
        fitting = (sentence for part, sentence in SENTENCES if part in words)
        return Outcome(Verdict.FAILED, next(fitting, "The carrier refused the text."), code=code)
    return Outcome(
        Verdict.UNCERTAIN,
        "The carrier had a fault: it may have taken the text.",
        code=code,
        is_carriers_fault=True,
    )


def until_midnight(now: datetime) -> timedelta:
    """How long Notify's daily limit lasts: "These limits reset at midnight" (its docs, Limits).

    Its count is kept by the day in UTC, whose midnight is never before
    London's; a minute is added for clocks that differ.
    """
    utc = now.astimezone(UTC)
    midnight = datetime.combine(utc.date() + timedelta(days=1), time(0), UTC)
    return midnight - utc + timedelta(minutes=1)


# docs.notifications.service.gov.uk, "Message status", text messages; callbacks bring the
# last four only. `sent` is a text to another country, of which nothing more is heard.
STATE_OF_STATUS: dict[str, State] = {
    "created": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "pending": State.SENT,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "permanent-failure": State.UNDELIVERED,
    "temporary-failure": State.UNDELIVERED,
    "technical-failure": State.FAILED,
}

UNDELIVERED: dict[str, str] = {
    "permanent-failure": "The number does not exist, or blocks our texts.",
    "temporary-failure": "The phone is switched off or out of reach.",
    "technical-failure": "The carrier had a fault and did not send it.",
}
