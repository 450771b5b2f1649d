"""What a text from a volunteer means, and which request it answers.

Pure: the words are data in `inbox.words`; here they are found and weighed. What is not clear
is never guessed: it is `unclear` or a `question`, and goes to a person. The exception is a
stop, see `stopping`: what may be one is one.

In order: a text that only says how often to ask. A wish to stop wins over all else. START
and HELP count only alone. A yes and a no together are unclear. A question is a question,
whatever else is said. Doubt ("maybe", "if I can") is unclear. Then a yes is a yes and a no
is a no. A mere "ok" or a thumb is a yes only where nothing else is said; beside thanks it is
good manners. Last of all, what would be unclear may say that its sender is here, or has left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.inbox.rules.arriving import Presence, presence_in
from app.inbox.rules.frequency import how_often
from app.inbox.rules.numbers import request_number
from app.inbox.rules.quotes import own_words
from app.inbox.rules.signs import Found, clauses_of, longest_at, shortened, signs_of
from app.inbox.rules.stopping import Wish, is_stop_alone, wish_of
from app.inbox.rules.tokens import Token, tokens_of
from app.inbox.words import (
    BESIDE_A_LONE_STOP,
    OF_SOMEBODY_ELSE,
    STOP_SIGNS,
    THUMBS_DOWN,
    THUMBS_UP,
    Sign,
)
from app.volunteers.rules import HowOften

# How long after an ask a bare no is still taken for its answer.
ANSWER_EXPECTED = timedelta(hours=12)


class Meaning(StrEnum):
    """What a text was taken to mean."""

    yes = "yes"
    no = "no"
    stop = "stop"
    start = "start"
    help = "help"
    often = "often"
    here = "here"
    gone = "gone"
    question = "question"
    unclear = "unclear"


_PRESENT: Final[dict[Presence | None, Meaning]] = {
    Presence.HERE: Meaning.here,
    Presence.GONE: Meaning.gone,
}
_ILL_OMENS: Final = STOP_SIGNS | THUMBS_DOWN


@dataclass(frozen=True)
class Understanding:
    """A text's meaning, and the request number (1 to 9999) that it names, if any.

    `says_more` is true of a stop beside which something else is said, such as a yes or a
    question: it is a stop all the same, and a person reads it too. `is_ok` is true of a mere
    "ok" or a thumb, thanks or not ("ok thanks"): the answer that a reminder asks for, and a
    weak one to anything else.
    """

    meaning: Meaning
    number: int | None
    how_often: HowOften | None = None
    says_more: bool = False
    is_ok: bool = False


def understand(text: str) -> Understanding:
    """Read a text of any length, in time in proportion to it."""
    tokens = [shortened(token) for token in tokens_of(own_words(text))]
    found = signs_of(tokens)
    number = request_number(tokens, found)
    said = [token.text for token in tokens if token.kind in ("word", "number", "figures")]
    wish = how_often(said)
    if wish is not None:
        return Understanding(Meaning.often, None, wish)
    meaning = _meaning(tokens, found)
    says_more = meaning is Meaning.stop and _says_more(tokens, found)
    if meaning is Meaning.unclear and not any(token.text in _ILL_OMENS for token in tokens):
        meaning = _PRESENT.get(presence_in(said), meaning)
    is_ok = meaning in (Meaning.yes, Meaning.unclear) and _is_ok(tokens, found)
    return Understanding(meaning, number, says_more=says_more, is_ok=is_ok)


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


def _meaning(tokens: list[Token], found: list[Found]) -> Meaning:
    wishes = _wishes(tokens)
    if _wants_to_stop(tokens, found, wishes):
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
    no = no or downs > 0 or said == {Sign.WEAK_NO} or Wish.ONE_SHIFT in wishes.values()
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


def _is_ok(tokens: list[Token], found: list[Found]) -> bool:
    """Whether nothing is said but "ok" or thumbs up, with courtesies or without."""
    signs = {each.sign for each in found if tokens[each.first].kind == "word"}
    ups = any(token.text in THUMBS_UP for token in tokens)
    downs = any(token.text in THUMBS_DOWN for token in tokens)
    asks = any(token.kind == "question" for token in tokens)
    plain = signs <= {Sign.WEAK_YES, Sign.THANKS, Sign.FILLER}
    return plain and (Sign.WEAK_YES in signs or ups) and not downs and not asks


def _wishes(tokens: list[Token]) -> dict[int, Wish]:
    """What is to be got rid of: the wish of each clause that has one, by every token in it."""
    wishes: dict[int, Wish] = {}
    clause: list[int] = []
    for at, token in enumerate([*tokens, Token("break", ".")]):
        if token.kind in ("word", "number", "figures"):
            clause.append(at)
        elif token.kind in ("break", "question"):
            wish = wish_of(" ".join(tokens[one].text for one in clause)) if clause else None
            wishes |= dict.fromkeys(clause, wish) if wish else {}
            clause = []
    return wishes


def _wants_to_stop(tokens: list[Token], found: list[Found], wishes: dict[int, Wish]) -> bool:
    if Wish.OUR_TEXTS in wishes.values():
        return True
    # A phrase counts even where the word before it could begin an idiom.
    if any(longest_at(tokens, at)[0] is Sign.STOP for at in range(len(tokens))):
        return True
    polite = (Sign.FILLER, Sign.THANKS)
    bare = [
        token.text
        for each in found
        if each.sign not in polite
        for token in tokens[each.first : each.after]
        if token.kind in ("word", "number", "figures")
    ]
    if is_stop_alone(bare):
        return True
    if any(token.text in STOP_SIGNS for token in tokens) and not bare:
        return True
    return _is_lone_stop(tokens, found)


def _is_lone_stop(tokens: list[Token], found: list[Found]) -> bool:
    """Whether the text is "END" or the like, with no more than a courtesy around it."""
    said = [
        (each.sign, " ".join(token.text for token in tokens[each.first : each.after]))
        for each in found
        if tokens[each.first].kind in ("word", "number", "figures")
    ]
    return any(sign is Sign.LONE_STOP for sign, _ in said) and all(
        sign in (Sign.LONE_STOP, Sign.THANKS) or words in BESIDE_A_LONE_STOP for sign, words in said
    )


# So many words beside a stop that say neither it nor a courtesy are worth a person's look.
_MUCH_MORE: Final = 3


def _says_more(tokens: list[Token], found: list[Found]) -> bool:
    """Whether a person should read a stop: it also says yes, asks, or tells a story."""
    wishes = _wishes(tokens)
    words = [each for each in found if tokens[each.first].kind == "word"]
    beside = [each for each in words if each.first not in wishes]
    return (
        any(each.sign is Sign.YES for each in words)
        or any(each.sign in (Sign.CLAIM, Sign.ASK, Sign.FIRST_ASK) for each in beside)
        or sum(_is_a_word(tokens, each) for each in beside) >= _MUCH_MORE
        or any(token.text in OF_SOMEBODY_ELSE for token in tokens)
        or any(token.kind == "question" for token in tokens)
    )


def _is_a_word(tokens: list[Token], found: Found) -> bool:
    """Whether it is a word that the table does not know, and no letter of "s t o p"."""
    return found.sign is None and len(tokens[found.first].text) > 1


def _answers(tokens: list[Token], found: list[Found]) -> tuple[bool, bool, bool]:
    """Whether a yes, a no and a doubt are said."""
    yes = no = doubt = False
    words = [each for each in found if tokens[each.first].kind == "word"]
    for clause in clauses_of(tokens, words):
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


def _asks(tokens: list[Token], found: list[Found]) -> bool:
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
