"""What happens to sign-ups by themselves, found in SQL: run again and again, and harmless twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from app.foundation import turns
from app.signups import answering, offers


def sweep() -> None:
    """Remind, answer what nobody has answered, and go on from offers that ran out.

    Each row is a unit of work of its own: one that fails keeps no other from
    its turn, and makes the whole fail loudly at the end.
    """
    turns.take(_steps(), "some sign-ups could not be seen to")


def _steps() -> Iterator[Callable[[], object]]:
    # What is overdue is looked for only once the clocks run and the managers are reminded.
    yield answering.start_missing_clocks
    yield answering.remind_managers
    for signup_id in answering.overdue():
        yield partial(answering.answer, signup_id)
    for signup_id in offers.lapsed():
        yield partial(offers.lapse, signup_id)
