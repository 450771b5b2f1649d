"""The fixed sentences that we answer texts with; each fits one segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.volunteers.rules import MOST_ASKS

STOPPED: Final = (
    "Many Hands: you will get no more texts from us. Text START if you change your mind."
)
STARTED: Final = "Many Hands: welcome back. We may text you again. Text STOP at any time."
HELP: Final = (
    "Many Hands asks for help by text. Reply YES or NO with the number in the text. "
    "Too many? LESS, MORE, 2 A WEEK or ONLY EMERGENCIES. STOP ends them all."
)
NO_THANKS: Final = "Many Hands: thank you for telling us. It is fine to say no."
WHICH_OFFER: Final = (
    "Many Hands: thank you! More than one place is kept for you. "
    "Please answer by the link in the text of the one that you mean."
)
NOTHING_OPEN: Final = (
    "Many Hands: thank you! No request is open to you at the moment. A person will read your text."
)


def asked_as_often(per_week: int) -> str:
    """Say how often somebody is asked from now on, and how to change it again."""
    if per_week == 0:
        return (
            "Many Hands: from now on we only ask you in an emergency. "
            "Text MORE to be asked more often, or STOP to get no texts."
        )
    if per_week >= MOST_ASKS:
        often = "as often as you are needed"
    else:
        often = f"at most {per_week} time{'' if per_week == 1 else 's'} a week"
    return (
        f"Many Hands: from now on we ask you {often}. "
        "Text LESS, MORE or ONLY EMERGENCIES to change it."
    )


def signed(text: str) -> str:
    """A text that somebody wrote by hand, with who it is from."""
    return text if "many hands" in text.casefold() else f"Many Hands: {text}"


def which(numbers: Sequence[int], word: str) -> str:
    """Ask which of several requests a YES or a NO is for."""
    options = " or ".join(f"{number} {word}" for number in sorted(numbers)[:4])
    return f"Many Hands: thank you! Which request do you mean? Please reply {options}."


def person_reads(number: int | None) -> str:
    """Say that a person will read what we did not understand, and how to answer clearly."""
    if number is None:
        return "Many Hands: thank you for your text. A person will read it."
    return (
        f"Many Hands: a person will read your text. To help, reply {number} YES. "
        f"If you cannot, reply {number} NO."
    )
