"""The fixed sentences that we answer texts with; each fits one segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

STOPPED: Final = (
    "Many Hands: you will get no more texts from us. Text START if you change your mind."
)
STARTED: Final = "Many Hands: welcome back. We may text you again. Text STOP at any time."
HELP: Final = (
    "Many Hands asks volunteers for help by text. Answer YES or NO with the number in the text. "
    "Text STOP to get no more."
)
NO_THANKS: Final = "Thank you for telling us. It is fine to say no."
NOTHING_OPEN: Final = (
    "Thank you! No request is open to you at the moment. A person will read your text."
)


def which(numbers: Sequence[int], word: str) -> str:
    """Ask which of several requests a YES or a NO is for."""
    options = " or ".join(f"{number} {word}" for number in sorted(numbers)[:4])
    return f"Thank you! Which request do you mean? Please reply {options}."


def person_reads(number: int | None) -> str:
    """Say that a person will read what we did not understand, and how to answer clearly."""
    if number is None:
        return "Many Hands: thank you for your text. A person will read it."
    return (
        f"Many Hands: a person will read your text. To help, reply {number} YES. "
        f"If you cannot, reply {number} NO."
    )
