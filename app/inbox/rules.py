"""What a text from a volunteer means, and which request it answers.

Pure: the words are data in `words`; here they are found and weighed. What is not clear is
never guessed: it is `unclear` or a `question`, and goes to a person.

In order: a clear wish to stop wins over everything. START and HELP count only alone. A yes
and a no together are unclear. A question is a question, whatever else is said. Doubt
("maybe", "if I can") is unclear. Then a yes is a yes and a no is a no. A mere "ok" or a
thumb is a yes only where nothing else is said; beside thanks it is good manners.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.inbox.words import (
    NAMES_A_REQUEST,
    NOT_A_REQUEST_AFTER,
    NOT_A_REQUEST_BEFORE,
    PHRASES,
    THUMBS_DOWN,
    THUMBS_UP,
    Sign,
)

# How long after an ask a bare no is still taken for its answer.
ANSWER_EXPECTED = timedelta(hours=12)


class Meaning(StrEnum):
    """What a text was taken to mean."""

    yes = "yes"
    no = "no"
    stop = "stop"
    start = "start"
    help = "help"
    question = "question"
    unclear = "unclear"


@dataclass(frozen=True)
class Understanding:
    """A text's meaning, and the request number (1 to 9999) that it names, if any."""

    meaning: Meaning
    number: int | None


@dataclass(frozen=True)
class _Token:
    kind: str  # word, number, figures, hash, question, break, emoji
    text: str
    glued: bool = False  # stands against the token before it, without a space


@dataclass(frozen=True)
class _Found:
    sign: Sign | None  # None: a word that the table does not know
    first: int
    after: int


