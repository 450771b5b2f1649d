"""The accounts at the end: the carrier's own log against our database. Pure.

Nothing here believes what the ledger says of itself: whether somebody was
texted, how often and when is told by the carrier's log alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

# States by their plain words: this must not turn with the code that it judges.
TAKEN_STATES: Final = frozenset({"accepted", "sent", "delivered", "undelivered"})
HELD_STATES: Final = frozenset({"suppressed", "cancelled"})
UNSETTLED: Final = frozenset({"queued", "leased", "sending"})
# A request that was allowed to leave has ten seconds, and its worker some to come to it.
LONGEST_IN_THE_AIR: Final = 15.0


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A text in the carrier's log. Moments here and below are seconds since 1970."""

    sid: str
    to: str
    body: str
    token: str
    arrived_at: float
    accepted_at: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """A message in our ledger."""

    id: int
    token: str
    to: str
    purpose: str
    state: str
    reason: str = ""
    sending_at: float | None = None
    carrier_id: str | None = None
    volunteer_id: int | None = None
    run_id: int | None = None
    is_service: bool = False
    cause: str = ""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A volunteer's part in the request."""

    id: int
    volunteer_id: int
    phone: str
    excluded: str
    asked: bool


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """A STOP, and a moment at which its transaction had done all its work but the commit."""

    id: int
    phone: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A text that came in, as we stored it."""

    id: int
    carrier_id: str
    state: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """A text that came in, as the carrier has it."""

    sid: str
    phone: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """All that is compared."""

    taken: Sequence[Taken]
    inbound: Sequence[Inbound]
    rows: Sequence[Row]
    recipients: Sequence[Recipient]
    opt_outs: Sequence[OptOut]
    replies: Sequence[Reply]
    audience_size: int
    excluded_size: int


@dataclass(frozen=True)
class Breach:
    """A promise that was broken, with the ids of the rows that show it."""

    promise: str
    what: str
    ids: tuple[int | str, ...]


@dataclass
class Verdict:
    """Counts to print, and every breach."""

    counts: dict[str, int | float] = field(default_factory=dict)
    states: Counter[str] = field(default_factory=Counter)
    breaches: list[Breach] = field(default_factory=list)

    def broken(self, promise: str) -> list[Breach]:
        return [one for one in self.breaches if one.promise == promise]


TWICE: Final = "Nobody twice"
FORGOTTEN: Final = "Nobody forgotten"
AFTER_STOP: Final = "Nobody after their STOP"
CONSERVED: Final = "States add up"
CERTAIN: Final = "Nothing uncertain"
HEARD: Final = "Every text that came in was heard"
PROMISES: Final = (TWICE, FORGOTTEN, AFTER_STOP, CONSERVED, CERTAIN, HEARD)


def judge(accounts: Accounts) -> Verdict:
    """Hold every promise against the accounts."""
    verdict = Verdict()
    _nobody_twice(accounts, verdict)
    _nobody_forgotten(accounts, verdict)
    _nobody_after_stop(accounts, verdict)
    _states_add_up(accounts, verdict)
    _nothing_uncertain(accounts, verdict)
    _everybody_heard(accounts, verdict)
    return verdict


def _say(verdict: Verdict, promise: str, what: str, ids: Iterable[int | str]) -> None:
    if found := tuple(sorted(set(ids), key=str)):
        verdict.breaches.append(Breach(promise, what, found))


def _asks(accounts: Accounts) -> list[Row]:
    return [row for row in accounts.rows if row.purpose == "ask"]


def _nobody_twice(accounts: Accounts, verdict: Verdict) -> None:
    by_token = {row.token: row for row in accounts.rows}
    times = Counter(text.token for text in accounts.taken)
    twice = [by_token[token].id for token, n in times.items() if n > 1 and token in by_token]
    _say(verdict, TWICE, "messages that the carrier took more than once", twice)
    strangers = [text.sid for text in accounts.taken if text.token not in by_token]
    _say(verdict, TWICE, "texts at the carrier that no row stands for", strangers)
    # By number and words alone, so that a second row for the same person is found too.
    words = Counter((text.to, text.body) for text in accounts.taken if _is_ask(text, by_token))
    asked_twice = {to for (to, _), n in words.items() if n > 1}
    rows = [row.id for row in _asks(accounts) if row.to in asked_twice]
    _say(verdict, TWICE, "asks of people who got the same words more than once", rows)
    # Even if the second try was refused, it was made: only luck kept it from arriving.
    again = [
        row.id
        for text in accounts.taken
        if (row := by_token.get(text.token)) is not None
        and row.sending_at is not None
        and row.sending_at > text.arrived_at
    ]
    _say(verdict, TWICE, "messages tried again although the carrier had them", again)
    verdict.counts["texts taken by the carrier"] = len(accounts.taken)
    verdict.counts["taken more than once"] = sum(n - 1 for n in times.values())


def _is_ask(text: Taken, by_token: dict[str, Row]) -> bool:
    row = by_token.get(text.token)
    return row is None or row.purpose == "ask"


def _nobody_forgotten(accounts: Accounts, verdict: Verdict) -> None:
    times = Counter(text.token for text in accounts.taken)
    rows: dict[int | None, Row] = {row.volunteer_id: row for row in _asks(accounts)}
    opted_out = {one.phone for one in accounts.opt_outs}
    forgotten: list[int] = []
    asked_all_the_same: list[int] = []
    taken = held = excluded = 0
    for recipient in accounts.recipients:
        row = rows.get(recipient.volunteer_id)
        arrived = times[row.token] if row else 0
        if recipient.excluded:
            excluded += 1
            if arrived:
                asked_all_the_same.append(recipient.id)
        elif arrived:
            taken += 1
        elif row and row.state in HELD_STATES and row.reason and recipient.phone in opted_out:
            held += 1
        else:
            forgotten.append(recipient.id)
    _say(verdict, FORGOTTEN, "recipients without a text and without a reason", forgotten)
    _say(verdict, FORGOTTEN, "recipients who were excluded and asked", asked_all_the_same)
    verdict.counts["recipients"] = len(accounts.recipients)
    verdict.counts["asked, by the carrier's log"] = taken
    verdict.counts["held back by their STOP"] = held
    verdict.counts["excluded with a reason"] = excluded
    verdict.counts["forgotten"] = len(forgotten)


def _nobody_after_stop(accounts: Accounts, verdict: Verdict) -> None:
    stopped_at = {one.phone: one.at for one in accounts.opt_outs}
    by_token = {row.token: row for row in accounts.rows}
    after: list[int] = []
    too_long: list[int] = []
    in_the_air = 0
    longest = 0.0
    for text in accounts.taken:
        row, stop = by_token.get(text.token), stopped_at.get(text.to)
        if stop is None or row is None or row.is_service:
            continue
        if row.sending_at is None or row.sending_at > stop:
            after.append(row.id)
        elif text.arrived_at > stop:
            in_the_air += 1
            longest = max(longest, text.arrived_at - stop)
            if text.arrived_at - stop > LONGEST_IN_THE_AIR:
                too_long.append(row.id)
    _say(verdict, AFTER_STOP, "messages that began to leave after the STOP was committed", after)
    _say(
        verdict,
        AFTER_STOP,
        f"messages that arrived more than {LONGEST_IN_THE_AIR:g} s after the STOP",
        too_long,
    )
    verdict.counts["opt-outs"] = len(accounts.opt_outs)
    verdict.counts["texted after their STOP"] = len(after)
    verdict.counts["in the air when their STOP was committed"] = in_the_air
    verdict.counts["longest in the air, seconds"] = round(longest, 3)


def _states_add_up(accounts: Accounts, verdict: Verdict) -> None:
    asks = _asks(accounts)
    verdict.states = Counter(row.state for row in asks)
    asked = [recipient for recipient in accounts.recipients if recipient.asked]
    with_row = {row.volunteer_id for row in asks}
    without = [one.id for one in asked if one.volunteer_id not in with_row]
    _say(verdict, CONSERVED, "recipients who were asked and have no message", without)
    volunteers = {recipient.volunteer_id for recipient in asked}
    stray = [row.id for row in asks if row.volunteer_id not in volunteers]
    _say(verdict, CONSERVED, "messages without a recipient who was asked", stray)
    sizes = (accounts.audience_size, accounts.excluded_size)
    counted = (
        sum(not one.excluded for one in accounts.recipients),
        sum(bool(one.excluded) for one in accounts.recipients),
    )
    if sizes != counted:
        _say(verdict, CONSERVED, f"the request says {sizes}, its rows {counted}", ["request"])
    unsettled = [row.id for row in accounts.rows if row.state in UNSETTLED]
    _say(verdict, CONSERVED, "messages that have not come to rest", unsettled)
    sid_of = {text.token: text.sid for text in accounts.taken}
    wrong = [
        row.id
        for row in accounts.rows
        if (row.state in TAKEN_STATES) != (row.token in sid_of)
        and row.state not in UNSETTLED
        and row.state != "uncertain"
    ]
    _say(verdict, CONSERVED, "messages of which the ledger and the carrier differ", wrong)
    other_id = [
        row.id
        for row in accounts.rows
        if row.carrier_id and row.token in sid_of and row.carrier_id != sid_of[row.token]
    ]
    _say(verdict, CONSERVED, "messages with the carrier's id of another text", other_id)


def _nothing_uncertain(accounts: Accounts, verdict: Verdict) -> None:
    uncertain = [row.id for row in accounts.rows if row.state == "uncertain"]
    _say(verdict, CERTAIN, "messages that are still uncertain", uncertain)
    verdict.counts["uncertain"] = len(uncertain)


def _everybody_heard(accounts: Accounts, verdict: Verdict) -> None:
    stored = defaultdict(list)
    for reply in accounts.replies:
        stored[reply.carrier_id].append(reply)
    lost = [text.sid for text in accounts.inbound if not stored[text.sid]]
    _say(verdict, HEARD, "texts that came in and were never stored", lost)
    unread = [reply.id for reply in accounts.replies if reply.state == "new"]
    _say(verdict, HEARD, "replies that nobody acted on", unread)
    answered = {row.cause for row in accounts.rows if row.purpose == "answer"}
    silent = [
        reply.id
        for reply in accounts.replies
        if reply.state != "new" and f"reply:{reply.id}" not in answered
    ]
    _say(verdict, HEARD, "replies that were not answered", silent)
    opted_out = {one.phone for one in accounts.opt_outs}
    ignored = [
        text.sid
        for text in accounts.inbound
        if text.body.upper() == "STOP" and text.phone not in opted_out and stored[text.sid]
    ]
    _say(verdict, HEARD, "STOPs without an opt-out", ignored)
    verdict.counts["texts that came in"] = len(accounts.inbound)
    verdict.counts["of these never stored"] = len(lost)
