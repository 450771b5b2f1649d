"""What a sender wrote themselves: without our own text, which some phones send back."""

from __future__ import annotations

import re
from typing import Final

# The line from which on a text is somebody else's: a mail program's or a phone's quoting.
_QUOTED_FROM: Final = re.compile(
    r"""^\s*(?:
        -{2,}\s*(?:original|forwarded)\b.* | _{5,}.* | begin\ forwarded\ message:.*
      | on\ .{1,120}\ wrote:.* | from:\ .* | sent\ from\ (?:my|outlook|yahoo|mail)\b.*
      | get\ outlook\ for\b.*
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
# A tap on our text, as phones of the other kind are told of it: Liked “Food bank: can you ...”.
_REACTION: Final = re.compile(
    r"^\s*((?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned"
    r"|removed an? [\w ]{1,20} from|reacted \S{1,8} to|\S{1,8} to))\s*[“\"«].*[”\"»]?\s*$",
    re.IGNORECASE | re.DOTALL,
)
# The end of our own asks (broadcasts.rules.how_to_answer), typed or sent back.
# The words around the numbers and around STOP are those of each language's catalogue.
_REPLY: Final = "reply|odpisz|જવાબ:|ਜਵਾਬ:|جواب:"
_OR: Final = "or|lub|કે|ਜਾਂ|یا"
_STOP: Final = "|".join(
    (
        r"(?:reply )?stop to opt out\b\.?",
        r"rezygnacja: odpisz stop\b\.?",
        r"બંધ કરવા stop લખો\.?",
        r"ਬੰਦ ਕਰਨ ਲਈ stop ਲਿਖੋ।?",
        r"بند کرنے کے لیے stop لکھیں۔?",
    )
)
_OUR_FOOTER: Final = re.compile(
    rf"(?:{_REPLY}) \d{{1,4}} yes (?:{_OR}) \d{{1,4}} no\b[.۔।\s]*(?:{_STOP})?", re.IGNORECASE
)


def own_words(text: str) -> str:
    """The text without what it quotes of ours; where all of it is marked as quoted, all of it.

    Lines marked with ">", all from "On Tuesday ... wrote:" on, the words inside a reaction
    ("Liked “...”") and the end of our asks go.
    """
    reaction = _REACTION.match(text)
    if reaction:
        return reaction[1]
    kept = []
    for line in text.splitlines():
        if _QUOTED_FROM.match(line):
            break
        if not line.lstrip().startswith((">", "&gt;")):
            kept.append(line)
    said = "\n".join(kept)
    return _OUR_FOOTER.sub(" ", said if said.strip() else text)
