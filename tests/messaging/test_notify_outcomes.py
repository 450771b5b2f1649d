"""Notify's table of outcomes, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.messaging.rules.notify_outcomes import (
    STATE_OF_STATUS,
    UNDELIVERED,
    NotifyError,
    of_refusal,
    until_midnight,
)
from app.messaging.rules.outcomes import Verdict
from app.messaging.rules.states import State

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = "Can't send to this recipient using a team-only API key"
TRIAL = (
    "Can't send to this recipient when service is in trial mode - "
    "see https://www.notifications.service.gov.uk/trial-mode"
)
NO_SENDER = "sms_sender_id x does not exist in database for service id y"


@pytest.mark.parametrize(
    ("status", "kind", "words", "verdict", "reason"),
    [
        (400, "BadRequestError", KEY, Verdict.FAILED, "our own team"),
        (400, "BadRequestError", TRIAL, Verdict.FAILED, "trial mode"),
        (
            400,
            "BadRequestError",
            "Cannot send to international mobile numbers",
            Verdict.FAILED,
            "countries",
        ),
        (400, "BadRequestError", NO_SENDER, Verdict.FAILED, "sender"),
        (400, "BadRequestError", "Template not found", Verdict.FAILED, "template"),
        (400, "BadRequestError", "Template has been deleted", Verdict.FAILED, "template"),
        (400, "BadRequestError", "Missing personalisation: name", Verdict.FAILED, "template"),
        (
            400,
            "BadRequestError",
            "Text messages cannot be longer than 918 characters",
            Verdict.FAILED,
            "too long",
        ),
        (400, "ValidationError", "phone_number Not enough digits", Verdict.FAILED, "not a mobile"),
        (400, "ValidationError", "phone_number Too many digits", Verdict.FAILED, "not a mobile"),
        (
            400,
            "ValidationError",
            "phone_number Not a UK mobile number",
            Verdict.FAILED,
            "not a mobile",
        ),
        (400, "ValidationError", "words of next year", Verdict.FAILED, "refused the text"),
        (400, "", "", Verdict.FAILED, "refused the text"),
        (
            403,
            "AuthError",
            "Error: Your system clock must be accurate to within 30 seconds",
            Verdict.TRY_LATER,
            "clock",
        ),
        (
            403,
            "AuthError",
            "Invalid token: API key not found",
            Verdict.TRY_LATER,
            "credentials",
        ),
        (401, "AuthError", "Unauthorized", Verdict.TRY_LATER, "credentials"),
        (404, "", "", Verdict.TRY_LATER, "address"),
        (405, "", "", Verdict.TRY_LATER, "address"),
        (408, "", "", Verdict.UNCERTAIN, "may have taken"),
        (413, "", "", Verdict.FAILED, "too long"),
        (
            429,
            "RateLimitError",
            "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds",
            Verdict.TRY_LATER,
            "slow down",
        ),
        (
            429,
            "TooManyRequestsError",
            "Exceeded send limits (250000) for today",
            Verdict.TRY_LATER,
            "today",
        ),
        (429, "", "", Verdict.TRY_LATER, "slow down"),
        (302, "", "", Verdict.UNCERTAIN, "may have taken"),
        (500, "Exception", "Internal server error", Verdict.UNCERTAIN, "may have taken"),
        (502, "", "", Verdict.UNCERTAIN, "may have taken"),
        (503, "", "", Verdict.UNCERTAIN, "may have taken"),
        (504, "", "", Verdict.UNCERTAIN, "may have taken"),
    ],
)
def test_each_refusal_has_a_verdict_and_a_sentence(
    status: int, kind: str, words: str, verdict: Verdict, reason: str
) -> None:
    errors = [NotifyError(kind, words)] if kind else []
    outcome = of_refusal(status, errors, NOON)
    assert outcome.verdict == verdict
    assert reason in outcome.reason
    assert outcome.reason.endswith(".")
    assert outcome.code == (kind or str(status))
    assert len(outcome.code) <= 20  # the ledger's column
    # Its own fault, or our account's, wherever another message would have fared the same.
    assert outcome.is_carriers_fault == (
        verdict == Verdict.UNCERTAIN or status in (401, 403, 404, 405) or outcome.wait is not None
    )
    assert (outcome.wait is not None) == (kind == "TooManyRequestsError")


def test_words_that_change_never_change_the_verdict() -> None:
    for words in (KEY, TRIAL, NO_SENDER, "Exceeded rate limit", "Internal server error", ""):
        for status, kind, verdict in (
            (400, "BadRequestError", Verdict.FAILED),
            (403, "AuthError", Verdict.TRY_LATER),
            (429, "RateLimitError", Verdict.TRY_LATER),
            (500, "Exception", Verdict.UNCERTAIN),
        ):
            assert of_refusal(status, [NotifyError(kind, words)], NOON).verdict == verdict


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (NOON, timedelta(hours=12, minutes=1)),
        (datetime(2026, 11, 26, 23, 59, 59, tzinfo=UTC), timedelta(minutes=1, seconds=1)),
        (datetime(2026, 11, 26, tzinfo=UTC), timedelta(hours=24, minutes=1)),
        # Half past midnight of a summer's night in London is the evening before in UTC.
        (
            datetime(2026, 7, 2, 0, 30, tzinfo=ZoneInfo("Europe/London")),
            timedelta(minutes=31),
        ),
    ],
)
def test_a_daily_limit_lasts_until_midnight(now: datetime, wait: timedelta) -> None:
    assert until_midnight(now) == wait
    assert of_refusal(429, [NotifyError("TooManyRequestsError")], now).wait == wait


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("created", State.ACCEPTED),
        ("sending", State.ACCEPTED),
        ("pending", State.SENT),
        ("sent", State.SENT),
        ("delivered", State.DELIVERED),
        ("permanent-failure", State.UNDELIVERED),
        ("temporary-failure", State.UNDELIVERED),
        ("technical-failure", State.FAILED),
    ],
)
def test_each_status_has_a_state_and_each_failure_a_sentence(status: str, state: State) -> None:
    assert STATE_OF_STATUS[status] == state
    assert (status in UNDELIVERED) == (state in (State.UNDELIVERED, State.FAILED))
