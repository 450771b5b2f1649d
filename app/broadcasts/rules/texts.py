"""A request's short number, and the words that are drafted for its text: pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from app.foundation.sentences import gettext

_WORDS: Final = re.compile(r"\w+")


def free_number(taken: Collection[int], after: int) -> int:
    """The next short number for a request: two digits while there are some free.

    Goes round from the last one given, so that a number comes back as late as can be.
    """
    for last in (99, 999, 9999):
        candidates: list[int] = [
            *range(max(10, after + 1), last + 1),
            *range(10, min(after, last) + 1),
        ]
        for number in candidates:
            if number not in taken:
                return number
    raise ValueError("Every request number is in use.")


def how_to_answer(number: int) -> str:
    """The end of each asking text; how to stop is added for whoever was not told lately."""
    return gettext("Reply %(number)d YES or %(number)d NO.", number=number)


def draft_text(group: str, roles: Sequence[str], when: str, where: str, number: int) -> str:
    """The drafted text of a request, in one segment where the names allow it."""
    first, *others = dict.fromkeys(roles)
    role = first[:1].upper() + first[1:]
    for other in others:
        role = gettext("%(one)s or %(other)s", one=role, other=_inside(other))
    asks = gettext(
        "%(group)s: can you help? %(role)s, %(when)s, %(where)s.",
        **{"group": group, "role": role, "when": when, "where": where},
    )
    return f"{asks} {how_to_answer(number)}"


def in_other_words(text: str, draft: str, ending: str, their_draft: str, their_ending: str) -> str:
    """A request's text in another language, as far as its words are ours.

    What was drafted and left as it was is `their_draft`; of what a person wrote, only our
    `ending`, which tells how to answer, is said in their language.
    """
    if text == draft:
        return their_draft
    return text.replace(ending, their_ending)


def _inside(role: str) -> str:
    """A role's name as it stands inside a sentence: "IT helper" keeps its letters."""
    return role if role[1:2].isupper() else role[:1].lower() + role[1:]


def names_request(text: str, number: int) -> bool:
    """Whether a text tells people how to answer this request."""
    return re.search(rf"(?<!\d){number} YES\b", text.upper()) is not None


def names_sender(text: str, groups: Sequence[str]) -> bool:
    """Whether a text says who it is from: a telling word of a group's name, or Many Hands."""
    said = set(_WORDS.findall(text.casefold()))
    names = [set(_WORDS.findall(name.casefold())) for name in groups]
    telling = [{word for word in name if len(word) > 3} or name for name in names]
    return {"many", "hands"} <= said or any(name & said for name in telling)


def filled_text(group: str, number: int) -> str:
    """What those hear who were asked and have not answered, once every place is taken."""
    return gettext(
        "%(group)s: thank you! Request %(number)d is filled now, so you need not answer.",
        group=group,
        number=number,
    )