# Each branch takes whole runs and none can be read two ways, so that reading a text takes
# time in proportion to its length.
_TOKENS = re.compile(
    r"""(?P<figures>[£$€+]\s*\d+|[/=]\d+|\d+(?:[:./⁄-]\d+)+)
      | (?P<number>\d+)
      | (?P<word>(?:[^\W\d_]|[\u0900-\u0dff])+)
      | (?P<hash>\#)
      | (?P<question>[?؟❓❔])
      | (?P<break>[.,;:!()\n।–—]|-(?=\s))
      | (?P<space>\s+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_APOSTROPHES = re.compile("['‘’`´ʼ′]")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_DIGIT = re.compile(r"\d")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f]")


def _folded(text: str) -> str:
    """The text without case, accents, apostrophes, skin tones and exotic digits."""
    text = _INVISIBLE.sub("", _APOSTROPHES.sub("", text))
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return _DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), text)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    glued = False
    for found in _TOKENS.finditer(_folded(text)):
        kind = found.lastgroup or "other"
        if kind == "other" and unicodedata.category(found[0]) in ("So", "Cs"):
            kind = "emoji"
        if kind in ("space", "other"):
            glued = False
            continue
        tokens.append(_Token(kind, found[0], glued))
        glued = True
    return tokens


def _read_table() -> dict[tuple[str, ...], Sign]:
    table: dict[tuple[str, ...], Sign] = {}
    for sign, phrases in PHRASES.items():
        for phrase in phrases.split(","):
            words = tuple(token.text for token in _tokens(" ".join(phrase.split())))
            if words and table.setdefault(words, sign) is not sign:
                raise ValueError(f"{phrase.strip()!r} is listed as {table[words]} and {sign}.")
    return table


_TABLE = _read_table()
_LONGEST = max(len(words) for words in _TABLE)


def understand(text: str) -> Understanding:
    """Read a text of any length, in time in proportion to it."""
    tokens = [_shortened(token) for token in _tokens(text)]
    found = _signs(tokens)
    return Understanding(_meaning(tokens, found), _request_number(tokens, found))


def choose_request(open_numbers: Sequence[int], named: int | None) -> int | None:
    """Which open request a reply answers, or None where the sender must be asked.

    `open_numbers` are the requests open to the phone that wrote. A named number counts
    when it is one of them, and never stands for another. A bare reply counts when only one
    request is open; with more, the answer asks which.
    """
    if named is not None:
        return named if named in open_numbers else None
    return open_numbers[0] if len(open_numbers) == 1 else None


def answers_the_ask(asked_at: datetime, confirmed_at: Sequence[datetime], now: datetime) -> bool:
    """Whether a bare no answers a request that has ended, rather than gives up a place.

    It does when nothing is held that it could give up, or when the request was
    the last that we wrote of, and no more than twelve hours ago. All moments
    are aware; `confirmed_at` are those at which the coming places were given.
    """
    if not confirmed_at:
        return True
    return asked_at > max(confirmed_at) and now - asked_at <= ANSWER_EXPECTED


def _shortened(token: _Token) -> _Token:
    """A drawn-out word as it is in the table: "yeeees" is yes."""
    if token.kind != "word" or (token.text,) in _TABLE:
        return token
    return _Token("word", _DRAWN_OUT.sub(r"\1", token.text), token.glued)


def _longest_at(tokens: list[_Token], at: int) -> tuple[Sign | None, int]:
    for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
        sign = _TABLE.get(tuple(token.text for token in tokens[at : at + length]))
        if sign is not None:
            return sign, length
    return None, 1


def _signs(tokens: list[_Token]) -> list[_Found]:
    found: list[_Found] = []
    at = 0
    while at < len(tokens):
        sign, length = _longest_at(tokens, at)
        if tokens[at].text == "stop" and sign is Sign.IDIOM and at == 0:
            sign, length = Sign.BARE_STOP, 1  # "stop for now" is no idiom
        if sign is Sign.NO and _numbers_something(tokens, at):
            sign = Sign.FILLER  # "no. 27 yes" names number 27
        found.append(_Found(sign, at, at + length))
        at += length
    return found


def _numbers_something(tokens: list[_Token], at: int) -> bool:
    """Whether a "no." is short for number: a full stop, a number, and then an answer."""
    kinds = [token.kind for token in tokens[at + 1 : at + 3]]
    if tokens[at].text != "no" or kinds != ["break", "number"] or tokens[at + 1].text != ".":
        return False
    after = at + 3
    while after < len(tokens) and tokens[after].kind == "break":
        after += 1
    answers = (Sign.YES, Sign.CLAIM, Sign.NO, Sign.CANT)
    return after < len(tokens) and _longest_at(tokens, after)[0] in answers


def _meaning(tokens: list[_Token], found: list[_Found]) -> Meaning:
    if _wants_to_stop(tokens, found):
        return Meaning.stop
    signs = {each.sign for each in found if tokens[each.first].kind == "word"}
    said = signs - {Sign.FILLER, Sign.THANKS}
    if said == {Sign.START}:
        return Meaning.start
    if said == {Sign.HELP}:
        return Meaning.help

    yes, no, doubt = _answers(tokens, found)
    ups = sum(token.text in THUMBS_UP for token in tokens)
    downs = sum(token.text in THUMBS_DOWN for token in tokens)
    no = no or downs > 0 or said == {Sign.WEAK_NO}
    thumbs = ups > 0 and ups * 2 >= sum(token.kind == "emoji" for token in tokens)
    if not yes and not no and said <= {Sign.WEAK_YES} and Sign.THANKS not in signs:
        yes = thumbs or Sign.WEAK_YES in said
    if no and (yes or ups > 0):
        return Meaning.unclear
    if _asks(tokens, found):
        return Meaning.question
    if doubt or (yes == no):
        return Meaning.unclear
    return Meaning.yes if yes else Meaning.no


def _wants_to_stop(tokens: list[_Token], found: list[_Found]) -> bool:
    # A phrase counts even where the word before it could begin an idiom: "you can stop texting".
    if any(_longest_at(tokens, at)[0] is Sign.STOP for at in range(len(tokens))):
        return True
    words = [each for each in found if tokens[each.first].kind == "word"]
    polite = (Sign.FILLER, Sign.THANKS, Sign.LONE_STOP)
    if any(each.sign is Sign.LONE_STOP for each in words) and all(
        each.sign in polite for each in words
    ):
        return True
    if words and words[0].sign is Sign.BARE_STOP:
        return True
    return any(
        any(each.sign is Sign.BARE_STOP for each in clause)
        and (
            sum(each.after - each.first for each in clause) <= 3
            or all(each.sign in (*polite, Sign.BARE_STOP) for each in clause)
        )
        for clause in _clauses(tokens, words)
    )


def _clauses(tokens: list[_Token], found: list[_Found]) -> list[list[_Found]]:
    """The signs, parted at punctuation and at words such as "but"."""
    clauses: list[list[_Found]] = [[]]
    before = 0
    for each in found:
        parted = any(token.kind in ("break", "question") for token in tokens[before : each.first])
        if parted or each.sign is Sign.BUT:
            clauses.append([])
        clauses[-1].append(each)
        before = each.after
    return clauses


def _answers(tokens: list[_Token], found: list[_Found]) -> tuple[bool, bool, bool]:
    """Whether a yes, a no and a doubt are said."""
    yes = no = doubt = False
    words = [each for each in found if tokens[each.first].kind == "word"]
    for clause in _clauses(tokens, words):
        turned = False  # a "not" or "can't" stands before, in this clause
        for each in clause:
            if each.sign is Sign.YES:
                yes = True
            elif each.sign is Sign.CLAIM:
                no, yes = no or turned, yes or not turned
            elif each.sign in (Sign.NO, Sign.CANT):
                no = True
            elif each.sign is Sign.UNSURE:
                doubt = True
            turned = turned or each.sign in (Sign.NO, Sign.CANT, Sign.NOT)
    return yes, no, doubt


def _asks(tokens: list[_Token], found: list[_Found]) -> bool:
    covered = {
        at for each in found if each.sign is Sign.YES for at in range(each.first, each.after)
    }
    if any(token.kind == "question" and at not in covered for at, token in enumerate(tokens)):
        return True
    if any(each.sign is Sign.ASK for each in found):
        return True
    opening = [
        each
        for each in found
        if tokens[each.first].kind == "word" and each.sign not in (Sign.FILLER, Sign.THANKS)
    ]
    return bool(opening) and opening[0].sign is Sign.FIRST_ASK


_ANSWERS = frozenset(
    {Sign.YES, Sign.CLAIM, Sign.WEAK_YES, Sign.NO, Sign.CANT, Sign.WEAK_NO}
    | {Sign.STOP, Sign.BARE_STOP}
)


def _request_number(tokens: list[_Token], found: list[_Found]) -> int | None:
    """The one number that names a request.

    It stands at either end of the text or beside the answer, polite words aside, or is
    marked as a number; and does not plainly count or time something.
    """
    signs: list[Sign | None] = [None] * len(tokens)
    for each in found:
        signs[each.first : each.after] = [each.sign] * (each.after - each.first)
    named, placed = set(), set()
    for at, token in enumerate(tokens):
        if token.kind != "number" or not _may_name(tokens, signs, at):
            continue
        if _is_marked(tokens, at):
            named.add(int(token.text))
        elif _is_placed(tokens, signs, at):
            placed.add(int(token.text))
    numbers = named or placed
    return numbers.pop() if len(numbers) == 1 else None


def _may_name(tokens: list[_Token], signs: list[Sign | None], at: int) -> bool:
    token = tokens[at]
    if len(token.text) > 4 or token.text.startswith("0"):
        return False
    before = tokens[at - 1] if at else None
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if before and before.kind in ("number", "figures") and len(before.text + token.text) >= 7:
        return False  # a phone number in groups
    if after and after.kind in ("number", "figures") and len(token.text + after.text) >= 7:
        return False
    if before and before.text in NOT_A_REQUEST_AFTER:
        return False
    if at > 1 and tokens[at - 2].kind == "number":
        timed = at > 2 and tokens[at - 3].text in NOT_A_REQUEST_AFTER
        if tokens[at - 1].text == "to" or (timed and tokens[at - 1].text in ("and", "or")):
            return False  # 6 to 8, between 6 and 8
    if after and after.text in NOT_A_REQUEST_BEFORE:
        return False
    if before and before.kind == "word" and token.glued and not _belongs(signs, at - 1, before):
        return False  # a postcode: LE11
    return not (
        after and after.kind == "word" and after.glued and not _belongs(signs, at + 1, after)
    )


def _belongs(signs: list[Sign | None], at: int, token: _Token) -> bool:
    if signs[at] in _ANSWERS or token.text in NAMES_A_REQUEST:
        return True
    return signs[at] is Sign.FILLER and len(token.text) > 2  # "yes27pls", but not "5XX"


def _is_marked(tokens: list[_Token], at: int) -> bool:
    """Whether a "#", "no." or "request" stands before the number."""
    before = at - 1
    if before > 0 and tokens[before].text in ".:":
        before -= 1
    return at > 0 and (
        tokens[before].kind == "hash"
        or (tokens[before].text in NAMES_A_REQUEST and tokens[before].text != "no")
    )


def _is_placed(tokens: list[_Token], signs: list[Sign | None], at: int) -> bool:
    for step in (-1, 1):
        beside = at + step
        while 0 <= beside < len(tokens) and _is_empty(tokens[beside], signs[beside]):
            beside += step
        if not 0 <= beside < len(tokens) or signs[beside] in _ANSWERS:
            return True
    return False


def _is_empty(token: _Token, sign: Sign | None) -> bool:
    return token.kind in ("break", "hash", "emoji") or sign in (Sign.FILLER, Sign.THANKS)
