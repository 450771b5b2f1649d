"""The judge is judged: good accounts pass, and every way to break a promise is found out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.verdict import (
    AFTER_STOP,
    CERTAIN,
    CONSERVED,
    FORGOTTEN,
    HEARD,
    TWICE,
    Accounts,
    Inbound,
    OptOut,
    Recipient,
    Reply,
    Row,
    Taken,
    judge,
)

BEGAN = 1_000_000.0


def ask(n: int, **said: Any) -> Row:
    usual: dict[str, Any] = {
        "id": n,
        "token": f"token{n}",
        "to": f"phone{n}",
        "purpose": "ask",
        "state": "delivered",
        "sending_at": BEGAN + n,
        "carrier_id": f"SM{n}",
        "volunteer_id": n,
        "cause": "broadcast:1",
    }
    return Row(**(usual | said))


def text(n: int, **said: Any) -> Taken:
    usual: dict[str, Any] = {
        "sid": f"SM{n}",
        "to": f"phone{n}",
        "body": "Can you help?",
        "token": f"token{n}",
        "arrived_at": BEGAN + n + 0.1,
        "accepted_at": BEGAN + n + 0.2,
    }
    return Taken(**(usual | said))


def person(n: int, **said: Any) -> Recipient:
    usual: dict[str, Any] = {
        "id": n,
        "volunteer_id": n,
        "phone": f"phone{n}",
        "excluded": "",
        "asked": True,
    }
    return Recipient(**(usual | said))


ANSWER = ask(90, to="phone3", purpose="answer", cause="reply:1", is_service=True, volunteer_id=None)


def good() -> Accounts:
    """Three were asked; the third wrote STOP while the text was in the air. One was held back
    by a STOP, one never asked."""
    return Accounts(
        taken=[
            text(1),
            text(2),
            text(3, arrived_at=BEGAN + 4, accepted_at=BEGAN + 4.1),
            text(90, to="phone3", body="We will not text you again."),
        ],
        inbound=[Inbound(sid="SMin", phone="phone3", body="STOP")],
        rows=[
            ask(1),
            ask(2),
            ask(3),
            ask(4, state="suppressed", reason="They opted out.", sending_at=None, carrier_id=None),
            ANSWER,
        ],
        recipients=[
            person(1),
            person(2),
            person(3),
            person(4),
            person(5, excluded="opted-out", asked=False),
        ],
        opt_outs=[
            OptOut(id=1, phone="phone3", at=BEGAN + 3.5),
            OptOut(id=2, phone="phone4", at=BEGAN + 1),
            OptOut(id=3, phone="phone5", at=BEGAN - 100),
        ],
        replies=[Reply(id=1, carrier_id="SMin", state="done", phone="phone3")],
        audience_size=4,
        excluded_size=1,
    )


def test_good_accounts_pass_and_are_counted() -> None:
    verdict = judge(good())
    assert verdict.breaches == []
    assert verdict.counts["asked, by the carrier's log"] == 3
    assert verdict.counts["held back by their STOP"] == 1
    assert verdict.counts["excluded with a reason"] == 1
    assert verdict.counts["in the air when their STOP was committed"] == 1
    assert verdict.counts["longest in the air, seconds"] == 0.5
    assert verdict.states == {"delivered": 3, "suppressed": 1}


def changed(**lists: Any) -> Accounts:
    return replace(good(), **lists)


def with_row(row: Row) -> Accounts:
    return changed(rows=[row if one.id == row.id else one for one in good().rows])


def with_text(*more: Taken, without: str = "") -> Accounts:
    kept = [one for one in good().taken if one.sid != without]
    return changed(taken=[*kept, *more])


@pytest.mark.parametrize(
    ("broken", "promise", "ids"),
    [
        (with_text(text(1, sid="SMagain")), TWICE, (1,)),
        (with_text(text(9, token="nobody's")), TWICE, ("SM9",)),
        (  # a second row for the same person
            changed(
                taken=[*good().taken, text(8, to="phone1")],
                rows=[*good().rows, ask(8, to="phone1")],
            ),
            TWICE,
            (1, 8),
        ),
        (with_row(ask(1, sending_at=BEGAN + 30)), TWICE, (1,)),
        (with_text(without="SM2"), FORGOTTEN, (2,)),
        (changed(rows=[one for one in good().rows if one.id != 4]), FORGOTTEN, (4,)),
        (changed(opt_outs=good().opt_outs[:1]), FORGOTTEN, (4,)),  # held back for no reason
        (
            changed(
                recipients=[*good().recipients[:1], person(2, excluded="too-far"), person(3)],
                audience_size=2,
            ),
            FORGOTTEN,
            (2,),
        ),
        (with_row(ask(3, sending_at=BEGAN + 3.6)), AFTER_STOP, (3,)),
        (with_row(ask(3, sending_at=None)), AFTER_STOP, (3,)),
        (with_text(text(3, arrived_at=BEGAN + 20), without="SM3"), AFTER_STOP, (3,)),
        (changed(audience_size=5), CONSERVED, ("request",)),
        (with_row(ask(1, state="leased")), CONSERVED, (1,)),
        (with_row(ask(1, state="failed")), CONSERVED, (1,)),
        (with_row(ask(1, carrier_id="SM2")), CONSERVED, (1,)),
        (with_row(ask(1, volunteer_id=None)), CONSERVED, (1,)),
        (with_row(ask(1, state="uncertain")), CERTAIN, (1,)),
        (changed(replies=[]), HEARD, ("SMin",)),
        (changed(replies=[replace(good().replies[0], state="new")]), HEARD, (1,)),
        (with_row(replace(ANSWER, cause="reply:2")), HEARD, (1,)),
        (
            changed(inbound=[Inbound(sid="SMin", phone="phone1", body="STOP")]),
            HEARD,
            ("SMin",),
        ),
    ],
)
def test_a_broken_promise_is_found_with_the_rows_that_show_it(
    broken: Accounts, promise: str, ids: tuple[int | str, ...]
) -> None:
    assert ids in [breach.ids for breach in judge(broken).broken(promise)]


def test_the_confirmation_of_a_stop_is_no_breach() -> None:
    late = replace(ANSWER, sending_at=BEGAN + 50)
    accounts = with_row(late)
    taken = [
        one if one.sid != "SM90" else replace(one, arrived_at=BEGAN + 51) for one in good().taken
    ]
    assert judge(replace(accounts, taken=taken)).breaches == []
