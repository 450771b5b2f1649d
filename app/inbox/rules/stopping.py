"""Whether a text asks us to stop writing, however it is put.

An error here weighs unevenly: a text after a STOP breaks the law and a promise, an opt-out
that was not meant is told to its sender at once, with how to take it back (START). So what
may be a wish to stop is taken for one. Where the text says more than that, a person reads
it as well; `understanding` sees to it.

A clause is the words between two marks, folded (see `tokens`), joined by single spaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Final

from app.inbox.rules.tokens import folded


class Wish(Enum):
    """What a clause wants to be rid of."""

    OUR_TEXTS = auto()
    ONE_SHIFT = auto()  # "take me off the rota": gives up a place, and is no opt-out


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_PLEASE: Final = frozenset(
    ["please", "pls", "plz", "plse", "pleas", "pleaz", "plis", "kindly", "just", "now", "already"]
)
_OUR: Final = (
    r"(?: (?:all|the|these|this|those|them|your|ur|any|more|of|me|my|us|it|that|to|from|you|other"
    r"|sending|getting|receiving|further|so many|silly|bloody|stupid|fucking))*"
)
_TEXTS: Final = (
    r"(?:te?xts?|te?xting|txtin|texing|texted|text messages?|sms|mess?ages?|mess?aging|msgs?"
    r"|msging|notifications?|notifying|alerts?|requests?|reminders?|spam|spamming|e?mails?"
    r"|e?mailing|contact|contacting|whatsapps?|asks)"
)
_THIS: Final = (
    r"(?: (?:it|this|that|these|those|them|all|doing|with|being|so|much|at once|ok|right))*"
)
_NOT: Final = r"(?:dont|do not|didnt|no longer|never|not|doesnt)"
# Who is taken off: the sender, or somebody whose phone this was.
_SOMEBODY: Final = (
    r"(?:me|us|him|her|them|(?:my|our|his|her|their|the|this) (?:phone |mobile )?"
    r"(?:number|numbers|no|num|nr|name|names|details|data|phone|mobile|contact|info|account|mum"
    r"|mom|mother|dad|father|husband|wife|son|daughter|brother|sister|partner|nan|gran|grandad"
    r"|late \w+)|(?:phone |mobile )?number)"
)
# Parts of a rota: to be taken off these gives up a place and no more.
_OF_A_ROTA: Final = re.compile(
    r"\b(?:rotas?|shifts?|slots?|session|round|duty|waiting|queue|job|place|one|run|request|next"
    r"|tonights?|todays?|tomorrows?|tmrw|week|weekend|morning|afternoon|evening|\d+\w*"
    r"|mon|tues?|weds?|thur?s?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|january|february|march|april|june|july|august|september|october|november|december)\b"
)
_TAKE_OFF: Final = _any_of(
    rf"\b(?:remove|removing|delete|erase|forget|unlist|deregister) {_SOMEBODY}\b(?P<from>.*)",
    r"\b(?:remove|delete|take)(?: off| from)+ (?:the |your |this |ur )?(?P<what>list.*)",
    rf"\b(?:take|cross|scratch|strike|keep|want) {_SOMEBODY} (?:off|out of)\b(?P<off>.*)",
)
# A wish wherever it stands in a clause.
_CLEAR: Final = _any_of(
    rf"\bstop{_OUR} (?:{_TEXTS}|asking|bothering|hara?ssing|hassling|annoying|bugging|pestering"
    r"|calling|phoning|ringing|subscriptions?|sending|nagging|everything)\b",
    r"(?<!\bi )(?<!\bwe )(?<!\bthey )\b(?:dont|do not|never|not to|shouldnt|must not)"
    r"(?: ever| you)? (?:text|txt|msg|message|sms|contact|email|notify|disturb|bother|whatsapp)"
    r"\b(?! and drive| while driv| you\b)",
    r"(?<!\bi )(?<!\bwe )\b(?:dont|do not|never)(?: ever| you)? (?:ask me again"
    rf"|send(?: me| us)?{_OUR}(?:$| (?:{_TEXTS}|anything|again)\b))",
    rf"\b{_NOT}(?: \w+)? (?:want(?:ed)?|wish|need|like|wanna|consent(?:ed)?|agreed?|ask(?:ed)?)"
    r"(?: (?:to|get|receive|receiving|getting|have|be|hear|from|for|sent|on|read|see|any|more"
    r"|these|those|your|ur|the|further|of|this|such|lots|so|many|me|you|sending))*"
    rf" (?:{_TEXTS}|list|contacted|texted|messaged|from you|bothered)\b",
    r"\b(?:dont|do not|no longer)(?: really)? (?:want|wish|wish for|need|like)"
    r"(?: to)?(?: get| have| receive| be sent)?(?: any(?: more)? of)?"
    r" (?:these|this|them|those)(?: any ?more| at all| again)?$",
    r"\b(?:do not|dont|never) (?:give |gave )?(?:consent|signed? up|subscribed?)\b",
    r"\b(?:withdraw|withdrawing|revoke|revoking|cancel) (?:my |all )?consent\b",
    r"\b(?:no longer|not|dont|do not|stopped|given up|finished|retired from|left)"
    r"(?: want to| wanting to| wish to| a| able to)? volunteer(?:s|ing)?"
    r"(?: with you| for you| at all)?(?: any ?more)?$",
    rf"^no more{_OUR} (?:{_TEXTS})\b",
    r"^no more(?: of)?(?: these| this| that| thanks| thank you| ta)?$",
    rf"^no {_TEXTS}(?: thanks| thank you| ta| to me| to this number)?$",
    r"\b(?:get|want|go|come)(?: me| us| him| her)? off (?:this|your|the|ur)"
    r" (?:list|mailing list|texts?|text list)\b",
    r"\bnot (?:be |being )?on (?:this|your|the|ur) list\b",
    r"\bunsub\w*\b|\bun ?s?subs?cri?be?d?\b|\bdad ?danysgrifi\w*\b",
    r"\b(?:opt|opts|opted|opting)(?: me| us| this number)? ?out\b|\boptout\b|\brevoke\b",
    r"\bleave (?:me|us) alone\b",
    r"\b(?:go away|get lost|piss off|pee off|sod off|f off|fuck off|bugger off|clear off)\b",
    r"\bthis is spam\b|\bblock(?:ing|ed)? (?:you|this number|your number|u)\b",
    r"\bcancel(?: all| my| these| the| your| this)* (?:texts?|messages?|subscription|txts?)\b",
    r"\b(?:end|quit)(?: all| the| these)* (?:texts?|messages?|texting|txts?)\b",
    r"\bcancel all$|^i quit$",
)
# A wish at the end of its clause only: "can you stop", but not "can you stop at the shop".
_FINAL: Final = _any_of(
    r"\b(?:can|could|will|would|cant|wont|should|do|must) (?:you|u|ya|yous|this|these|it|they)"
    rf"(?: all| not)? stop{_THIS}$",
    rf"\b(?:said|told|asked|ask|asking|telling|tell|begging|beg)(?: \w+){{0,3}} stop{_THIS}$",
    r"\b(?:want|wants|wanted|wish|wishing|like|love|need|prefer|make|made|get)"
    r"(?: (?:you|u|this|these|it|them|all|texts|messages|the|for|your|that|to))*"
    rf" stop(?: getting| receiving| being| volunteering| having)?{_THIS}(?: {_TEXTS})?$",
    r"\bhow (?:do|can|could|would|to|does|shall)(?: i| we| you| one| u)?(?: make| get)?"
    r"(?: you| this| these| them| it| the texts| those| texts)*(?: to)?"
    r" (?:stop|unsubscribe|leave|end|get off|come off)"
    r"(?: (?:getting|receiving|all|the|these|this|those|your|it|them|texts?|messages?|list|from"
    r"|you))*$",
    r"\b(?:who is|whos|who are|who r) (?:this|that|you|u) stop$",
    r"\b(?:sake|hell|christ|god|ffs|fgs|thanks|thank you|thankyou|ta|no|sorry|number|person|omg)"
    rf" stop{_THIS}$",
    r"^stop for(?: good| ever| today| the moment| a while)?$|^stop until further notice$",
)
# With the word beside one of these a bus stops, or somebody on the way.
_NO_WISH: Final = _any_of(
    r"\b(?:bus|tram|coach|train|taxi|non|one|full|pit|next|last|first|the|a|an|my|your|his|her"
    r"|same|right|wrong|which|what|wot|where|each|every|long|short|quick|petrol|toilet|comfort"
    r"|to|i|ill|id|we|he|she|they|cant|cannot|can not|dont|do not|didnt|did not|wont|will not"
    r"|never|couldnt|could not|wouldnt|would not|doesnt|does not|nobody|not|can|will|would|could"
    r"|should|might|may|must|does|did|rain|it|that|nothing) stops?\b",
    r"\bstop (?:by|off|over|at|worrying|thinking|raining|snowing|talking|working|being silly|me"
    r"|us|myself|laughing|crying|fussing|shops?|and think|for|until|till|on|in|here|there|and|to"
    r"|near|outside|opposite|along|with|before|after)\b",
)
_STOP: Final = (
    r"(?:stop|stopp|stp|stpo|sotp|stoop|sstop|sttop|tsop|atop|stopall|stopio|stopiwch|stopia"
    r"|peidiwch|przestan|przestancie|стоп|स्टॉप|स्टाप|સ્ટોપ|ਸਟਾਪ|ਸਟੌਪ|سٹاپ|স্টপ)"
)
_BARE: Final = re.compile(rf"(?<!\S){folded(_STOP)}(?!\S)")
_OPENS: Final = re.compile(rf"^{folded(_STOP)}(?!\S)")
MOST_WORDS_ABOUT_IT: Final = 3

# The whole text squeezed: "s t o p", "st op", "5t0p", "stopstopstop".
_SQUEEZED: Final = re.compile(r"(?:s+t+o+p+(?:all|now)?)+")
_LEET: Final = str.maketrans({"0": "o", "5": "s", "7": "t"})
# Which keys stand beside each of the word's letters.
_NEAR: Final = {"s": "awedxz", "t": "ryfgh", "o": "ipkl90", "p": "ol0"}
_REAL_WORDS: Final = frozenset(
    ["step", "stops", "strop", "shop", "stow", "top", "sop", "slop", "swop", "sto", "stoup"]
)


def wish_of(clause: str) -> Wish | None:
    """What one clause of a text wants to be rid of, if anything."""
    words = [word for word in clause.split() if word not in _PLEASE]
    said = " ".join(words)
    off = _TAKE_OFF.search(said)
    if off:
        rest = off["from"] or off["off"] or off["what"] or ""
        return Wish.ONE_SHIFT if _OF_A_ROTA.search(rest) else Wish.OUR_TEXTS
    if _CLEAR.search(said) or _FINAL.search(said):
        return Wish.OUR_TEXTS
    if _BARE.search(said) and not _NO_WISH.search(said):
        short = len(words) <= MOST_WORDS_ABOUT_IT
        return Wish.OUR_TEXTS if short or _OPENS.match(said) else None
    return None


def is_stop_alone(words: Sequence[str]) -> bool:
    """Whether all that is said is the word STOP, misspelt, mistyped or spaced out.

    `words` are those of the whole text, figures too, without the polite ones.
    """
    squeezed = "".join(words).translate(_LEET)
    return bool(_SQUEEZED.fullmatch(squeezed)) or (len(words) == 1 and words[0] in _MISTYPED)


def _one_slip_away(word: str, near: Mapping[str, str]) -> frozenset[str]:
    """What a thumb makes of a word: a letter lost, doubled, swapped, or its neighbour hit."""
    made = set()
    for at, letter in enumerate(word):
        before, after = word[:at], word[at + 1 :]
        made.add(before + after)
        if after:
            made.add(before + after[0] + letter + after[1:])
        for key in letter + near[letter]:
            made |= {
                before + key + after,
                before + key + letter + after,
                before + letter + key + after,
            }
    return frozenset(made)


_MISTYPED: Final = _one_slip_away("stop", _NEAR) - _REAL_WORDS
