"""The sentences that we answer texts with; each fits one segment in English.

The fixed ones are put into the language of whoever reads them as they are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.foundation.sentences import N_, gettext, ngettext
from app.volunteers.rules import MOST_ASKS

STOPPED: Final = N_(
    "Many Hands: you will get no more texts from us. Text START if you change your mind."
)
STARTED: Final = N_("Many Hands: welcome back. We may text you again. Text STOP at any time.")
HELP: Final = N_(
    "Many Hands asks for help by text. Reply YES or NO with the number in the text. "
    "Too many? LESS, MORE, 2 A WEEK or ONLY EMERGENCIES. STOP ends them all."
)
NO_THANKS: Final = N_("Many Hands: thank you for telling us. It is fine to say no.")
WHICH_OFFER: Final = N_(
    "Many Hands: thank you! More than one place is kept for you. "
    "Please answer by the link in the text of the one that you mean."
)
WHICH_SHIFT: Final = N_(
    "Many Hands: thank you for telling us. Which shift do you mean? "
    "Please text its day and time: a person will read it."
)
NOTHING_OPEN: Final = N_(
    "Many Hands: thank you! No request is open to you at the moment. A person will read your text."
)


def asked_as_often(per_week: int) -> str:
    """Say how often somebody is asked from now on, and how to change it again."""
    if per_week == 0:
        return gettext(
            "Many Hands: from now on we only ask you in an emergency. "
            "Text MORE to be asked more often, or STOP to get no texts."
        )
    if per_week >= MOST_ASKS:
        often = gettext("Many Hands: from now on we ask you as often as you are needed.")
    else:
        often = ngettext(
            "Many Hands: from now on we ask you at most %(num)d time a week.",
            "Many Hands: from now on we ask you at most %(num)d times a week.",
            per_week,
        )
    change = gettext("Text LESS, MORE or ONLY EMERGENCIES to change it.")
    return f"{often} {change}"


def signed(text: str) -> str:
    """A text that somebody wrote by hand, with who it is from."""
    return text if "many hands" in text.casefold() else f"Many Hands: {text}"


def which(numbers: Sequence[int], word: str) -> str:
    """Ask which of several requests a YES or a NO is for."""
    first, *others = (f"{number} {word}" for number in sorted(numbers)[:4])
    options = first
    for other in others:
        options = gettext("%(one)s or %(other)s", one=options, other=other)
    return gettext(
        "Many Hands: thank you! Which request do you mean? Please reply %(answers)s.",
        answers=options,
    )


def thanks_but(sentence: str) -> str:
    """Say to somebody who said yes why they could not be given a place."""
    return gettext("Many Hands: thank you for saying yes! %(why)s", why=sentence)


def person_reads(number: int | None) -> str:
    """Say that a person will read what we did not understand, and how to answer clearly."""
    if number is None:
        return gettext("Many Hands: thank you for your text. A person will read it.")
    return gettext(
        "Many Hands: a person will read your text. To help, reply %(number)d YES. "
        "If you cannot, reply %(number)d NO.",
        number=number,
    )
