"""How often somebody wants to be asked, as a text says it: "LESS", "2 A WEEK".

Only where the whole text says it, polite words aside, so that it can never be taken for a
yes, a no or a stop: "yes, 2 a week" is a yes, and "no more" is a stop.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.volunteers.rules import HowOften

MOST_WORDS: Final = 12
_NUMBERS: Final = {
    "one": 1, "once": 1, "two": 2, "twice": 2, "three": 3, "thrice": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "ten": 10,
}  # fmt: skip
_EMERGENCY: Final = r"emerg\w{2,7}"
_EMERGENCIES_ONLY: Final = re.compile(
    rf"(?:only|just)(?: \w+){{0,5}} {_EMERGENCY}|{_EMERGENCY} only|only in an {_EMERGENCY}"
    rf"|tylko nagle(?: wypadki)?|argyfwng yn unig|argyfyngau yn unig"
)
_TEXTS: Final = r"(?: (?:texts?|txts?|messages?|requests?|asks?))"
_LESS: Final = re.compile(
    rf"(?:a bit |much |even )?(?:less|fewer)(?: often| frequently|{_TEXTS})?"
    r"|(?:text|ask|message|txt)(?: me| us)? (?:less|fewer)(?: often)?(?: times)?"
    rf"|not so (?:often|many{_TEXTS}?)|(?:far |way )?too (?:often|(?:many|much){_TEXTS}?)"
    r"|mniej|rzadziej|llai"
)
_MORE: Final = re.compile(
    rf"more(?: often|{_TEXTS})?|(?:text|ask|message|txt) me more(?: often)?"
    r"|as often as you (?:like|want|need)(?: me| to)?|wiecej|czesciej|mwy"
)
_RATE: Final = re.compile(
    r"(?P<number>\d{1,3}|one|two|three|four|five|six|seven|ten)"
    r"(?: ?(?:x|times?|texts?|txts?|asks?|messages?|requests?))?"
    r" ?(?:a|per|each|every|in a) (?:week|wk)"
    r"|(?P<adverb>once|twice|thrice) (?:a|per|each|every|in a) (?:week|wk)"
    r"|(?P<weekly>\d{1,2}|one|two|three|four|five) weekly"
)
_GREETING: Final = re.compile(r"^(?:(?:please|pls|plz|hi|hello|ok|sorry|text me|ask me|for) )+")
# What may stand before and after it and changes nothing. "only" is an emergency's own word.
_LEAD: Final = re.compile(
    r"^(?:(?:please|pls|plz|hi|hello|ok|sorry|can you|could you|you can|i want|id like|i would like"
    r"|to|ask me|text me|only|just|max|maximum|limit|limit it|make it|set it|at most|up to"
    r"|no more than|not more than) )+"
)
_TAIL: Final = re.compile(
    r"(?: (?:please|pls|plz|thanks|thank you|ta|cheers|max|maximum|at most|x|now|from now on))+$"
)


def how_often(words: Sequence[str]) -> HowOften | None:
    """What the words of a whole text, folded, wish to change about how often, if only that."""
    if len(words) > MOST_WORDS:
        return None
    said = _TAIL.sub("", " ".join(words))
    core = _LEAD.sub("", said)
    if _EMERGENCIES_ONLY.fullmatch(_GREETING.sub("", said)):
        return HowOften(per_week=0)
    if rate := _RATE.fullmatch(core):
        number = rate["number"] or rate["adverb"] or rate["weekly"]
        return HowOften(per_week=_NUMBERS[number] if number in _NUMBERS else int(number))
    if _LESS.fullmatch(core):
        return HowOften(step=-1)
    if _MORE.fullmatch(core):
        return HowOften(step=1)
    return None
